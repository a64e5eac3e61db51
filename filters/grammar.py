"""What the parsers of this room share: bounds that keep hostile text cheap, and two ways to refuse."""

MAX_CHARACTERS = 500
MAX_DEPTH = 30


class UnreadableError(ValueError):
    """The text is not in the grammar: not a claim, so nothing to judge."""


class TooLargeError(ValueError):
    """The text may be in the grammar, but is beyond the bounds: a claim that cannot be vouched for."""


def check_length(text: str) -> None:
    """Raise TooLargeError for a text that no parser should start on."""
    if len(text) > MAX_CHARACTERS:
        raise TooLargeError(f"an expression has at most {MAX_CHARACTERS} characters, not {len(text)}")


def check_depth(depth: int) -> None:
    """Raise TooLargeError where parentheses, or exponents of exponents, nest too deep."""
    if depth > MAX_DEPTH:
        raise TooLargeError(f"an expression nests at most {MAX_DEPTH} deep")
