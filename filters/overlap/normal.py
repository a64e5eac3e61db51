"""One question as it is compared: without what carries no meaning, and as words.

What may carry meaning stays: `3-5` is not `3+5`, `x²` is not `x2`, `5!` is not `5`, and `3 5` is not `35`.
"""

import re
import unicodedata

_PIECE = (
    200  # characters: canonical order is sorted by insertion, which a long run of accents would make slow
)
_LONGEST_FORM = 4  # a few characters stand for whole phrases
_KEPT_FORMS = ("<super>", "<sub>", "<fraction>")  # x² is not x2, and 3½ is not 31/2
_SAME = {
    **dict.fromkeys("‐‑‒–—―−﹣", "-"),
    **dict.fromkeys("‘’‚‛′´`", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("×⋅∙·", "*"),
    "÷": "/",
}

_LETTER = r"[^\W\d_]"
_NOTHING_SAID = re.compile(
    rf"(?<![.?])[.?]++(?=['\"]?(?:\s|$))"  # the end of a sentence; 3.5 goes on
    rf"|(?<={_LETTER}{_LETTER})[,;:!]++(?=['\"]?(?:\s|$))"  # behind a word, but not behind 5! or n!
    rf"|(?<=\w),(?=\s+{_LETTER}{_LETTER})"  # before a word
)
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_IDLE_SPACE = re.compile(r" (?!\w)|(?<!\w) ")  # `3 - 5` is `3-5`
_HYPHEN = re.compile(rf"(?<={_LETTER}{_LETTER})-(?={_LETTER}{_LETTER})")
_WORDS = re.compile(r"\d+(?:\.\d+)*|[぀-ヿ㐀-䶿一-鿿豈-﫿]|[^\W\d_]+(?:'[^\W\d_]+)*|[-+*/=<>^%!&|~]")

_NAMES = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBER_WORDS = (  # not `one`, which mostly counts nothing
    {word: str(value) for value, word in enumerate(_NAMES.split(), 2)}
    | {"eighteen": "18", "nineteen": "19", "hundred": "100", "thousand": "1000", "million": "1000000"}
    | {word: str(10 * value) for value, word in enumerate(_TENS.split(), 2)}
)
_OPERATORS = frozenset("-+*/=<>^%!")
NUMBER = "#"


class _Characters(dict[int, str]):
    """How a character is written, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category, form = unicodedata.category(character), unicodedata.decomposition(character)
        if character in _SAME:
            written = _SAME[character]
        elif category == "Nd":
            written = str(unicodedata.decimal(character))
        elif category in ("Cf", "Cc") and not character.isspace():  # invisible
            written = ""
        elif form.startswith("<") and not form.startswith(_KEPT_FORMS):
            written = unicodedata.normalize("NFKC", character)  # of full width, a ligature, a styled letter
        else:
            written = character
        self[code] = written if len(written) <= _LONGEST_FORM else character
        return self[code]


_CHARACTERS = _Characters()


def normalised(text: str) -> str:
    """The text in one Unicode form and one case, without idle spaces and without what only ends a clause."""
    text = unstyled(text).casefold()
    text = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), text)
    return _IDLE_SPACE.sub("", " ".join(_NOTHING_SAID.sub("", text).split()))


def unstyled(text: str) -> str:
    """The text in one Unicode form: composed, of plain width and style, with plain dashes and quotes."""
    if text.isascii():
        return text.replace("`", "'")
    pieces = re.findall(rf"\s+|\S{{1,{_PIECE}}}", text)
    return "".join(unicodedata.normalize("NFC", piece) for piece in pieces).translate(_CHARACTERS)


def words(normal: str) -> list[str]:
    """Words, numbers and operators of a normalised text in order; number words as numbers."""
    found = _WORDS.findall(_HYPHEN.sub(" ", normal))
    return [_NUMBER_WORDS.get(word, word) for word in found]


def operands(found: list[str]) -> list[str]:
    """The numbers and operators among the words."""
    return [word for word in found if word[0].isdigit() or word in _OPERATORS]


def masked(found: list[str]) -> list[str]:
    """The words with one `#` for each number, list of numbers, or sum: what a story is without its numbers."""
    kept: list[str] = []
    for word in found:
        if not word[0].isdigit():
            if word not in _OPERATORS:
                kept.append(word)
        elif not kept or kept[-1] != NUMBER:
            kept.append(NUMBER)
    return kept
