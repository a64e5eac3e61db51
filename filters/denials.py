"""The words around an answer that deny, doubt or only suppose it, in the same clause or right behind it.

Every look is at a few dozen characters, so none takes time that grows with the text.
"""

import re

_BEFORE = 80  # characters in which a clause is looked for
_BEHIND = 100

_STOP = re.compile(r"[.!?](?=\s|$)|\n", re.ASCII)
_CLAUSE = re.compile(r"[,;:](?=\s|$)|\b(?:so|then|therefore|thus|hence|but)\b", re.IGNORECASE | re.ASCII)
_SURE = re.compile(
    r"\b(?:no|without(?: a| any)?) doubt"
    r"|(?:\b(?:not|cannot|never)|n['’]t) (?:be )?(?:any |a |too |very |so )?"
    r"(?:doubt\w*|hard|difficult|surprising\w*|only)"
    r"|\b(?:we|I)(?:['’]d)?(?: (?:can|could|may|would|will|now|then|therefore|safely|also)){0,3} (?:say|claim)\b",
    re.IGNORECASE | re.ASCII,
)
_DOUBT = re.compile(
    r"\b(?:not|never|nor|neither|cannot|nobody|no (?:one|way)|hardly|unlikely|impossible|far from|except"
    r"|doubt\w*|false\w*|wrong\w*|incorrect\w*|mistaken\w*|den(?:y|ies|ied)|contradict\w*|disprove\w*|refute\w*"
    r"|if|suppos\w+|assum(?:e[sd]?|ing)|whether|unless|hypothe\w+|imagin\w+|pretend\w*|why"
    r"|claim\w*|sa(?:y|ys|id|ying)|mistakes?|tempt\w*"
    r"|(?:might|may|could|would) (?:think|believe|guess|expect))\b|n['’]t\b",
    re.IGNORECASE | re.ASCII,
)
_BOX_DOUBT = re.compile(
    r"\b(?:suppos(?:e|ing)|assum(?:e|ing)|doubt|hypothetically|imagine|pretend)\b|\b(?:false|wrong|untrue) that\b"
    r"|(?:\bnot|n['’]t) (?:think|believe|sure|convinced|true|the case)\b",
    re.IGNORECASE | re.ASCII,
)
_EXCLUDED = re.compile(
    r"(?:\b(?:not|cannot|never|nor|neither|unlike|except)|n['’]t|\b(?:rather|other) than|\binstead of"
    r"|\\neq?|\\not(?:in)?|≠|!=|\\not ?=)\s*(?:(?:be|equal(?: to)?|equals|exactly|actually|simply|even)\s*)*"
    r"[\s$(*\\\[{}&]*$",
    re.IGNORECASE | re.ASCII,
)

_RIGHT = r"(?:it|(?:quite )?(?:right|correct|true)|(?:the|my|our) [a-z ]{0,20}answer)\b"
_WRONG = rf"(?:(?:wrong|incorrect|mistaken)\b|not {_RIGHT})"
_IS = r"(?:['’]s| (?:is|was|are|were|seems|looks|(?:must|has to|can only|would) be))"
_SURELY = r"(?: (?:clearly|obviously|certainly|definitely|of course|simply|just|also|still|actually))?"
# A subject without words: `5 is wrong` denies 5, `the claim is wrong` is an answer.
_REFUSED = re.compile(
    r"^(?:\\[A-Za-z]{1,20}|[^A-Za-z\n\\]|\\(?![A-Za-z])|(?<![A-Za-z])[A-Za-z](?![A-Za-z])){1,80}?"
    r"(?:(?:which|but|and|though|although|yet) )?(?:(?:this|that|it) )?"
    rf"(?:(?:is|was|seems|looks|(?:must|would) be){_SURELY} {_WRONG}|(?:isn|wasn)['’]t {_RIGHT})",
    re.IGNORECASE | re.ASCII | re.MULTILINE,
)
_ASKED = re.compile(r"[^?\n]{0,100}\?[\s\"'*$)]*(?:no|not|wrong)\b", re.IGNORECASE | re.ASCII)
_TAKEN_BACK = re.compile(
    r"[\s.,;:!$*_)\]}\\…—–-]*(?:\?[\s\"'*$)]*(?:no|wrong|not)\b"
    r"|(?:(?:but|however|wait|no|hmm+|oh|actually|sorry|oops|well)[\s,.…!—–-]+){0,3}"
    rf"(?:(?:this|that|it|they|which){_IS}{_SURELY} {_WRONG}|I(?: have|['’]ve)? made an? (?:mistake|error)\b))",
    re.IGNORECASE | re.ASCII,
)
_NOT_THIS = re.compile(
    r"[\s$*_)\]}\\,]*(?:\?|(?:(?:text\w*|mbox) ?\{ *)?(?:"
    r"(?:[a-z]+ ){0,2}?(?:is|was|seems|looks|(?:must|would|has to) be)"
    rf"{_SURELY} (?:wrong|incorrect|mistaken|invalid|impossible|false(?! that))\b"
    r"|(?:is|was|are|were)(?:n['’]t| (?:[a-z]+ly )?(?:not|never|too (?:big|large|small|high|low|many|few)))\b"
    r"|(?:can(?:not|['’]t| not)|could(?:n['’]t| not)|won['’]t|does(?:n['’]t| not)|fails)\b))",
    re.ASCII,
)


def is_supposed(text: str, start: int) -> bool:
    """Whether the words of the clause before "the answer is" doubt, deny or only suppose what it says."""
    return _DOUBT.search(_SURE.sub("", _clause_before(text, start))) is not None


def is_excluded(text: str, start: int) -> bool:
    """Whether the words or signs before a box or bold say that it is not this."""
    if _EXCLUDED.search(text[max(0, start - 40) : start]):
        return True
    if not _BOX_DOUBT.search(text, max(0, start - _BEFORE), start):
        return False
    return _BOX_DOUBT.search(_SURE.sub("", _clause_before(text, start))) is not None


def is_refused(answer: str) -> bool:
    """Whether a line of the answer itself says that it is wrong."""
    return _REFUSED.search(answer) is not None or _ASKED.match(answer) is not None


def is_taken_back(text: str, end: int) -> bool:
    """Whether the words behind an answer say that it is wrong: `5. No, that is wrong`."""
    return _TAKEN_BACK.match(text[end : end + _BEHIND]) is not None


def is_denied_behind(text: str, end: int) -> bool:
    """The same for a box or bold, which may be the subject (`**5** is not it`) or asked about (`**5**?`)."""
    behind = text[end : end + _BEHIND]
    return _NOT_THIS.match(behind) is not None or _TAKEN_BACK.match(behind) is not None


def _clause_before(text: str, start: int) -> str:
    """Back to the last comma or the last `so`; where the clause is `that`, back to the end of the sentence."""
    before = text[max(0, start - _BEFORE) : start]
    sentence = before[_end_of_last(_STOP, before) :]
    clause = sentence[_end_of_last(_CLAUSE, sentence) :]
    return sentence if clause.split()[:1] == ["that"] else clause


def _end_of_last(pattern: re.Pattern[str], text: str) -> int:
    end = 0
    for match in pattern.finditer(text):
        end = match.end()
    return end
