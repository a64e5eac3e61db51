"""Whether a box is a whole answer, or a part of the formula or number that it stands in.

`x = \\boxed{5}` and `\\boxed{5}\\text{ cm}` are whole answers; `-\\boxed{5}`, `\\boxed{5}\\times 10^3`, `\\boxed{5}0`,
`\\frac{\\boxed{5}}{2}` and `\\boxed{5} million` are not. What touches the box decides, on its line or in the
displayed formula around it: relations, punctuation, spacing, words and units may, anything else may not.
"""

import re
from typing import NamedTuple

from filters.boxes import Box

_REACH = 120  # characters on each side that are looked at
_WRAPPED = 4  # how many braces or parentheses may stand around a box

_SPACING = r"(?:[ \t\r~&]|\\[,;:!> ]|\\\\|\\q?quad(?![A-Za-z])|\*\*|__)*"
_SPACES = (
    " ",
    "~",
    "&",
    "\t",
    "\r",
    "\\,",
    "\\;",
    "\\:",
    "\\!",
    "\\>",
    "\\\\",
    "\\quad",
    "\\qquad",
    "**",
    "__",
    "\\displaystyle",
    "\\hfill",
)
_SPACING_BEHIND = re.compile(_SPACING)
_SCALE = r"(?:hundred|thousand|million|billion|trillion|dozen|lakh|crore|squared|cubed|factorial|(?:and )?(?:a )?half)"

_STYLE = re.compile(
    r"\\(?:text(?!color)\w*|math(?:bf|rm|it|sf|bb)|mbox|fbox|underline|displaystyle|boldsymbol|bm|pmb|bf|[lL]arge|huge"
    r"|(?:text)?color *(?:\{[^{}]*\}|[a-z]+)|(?:begin|end|tag|label) ?(?:\{[^{}]*\}){0,2}?) ?\Z|(?<![}A-Za-z^_\])])\Z"
)
_FREE_BEFORE = re.compile(
    r"(?:\A|[=<>:;,.&\"'`#~≈≤≥∈→⇒∴]|\\\$|[£€])\Z"
    r"|\\(?:therefore|because|Rightarrow|implies|Longrightarrow|rightarrow|longrightarrow|to|iff|Leftrightarrow"
    r"|Leftarrow|leftarrow|approx|sim|simeq|cong|equiv|in|le|leq|leqslant|ge|geq|geqslant|lt|gt"
    r"|newline|par|item|colon)\Z"
    r"|\\(?:text(?!color)\w*|mathrm|mbox) ?\{[^{}]*[A-Za-z:.,;][^{}]*\}\Z"
    r"|\\(?:begin|end|tag|label) ?(?:\{[^{}]*\}){1,2}\Z"
)
_DELIMITER_BEFORE = re.compile(r"(?:(?<!\\)\$|\\[(\[\])])\Z")
_GLUED_BEFORE = re.compile(r"(?:[0-9+/^−×·÷-]|(?<!\*)\*)\Z")
_OPERATOR_BEFORE = re.compile(r"(?:[+×·÷^]|\\(?:cdot|times|pm)|[0-9})$] ?[-−])[ $]*\Z")
_POINT_BEFORE = re.compile(r"[0-9][.,]\Z|(?<![^\s$(={])\.\Z")
_BOUND_BEFORE = re.compile(r"(?:[≤≥]|\\(?:leq?|geq?|[lg]eqslant|[lg]t)|(?<=[^\s=>-])\s*(?<!-)[<>]|[<>]=)\Z")
_HTML_BEFORE = re.compile(r"<[^<>]*>\Z")
_BOUND_BEHIND = re.compile(
    r"[≤≥≠]|\\(?:leq?|geq?|[lg]eqslant|[lg]t|neq?)(?![A-Za-z])|[<>](?=[ =]?[-0-9A-Za-z\\$])(?![a-z]+>)|!="
)
_LISTED_BEFORE = re.compile(r"[0-9]\s*,\Z|\\(?:frac|sqrt)[^,;=]{1,30}\}\s*,\Z")
_LISTED_BEHIND = re.compile(r",(?:\s|\\[,;:! ]|\\q?quad)*(?:[A-Za-z] ?= ?)?-?(?:[0-9]|\\[dt]?frac|\\sqrt)")
_OTHER_BEFORE = re.compile(r"[0-9})][\s$})]*(?:\\text\w* ?\{\s*)?(?P<word>or|and|to)[\s$}(~\\]*\Z")
_MADE_INTO = re.compile(r"round|simplif|reduc|convert|equal|chang|increas|decreas", re.IGNORECASE)
_WORD_BEFORE = re.compile(r"(?<![A-Za-z\\])(?:[A-Za-z]?[a-z]{2,}|[A-Za-z][a-z]|a|I)\Z")
_GLUED_WORD_BEFORE = re.compile(r"(?<![A-Za-z\\])(?:[A-Z]?[a-z]{3,}|is|be|so|to|of|by|as|at|or)\Z")
_CHANGED_BEFORE = re.compile(
    r"\b(?:minus|negative|plus|twice|thrice|double|triple|half(?: of)?|root of|[0-9] times|divided by"
    r"|at (?:most|least)|(?:less|more|greater|fewer|smaller|larger|bigger|higher|lower) than|exceeds"
    r"|(?<!as )(?<!shown )(?<!given )(?<!written )(?:below|under|above)|up to"
    r"|(?:reciprocal|opposite|inverse|square|cube|multiple|power|third|quarter|factorial) of"
    r"|between [^.;:]{1,30}? and)[ }$*(\\\[]*\Z",
    re.IGNORECASE,
)
_FOREIGN = r"[^\x00-\x7f²³¹⁰⁴-⁹½⅓¼¾×÷·−±∓√π∙⋅]"
_PROSE_BEFORE = re.compile(rf"(?:^\s*(?:[-*+]|\|.*\|)|^[^\\$]*\}}|[A-Za-z]{{2}} [-–]|[)\]!?]|{_FOREIGN})\Z")

