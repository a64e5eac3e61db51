"""One spelling for what writers of answers spell in many ways, before a parser sees it."""

import re

from filters.unit_words import is_unit

_SIGNS = {
    "−": "-", "–": "-", "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "÷": "/", "π": r"\pi ", "∞": r"\infty ",
    "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "∪": r"\cup ", "∩": r"\cap ", "∈": r"\in ", "°": r"^\circ ",
    "θ": r"\theta ", "α": r"\alpha ", "β": r"\beta ", "²": "^{2}", "³": "^{3}", "**": "^",
}  # fmt: skip
_WRAPPINGS = (("$$", "$$"), ("$", "$"), (r"\(", r"\)"), (r"\[", r"\]"))
_SPACE = re.compile(r"\\(?:left|right|displaystyle)(?![A-Za-z])|(?<!\\)\\[,;:! ]|[\t\n\r]")
_LETTER = re.compile(r"\\(?:mathrm|text|operatorname|rm|mathit)\s*\{\s*([a-zA-Z])\s*\}")
_KNOWN = re.compile(
    r"(?<![A-Za-z\\])(sqrt|arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|cot|sec|csc|log|ln|exp|pi|infty|theta"
    r"|alpha|beta)(?![A-Za-z])"
)
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_UNIT = re.compile(r"(?<=[0-9})\]])\s*\\(?:text|mbox|mathrm)\s*\{([^{}]*)\}(\^\{?\d\}?)?$")
_KEPT = re.compile(
    r"\\(?:begin|end|operatorname|text\w*|mbox|math\w+)\s*\{[^{}]*\}|\\[A-Za-z]+|(?P<word>[A-Za-z]{2,})"
)


def plain(text: str) -> str:
    """Without what wraps the whole, and with one spelling of each sign."""
    text = text.strip()
    for left, right in _WRAPPINGS:
        if text.startswith(left) and text.endswith(right) and len(text) > len(left + right):
            text = text[len(left) : -len(right)].strip()
            break
    for sign, command in _SIGNS.items():
        text = text.replace(sign, command)
    text = _SPACE.sub(" ", text)
    text = _KNOWN.sub(r"\\\1 ", _LETTER.sub(r"\1", text)).strip().removesuffix(".").strip()
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text


def without_unit(text: str) -> tuple[str, str]:
    unit = _UNIT.search(text)
    if unit is None or not is_unit(unit[1]):
        return text, ""
    return text[: unit.start()], re.sub(r"[\s{}.]", "", unit[1] + (unit[2] or "")).lower().removesuffix("s")


def named_words(text: str) -> str:
    """Each run of letters that is a word rather than a product, such as `CAB` or `no`, as one name."""
    if "\\int" in text or "{d" in text or "d}" in text:
        return text  # `xdx` is none

    def kept(match: re.Match[str]) -> str:
        word = match["word"]
        if not word or word in ("or", "and", "inf", "infinity", "percent"):
            return match[0]
        product = len(word) == 2 if word.islower() else False
        product = (product and word not in ("no", "on")) or (word.islower() and list(word) == sorted(word))
        return match[0] if product else rf"\text{{{word}}}"

    return _KEPT.sub(kept, text)


def grouped(text: str) -> str:
    """`^(a(b))` as `^{(a(b))}` and `\\sqrt (a)` as `\\sqrt{(a)}`: the normalisation ends at the first `)`."""
    pieces: list[str] = []
    at = 0
    for match in re.finditer(r"(?:\^|\\sqrt)\s*(?=\()", text):
        if match.start() < at:
            continue
        end = _closing(text, match.end())
        if end is None:
            break
        pieces += [text[at : match.end()].rstrip(), "{", _grouped_inside(text[match.end() : end]), "}"]
        at = end
    return "".join(pieces) + text[at:]


def _grouped_inside(text: str) -> str:
    return "(" + grouped(text[1:-1]) + ")"


def _closing(text: str, start: int) -> int | None:
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at + 1
    return None
