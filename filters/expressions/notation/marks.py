"""What stands around an answer and is no part of it: marks of mathematics, bold, a box, a full stop."""

import re

_WRAPPED = re.compile(
    r"\$\$?(?P<dollars>[^$]+)\$\$?|\\\((?P<inline>.*)\\\)|\\\[(?P<display>.*)\\\]", re.DOTALL
)
_DECORATED = re.compile(
    r"\*\*(?P<bold>.+)\*\*|\\(?:text|textbf|mathbf|boxed|fbox|mathrm) ?\{(?P<inner>[^{}]*)\}", re.DOTALL
)
_SPACES_AROUND = re.compile(r"^(?:\s|~|\\[,;:!> ])+|(?:\s|~|\\[,;:!> ]|\\\\|\\$)+$")
_LAYERS = 6


def bare(text: str) -> str:
    """The text without the marks around it, and without dollar signs that mark its parts."""
    for _ in range(_LAYERS):
        before, text = text, _without_a_layer(text)
        if text == before:
            break
    return text.replace("$", " ") if _dollars_are_marks(text) else text


def _without_a_layer(text: str) -> str:
    text = _SPACES_AROUND.sub("", text)
    if text.endswith((".", ",", ";", ":")) and not text.endswith(".."):
        text = text[:-1].rstrip()
    if text.endswith("$") and text.count("$") == 1:
        text = text[:-1]
    for pattern in (_WRAPPED, _DECORATED):
        if (match := pattern.fullmatch(text)) is not None and match.lastgroup is not None:
            text = match[match.lastgroup]
    return text


def _dollars_are_marks(text: str) -> bool:
    """Whether pairs of dollar signs mark formulas, as in `$5$ cm`; a single one is money."""
    unescaped = text.replace("\\$", "").count("$")
    return unescaped >= 2 and unescaped % 2 == 0