_UNIT = r"(?:[cmk]m|[mk]g|m[lL]|ft|in|mi|yd|lb|oz|min|hr|sec|st|nd|rd|th|pts|units?)(?![A-Za-z])"
_FREE_BEHIND = re.compile(
    r"\Z|[=<>;\"'`)\]}?~≈≤≥∈→⇒∴°£€¥。，、]|[.,:](?![0-9])|\\?%"
    r"|\^\s*\{?\s*(?:\\(?:circ|degree)|[o°])|\\[)\]$]|\$"
    r"|\\(?:approx|sim|simeq|cong|equiv|le|leq|leqslant|ge|geq|geqslant|lt|gt|neq?|in|Rightarrow|implies|Longrightarrow"
    r"|rightarrow|to|iff|Leftrightarrow|therefore|because|end|tag|label|blacksquare|square|Box|qed|checkmark|degree"
    r"|pmod|bmod|mod|pod|hspace|hfill|newline|par|right)(?![A-Za-z])"
    rf"|\\(?:text\w*|mathrm|mathit|mbox|operatorname) ?\{{(?!\s*{_SCALE})(?:[^{{}}0-9]*|\W*mod[^{{}}]*)\}}"
    rf"|\(\s*(?:\\text|\\b?mod|\\pmod|mod|\$|[A-Za-z]{{3}})|-{{1,3}} ?[A-Za-z]{{2}}|/ ?(?:\\text|[A-Za-z]{{2}})|{_UNIT}"
)
_GLUED_BEHIND = re.compile(
    r"(?:\$|\\[)\]])+(?:[0-9+^×·÷²³]|[-−/] ?[0-9]|\*[^*\s]|[ $]+(?:[+×·÷^]|[-−] ?[0-9]))"
)
_SCALE_BEHIND = re.compile(
    rf"(?:[\s~$&)\]]|\\[,;:! )\]]|\\(?:text\w*|mbox) ?\{{)*(?:{_SCALE}s?\b"
    r"|‰|\\permil|per ?mil(?:le|l)?\b|(?:R ?|(?:with )?(?:an? )?remainder(?: of)? ?)[$\\(]{0,3}[0-9]"
    r"|(?:or|and|to)\b[\s$}(~\\-]{0,8}(?:[A-Za-z] ?= ?)?-?[0-9](?![0-9]* (?:d\.?p|s\.?f|decimal|significant|places))"
    r"|(?:times|plus|minus|over|(?:divided|multiplied) by) ?(?:[0-9$\\(]|[a-z]\b))"
)
_WORD_BEHIND = re.compile(r"(?!sin|cos|tan|log|exp|abc|xyz)[a-z]{3,}")
_PROSE_BEHIND = re.compile(
    rf"[A-Za-z]{{2,}}|[aAImgshL](?![A-Za-z])|\((?![0-9]|[a-z][-+^*)])|[\[—–_#|]|!|\*(?!\s*[0-9\\(])|{_FOREIGN}"
)
_GLUED_PROSE_BEHIND = re.compile(rf"!(?:\s|\Z)|[*_`](?!\s*[0-9\\(])|{_FOREIGN}")
_TUPLE_BEFORE = re.compile(r"(?:[0-9})]|(?<![A-Za-z])[A-Za-z])\s*,\Z")
_TUPLE_BEHIND = re.compile(r"(?:\\right)?[)\]]|\\\}")
_PERCENT = re.compile(
    r"(?:\s|\\[,;:! ]|\$|\\[)\]]|\\(?:text\w*|mbox|mathrm) ?\{)*\\?%"
    r"|(?:[ \t~$]|\\[,;:! )\]]|\\(?:text\w*|mbox|mathrm) ?\{)*(?:per[ ~]?cent|pct)\b"
)


