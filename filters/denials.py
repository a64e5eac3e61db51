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
    r"|(?:['’]s|\b(?:is|see|sees|shows|explains)) why\b|\bconclude by saying\b"
    r"|\b(?:we|I)(?:['’]d)?(?: (?:can|could|may|would|will|now|then|therefore|safely|also)){0,3} (?:say|claim)\b",
    re.IGNORECASE | re.ASCII,
)
_MISLED = (
    r"(?:might|may|could|would) (?:think|believe|guess|expect|conclude|say|be tempted)|tempt\w*|naive\w*"
    r"|at first (?:glance|sight|look|it (?:seems|looks|appears))"
    r"|(?:some|many|most|people|students|others) (?:people |students )?(?:may |might |will |would )?"
    r"(?:think|believe|guess|conclude|expect)"
)
_DOUBT = re.compile(
    r"\b(?:not|never|nor|neither|cannot|nobody|no (?:one|way)|hardly|unlikely|impossible|far from|except"
    r"|doubt\w*|false\w*|wrong\w*|incorrect\w*|mistaken\w*|den(?:y|ies|ied)|contradict\w*|disprove\w*|refute\w*"
    r"|(?:if|suppos\w+|assum(?:e[sd]?|ing)) that"
    r"|whether|unless|hypothe\w+|imagin\w+|pretend\w*|why"
    r"|claim\w*|sa(?:y|ys|id|ying)|mistakes?"
    rf"|{_MISLED})\b|n['’]t\b"
    r"|\b(?:if|suppos\w+|assum(?:e[sd]?|ing))(?:\s*$|\s.*\bthat\s*$)",
    re.IGNORECASE | re.ASCII,
)
_BOX_DOUBT = re.compile(
    r"\b(?:suppos(?:e|ing)|assum(?:e|ing))\b(?: that\b| the answer\b"
    r"|(?!.*\b(?:get|gets|obtain|find|gives?|yields?|conclude|leads?)\b))"
    rf"|\b(?:doubt|hypothetically|imagine|pretend|{_MISLED})\b"
    r"|\bmistake (?:is|gives|would|leads|yields)|\b(?:wrong|incorrect|false) (?:answer|result|value)"
    r" (?:would|might|could|may) be\b"
    r"|\b(?:the|common|typical) (?:wrong|incorrect) (?:answer|result|value)\b"
    r"|\b(?:people|students|others) (?:may |might |would )?(?:get|say|answer)[\s$(*\\\[]*$"
    r"|\b(?:false|wrong|untrue) that\b"
    r"|(?:\bnot|n['’]t) (?:think|believe|sure|convinced|true|the case)\b",
    re.IGNORECASE | re.ASCII,
)
_NEGATION = re.compile(r"\b(?:not|never|nor|neither|cannot|impossible)\b|n['’]t\b", re.IGNORECASE | re.ASCII)
_ASIDE = re.compile(  # a negation there is about something else than the answer
    r"^(?!.*\b(?:think|believe|true|sure|certain|case|clear|convinced|know|correct|right|say|mean|follow|likely|that)\b)"
    r"(?:\s*(?:and |so )?(?:since|because|as)\b|.*\band\s*$)",
    re.IGNORECASE | re.ASCII,
)
_NOTHING_ELSE = re.compile(
    r"(?:\b(?:not|cannot|nothing|none|no)|n['’]t)\b[a-z ]{0,25} (?:other|rather) than[\s$(*\\\[{}&]*$",
    re.IGNORECASE,
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
    r"|(?:is|was|are|were) too (?:big|large|small|high|low|many|few)\b"
    r"|(?:is|was|are|were)(?:n['’]t| (?:[a-z]+ly )?(?:not|never))\b(?:[\s$}*]*(?:[.,;:!?)]|$)| (?:quite |actually )?"
    r"(?:it|so|right|correct"
    r"|true|valid|possible|allowed|acceptable|enough|sufficient|feasible|what|one of|the"
    r"|an? (?:[a-z]+ )?(?:solution|answer"
    r"|possibility|option))\b)"
    r"|(?:can(?:not|['’]t| not)|could(?:n['’]t| not)|won['’]t|does(?:n['’]t| not)|fails)\b))",
    re.ASCII,
)

_CORRECTED = re.compile(
    r"\b(?:is|was|be) (?:the|an?) (?:[a-z]+ )?(?:wrong|incorrect|mistaken|false) (?:answer|value|result"
    r"|one|number|choice)\b"
    r"|\bis an? (?:[a-z]+ )?(?:trap|mistake|misconception|error)\b"
    r"|(?<!as )\b(?:it|this|that|answer|value|result) should (?:[a-z]+ )?be\b"
    r"|\bcorrection\b|\bmade an? (?:[a-z]+ )?(?:mistake|error)\b|\b(?:over|double)[- ]?count(?:s|ed)?\b"
    r"|\b(?:we|I) (?:have )?(?:forgot|forgotten|overlooked)\b"
    r"|\b(?:wait|actually|hmm+)\b[,.…!—–-]*\s(?:[^\n]{0,60}?\s)?"
    r"(?:not?|it(?:['’]s| is| was)|should|wrong|mistaken?|error"
    r"|forgot|instead|must|need|let me|also|different|mis[a-z]+)\b",
    re.IGNORECASE | re.ASCII,
)
_CORRECT_IS = re.compile(
    r"\bthe (?:correct|right|true|actual|real) (?:value|answer|result) (?:is|was|would be):?",
    re.IGNORECASE | re.ASCII,
)
_NEXT_QUESTION = re.compile(r"\n\s*(?:Q:|Question|Problem|Human|User)")
_LATEX = re.compile(r"\\boxed|[\s$*{}\\()]+")


def is_corrected(text: str, end: int, answer: str) -> bool:
    """Whether the next words behind an answer admit an error or name another value as the correct one."""
    behind = _NEXT_QUESTION.split(text[end : end + _BEHIND], maxsplit=1)[0]
    if _CORRECTED.search(behind):
        return True
    named = _CORRECT_IS.search(behind)
    if named is None:
        return False
    said, value = _LATEX.sub("", behind[named.end() :]), _LATEX.sub("", answer[:_BEHIND])
    return not said.startswith(value) or said[len(value) :][:1].isdigit()


def is_supposed(text: str, start: int) -> bool:
    """Whether the words of the clause before "the answer is" doubt, deny or only suppose what it says."""
    clause = _SURE.sub("", _clause_before(text, start))
    return _DOUBT.search(_NEGATION.sub("", clause) if _ASIDE.match(clause) else clause) is not None


def is_excluded(text: str, start: int) -> bool:
    """Whether the words or signs before a box or bold say that it is not this."""
    before = text[max(0, start - 40) : start]
    if _EXCLUDED.search(before) and not _NOTHING_ELSE.search(before):
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
