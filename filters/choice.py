"""Judge of multiple choice: the final answer is the letter of one option, alone or before the option's text.

    choice = [ "option" | "the correct answer is" ... ] label [ ":" text | " is correct" | " because" text ]
    label  = letter | letter "." | letter ")" | "(" letter ")" | "[" letter "]"

Bold, dollars and `\\text{}` around any part are ignored, and so is case. Only ASCII letters are labels. A bare
letter before other words is none: `A prime number` and `I think so` begin with words, not with options; nor is
`E. coli`, a dot before one small word. A text that goes on to name another option (`B or C`, `(B) 25, (C) 30`)
is a hedge. A restated list of options is no answer, be it of lines `A: ...`, `B: ...` or of bold letters.
"""

import re

from curriculum.records import Finish, Problem, Sample, Verdict
from filters.extraction import Extraction, final_answer
from filters.verdicts import shown

JUDGE = "choice/1"

MAX_CHARACTERS = 500
_END_OF_TEXT = 5_000  # characters in which the last two lines are looked for

_LIST_OF_OPTIONS = re.compile(r"^[ \t>]*A:[^\n]*\n[\s>]*(?=B:)", re.MULTILINE)
_BOLD_LABEL = re.compile(r"\*\*\W{0,2}([A-Za-z])(?!\w)", re.ASCII)
_LINE_LABEL = re.compile(r"\W*([A-Z])(?!\w)", re.ASCII)
_GOLD = re.compile(r"(?:([A-Za-z])\)?|\(([A-Za-z])\))\.?")

_STYLED = re.compile(r"\\(?:text(?:bf|it|rm|sf)?|math(?:bf|rm|sf|it)|boldsymbol|mbox) ?\{([^{}]*)\}")
_STYLES = 3  # how deep they nest
_INVISIBLE = re.compile(r"\*\*|__|[$`*]|\\[()\[\]]")
_BLANK = re.compile(r"\\[ ,;:!]|\\q?quad\b|~|\s+")

_CHOICE = re.compile(
    r"(?:(?:the )?(?:(?:final|correct|best|right) )?(?:answer|option|choice|letter)\b(?: is\b)?:? ?){0,2}"
    r"(?:(?P<closed>\( ?[A-Z] ?\)|\[ ?[A-Z] ?\])[.:]?|(?P<bare>[A-Z])(?P<mark>[.:)]?))(?P<rest>.*)",
    re.IGNORECASE | re.ASCII,
)
_AFFIRMED = re.compile(r" is (?:the )?(?:correct|right|best)(?: (?:answer|option|choice|one))?\.?")
_EXPLAINED = re.compile(r",? (?:because|since) .*")
_NO_OPTION_TEXT = re.compile(
    r"[^\w(\[{\\<\"'.−-]|(?:or|and|nor|not|is|isn't|was|seems?|might|may|could|cannot)\b|[A-Z]\W*$|[a-j]\W*$|.*\?$",
    re.ASCII,
)
_OTHER_OPTION = re.compile(
    r"(?<![A-Za-z])\( ?[A-Za-z] ?\)|(?<![A-Za-z0-9(])(?:[A-Z]\)|[A-Za-z][:)](?: |$))"
    r"|(?:\b(?:or|and|nor|not)|[,/&]) ?(?:option |choice )?[A-Z](?![\w'])",
    re.ASCII,
)
_DOUBT = re.compile(r"\b(?:or|either|both|maybe|perhaps|probably|possibly|might|could)\b|\?", re.IGNORECASE)
_ALONE = re.compile(r"(?<![\w'])(?:[A-Z]|(?<=\()[a-z](?=\)))(?![\w'])")


def judge(problem: Problem, sample: Sample) -> Verdict:
    """Compare letters; reasons: equal, differs, hedge, unreadable, or why the text has no final answer.

    Raises ValueError if the problem's own answer is no single letter such as `B`, `(B)` or `B.`.
    """
    gold = _GOLD.fullmatch(problem.answer.strip())
    if gold is None:
        raise ValueError(
            f"the answer of problem {problem.key} must be one letter, not {shown(problem.answer)!r}"
        )
    found = final_choice(sample.text, sample.finish)
    if found.answer is None:
        return Verdict(sample.key, JUDGE, "no_answer", found.reason)
    said, where = shown(found.answer), found.found_in
    letter = read_choice(found.answer)
    if letter is None:
        return Verdict(sample.key, JUDGE, "no_answer", _why_unread(found.answer), said, where)
    if letter != (gold[1] or gold[2]).upper():
        return Verdict(sample.key, JUDGE, "wrong", "differs", said, where)
    return Verdict(sample.key, JUDGE, "right", "equal", said, where)


def final_choice(text: str, finish: Finish = "stop") -> Extraction:
    """The final answer of a text: no restated list of options (reason: options), and without a marker only a
    letter by itself, for `B. subtilis divides` may be the question."""
    found = final_answer(_LIST_OF_OPTIONS.sub("", text), finish, lone=True)
    if found.found_in == "bold" and _ends_with_options(text):
        return Extraction(None, "options", "bold")
    if found.found_in == "whole_text" and not _GOLD.fullmatch(_plain(text)):
        return Extraction(None, "no_marker")
    return found


def _ends_with_options(text: str) -> bool:
    """Whether the last line has several letters in bold, or continues the letter that begins a line before it."""
    before, last = ["", "", *filter(str.strip, text[-_END_OF_TEXT:].splitlines())][-2:]
    labels = [match[1] if (match := _LINE_LABEL.match(line)) else "" for line in (before, last)]
    in_order = "" not in labels and ord(labels[0]) + 1 == ord(labels[1])
    return in_order or len(set(_BOLD_LABEL.findall(last))) > 1


def read_choice(text: str) -> str | None:
    """The capital letter of the one option that the text names, or None."""
    match = _CHOICE.fullmatch(_plain(text))
    if match is None:
        return None
    letter = (match["bare"] or match["closed"].strip("()[] ")).upper()
    rest = match["rest"]
    if rest.strip() in ("", ".") or _AFFIRMED.fullmatch(rest):
        return letter
    if _OTHER_OPTION.search(rest) or not (_EXPLAINED.fullmatch(rest) or _is_option(match, letter)):
        return None
    return letter


def _is_option(match: re.Match[str], letter: str) -> bool:
    """Whether the letter is set off from the words after it, and they may be an option's."""
    text = match["rest"].strip()
    if match["mark"] == "." and (match["rest"] == text or re.fullmatch(r"[a-z]+\.?", text)):
        return False
    if not (match["closed"] or match["mark"]):
        return False
    return text.rstrip(".").upper() == letter or _NO_OPTION_TEXT.match(text) is None


def _why_unread(text: str) -> str:
    plain = _plain(text)
    return "hedge" if _DOUBT.search(plain) or len(set(_ALONE.findall(plain))) > 1 else "unreadable"


def _plain(text: str) -> str:
    """Without bold, dollars and LaTeX's styles, and with one blank for each run of them."""
    if len(text) > MAX_CHARACTERS:
        return ""
    for _ in range(_STYLES):
        text = _STYLED.sub(r"\1", text)
    return " ".join(_BLANK.sub(" ", _INVISIBLE.sub("", text)).split(" ")).strip(" \"'“”")