class _Side(NamedTuple):
    """The text on one side of a box, without the spacing between."""

    text: str
    apart: bool  # a blank stood between


def is_part(text: str, box: Box) -> bool:
    """Whether what touches a box changes the value that it holds."""
    displayed = _in_display(text, box.start)
    before, behind = text[max(0, box.start - _REACH) : box.start], text[box.end : box.end + _REACH]
    if displayed:
        before, behind = before.replace("\n", " "), behind.replace("\n", " ")
    else:
        before, behind = before.rpartition("\n")[2], behind.partition("\n")[0]
    if box.parent >= box.start - len(before) and not _is_style(
        text[max(0, box.parent - _REACH) : box.parent]
    ):
        return True
    formula = displayed or _in_formula(before)
    left, right = _left(before), _right(behind)
    for _ in range(_WRAPPED):
        if left.text.endswith("{") and not left.text.endswith("\\{") and right.text.startswith("}"):
            left, right = _left(_STYLE.sub("", left.text[:-1])), _right(right.text[1:])
        elif left.text.endswith("(") and right.text.removeprefix("\\right").startswith(")"):
            if left.text.endswith("\\("):
                break
            inside = left.text[:-1].removesuffix("\\left")
            left, right = _left(inside), _right(right.text.removeprefix("\\right")[1:])
        else:
            break
    if _TUPLE_BEHIND.match(right.text) and _TUPLE_BEFORE.search(left.text[-10:]):
        return True
    return not (_is_free_before(left, formula) and _is_free_behind(right, formula))


def percent_behind(text: str, end: int) -> bool:
    """Whether a percent sign follows a box, maybe behind the end of the formula."""
    return _PERCENT.match(text[end : end + 40]) is not None


def _is_style(before: str) -> bool:
    """Whether the text before a brace lets it be a mere group or a style, not an argument."""
    return _STYLE.search(before.rstrip()) is not None


def _left(text: str) -> _Side:
    end, apart = len(text), False
    while text.endswith(_SPACES, 0, end):
        mark = 1
        if text[end - 1] not in " ~&\t\r":
            mark = next(len(space) for space in _SPACES if text.endswith(space, 0, end))
        apart = apart or text[end - 1] not in "*_"
        end -= mark
    if apart and text.endswith("\\", 0, end):
        end -= 1  # of a backslash and a blank
    return _Side(text[:end], apart)


def _right(text: str) -> _Side:
    match = _SPACING_BEHIND.match(text)
    spacing = match.group() if match else ""
    return _Side(text[len(spacing) :], spacing.strip("*_") != "")


def _is_free_before(left: _Side, formula: bool) -> bool:
    text = left.text[-_REACH // 2 :]
    if _CHANGED_BEFORE.search(text):
        return False
    other = _OTHER_BEFORE.search(text)
    if other and not (other["word"] == "to" and _MADE_INTO.search(text)):
        return False
    if _BOUND_BEFORE.search(text) and not _HTML_BEFORE.search(text):
        return False
    if formula and _LISTED_BEFORE.search(text):
        return False
    if _DELIMITER_BEFORE.search(text):
        outside = text.rstrip("$[(\\")
        if _OPERATOR_BEFORE.search(outside[-12:]):
            return False
        return (left.apart and not formula) or _GLUED_BEFORE.search(outside[-2:]) is None
    if not left.apart and _POINT_BEFORE.search(text):
        return False
    if _FREE_BEFORE.search(text):
        return True
    if formula or not left.apart:
        return _GLUED_WORD_BEFORE.search(text) is not None
    return _WORD_BEFORE.search(text) is not None or _PROSE_BEFORE.search(text) is not None


def _is_free_behind(right: _Side, formula: bool) -> bool:
    text = right.text
    if _SCALE_BEHIND.match(text) or _GLUED_BEHIND.match(text) or _BOUND_BEHIND.match(text.lstrip("$ ")):
        return False
    if formula and _LISTED_BEHIND.match(text):
        return False
    if _FREE_BEHIND.match(text):
        return True
    if formula:
        return right.apart and _WORD_BEHIND.match(text) is not None
    return (_PROSE_BEHIND if right.apart else _GLUED_PROSE_BEHIND).match(text) is not None


def _in_formula(line_before: str) -> bool:
    """Whether a formula is open at the end of the part of a line."""
    if line_before.rfind("\\(") > line_before.rfind("\\)"):
        return True
    return line_before.replace("\\$", "").replace("$$", "").count("$") % 2 == 1


def _in_display(text: str, at: int) -> bool:
    """Whether a displayed formula, maybe of several lines, is open at a place."""
    return text.rfind("\\[", 0, at) > text.rfind("\\]", 0, at) or text.count("$$", 0, at) % 2 == 1
