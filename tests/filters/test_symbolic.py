"""The slow path: what sympy in a worker makes of pairs that the closed grammar does not read."""

import time

import pytest

from filters import symbolic, workers
from tests.filters.hostile_texts import hostile_answers, hostile_texts

EQUAL = [
    (r"1/2006!", r"\frac{1}{2006!}"),
    (r"1+1/\mathrm{e}", r"1+e^{-1}"),
    (r"3x+4y+14=0", r"6x+8y=-28"),
    (r"4210_7", r"4210_{7}"),
    (r"5/2", r"2\frac{1}{2}"),
    (r"\frac{x^2}{2}+C", r"C+\frac12 x^2"),
    (r"\int_0^1 x^2 dx", "1/3"),
    (r"\sum_{k=1}^{\infty} \frac{1}{k^2}", r"\frac{\pi^2}{6}"),
    (r"\lim_{x \to 0} \frac{\sin x}{x}", "1"),
    (r"\frac{d}{dx} x^2", "2x"),
    (r"\sin^2 x", r"1-\cos^2 x"),
    (r"\sin(2x)", "2 sin(x) cos(x)"),
    (r"\sin 30^\circ", r"\frac12"),
    (r"\frac{\sqrt{6}+\sqrt{2}}{4}", r"\cos(\frac{\pi}{12})"),
    (r"2\ln x", r"\ln(x^2)"),
    (r"\frac{n!}{(n-2)!}", "n(n-1)"),
    ("2^(n(n+1))", "2^{n^2+n}"),
    ("0", r"(\sqrt{2})^2-2"),
    ("0", r"\cos\frac{\pi}{7}-\cos\frac{2\pi}{7}+\cos\frac{3\pi}{7}-\frac12"),
    ("5+i", "(2+3i)(1-i)"),
    ("(1,2)", "1<x<2"),
    ("2x<6", "3>x"),
    (r"(-\infty,1)\cup(2,\infty)", r"(2,\infty)\cup(-\infty,1)"),
    (r"\{1,2\}", r"x=1 \text{ or } x=2"),
    (r"(1,2,\sqrt{4})", "(1,2,2)"),
    (
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        r"\begin{bmatrix} 1 & 2 \\ 3 & \sqrt{16} \end{bmatrix}",
    ),
    ("5", "x=2+3=5"),
    ("y=2x+1", "2x-y+1=0"),
    (r"\sqrt{2}\text{ cm}", r"\sqrt{2}"),
]
NOT_EQUAL = [
    (r"1/2006!", r"1/2004!", "differs"),
    (r"1+1/\mathrm{e}", r"1-1/\mathrm{e}", "differs"),
    (r"3x+4y+14=0", r"3*x-1*y+13=0", "differs"),
    ("4210", "4210_7", "differs"),
    ("4210_7", "4210", "differs"),
    ("5", "2(3)", "differs"),
    ("5", "2 3", "unreadable"),
    ("5/2", r"2\left(\frac12\right)", "differs"),
    ("3", "3t", "differs"),
    (r"x^2/2", r"\int x dx", "undone"),
    (r"\frac12", r"\sum_{k=1}^{\infty} 3^{-k}", "undone"),
    ("2x", r"\frac{d}{dx} x^2", "undone"),
    (r"\sin 30", r"\frac12", "differs"),
    (r"\sqrt{x^2}", "x", "differs"),
    (r"\ln(x^2)", r"2\ln x", "differs"),
    ("12", "12+10^{-60}", "differs"),
    ("0", "10^{-1000}", "differs"),
    ("0.333", "1/3", "differs"),
    ("15", "5!!", "unreadable"),
    ("64", "2^3^2", "unreadable"),
    ("no", "on", "differs"),
    ("CAB", "ABC", "differs"),
    ("a", "A", "differs"),
    ("5+i", "5-i", "differs"),
    ("5", "x+3=5", "differs"),
    ("5", "2+2=5", "differs"),
    ("x=5", "y=5", "differs"),
    ("x=5", "2x=10", "differs"),
    ("(1,2)", "[1,2]", "differs"),
    ("(1,2,3)", "(3,2,1)", "differs"),
    (r"\{1,2,3\}", "1,2", "differs"),
    ("-x<3", "x<-3", "differs"),
    (r"1<x\le 2", "1<x<2", "differs"),
    ("x^2+y^2=25", "x^2+y^2=5", "differs"),
    (
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        r"\begin{pmatrix} 1 & 3 \\ 2 & 4 \end{pmatrix}",
        "differs",
    ),
    ("12", r"12\text{ million}", "differs"),
    (r"\sqrt{2}\text{ cm}", r"\sqrt{2}\text{ kg}", "unit_differs"),
    ("f(x)=x^2", "g(x)=x^2", "differs"),
    ("x=1,y=2", "x=2,y=1", "differs"),
    ("100,200", "100, 200", "differs"),
]
NO_GOLD = [
    "",
    "3!!",
    "y'=2x",
    r"1,2,\ldots,10",
    r"\frac{1}{0}",
    "x^T",
    r"\frac{1}{",
    "9" * 401,
    "(" * 16 + ")" * 16,
]
REACHING_SYMPY = {"towers 24", "binomials 2", "towers 27", "factorials 15", "sets 2"}


@pytest.mark.parametrize(("gold", "answer"), EQUAL)
def test_equal(gold: str, answer: str) -> None:
    assert symbolic.equal(gold, answer) == "equal"


@pytest.mark.parametrize(("gold", "answer", "finding"), NOT_EQUAL)
def test_not_equal(gold: str, answer: str, finding: str) -> None:
    assert symbolic.equal(gold, answer) == finding


@pytest.mark.parametrize("gold", NO_GOLD)
def test_an_unreadable_gold_answer_raises_and_never_matches_itself(gold: str) -> None:
    with pytest.raises(symbolic.UnreadableGold):
        symbolic.equal(gold, gold)


@pytest.mark.parametrize(
    ("name", "answer"), [pair for pair in hostile_answers() if pair[0] in REACHING_SYMPY]
)
def test_hostile_answers_cost_their_limit_and_no_more(name: str, answer: str) -> None:
    start = time.monotonic()
    with pytest.raises(workers.WorkerFailure):
        symbolic.equal("12", answer, wall_s=0.3)
    assert time.monotonic() - start < 1.3
    assert symbolic.equal("12", "11+1") == "equal"


def test_no_text_is_evaluated_as_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, so that sympy's evaluator can be taken away: nothing on the way asks for it."""
    import sympy.parsing.sympy_parser

    monkeypatch.delattr(sympy.parsing.sympy_parser, "eval_expr")
    with pytest.raises(NameError):
        sympy.sympify("12")
    texts = [
        text for name, text in hostile_answers() if name.startswith(("code", "digits")) and len(text) < 200
    ]
    texts += ["1,234", "0.5", "1E5", r"50\%", "1.5x", "(1,2)", "x=1,2", "4210_7"]
    assert [text for text in texts if "eval_expr" in _refusal(text)] == []


def _refusal(text: str) -> str:
    from filters.symbolic.reading import Unreadable, read

    try:
        read(text)
    except Unreadable as reason:
        return str(reason)
    return ""


def test_the_table_of_hostile_texts_is_as_long_as_it_says_and_names_each_once() -> None:
    names = [name for name, _ in hostile_texts()]
    assert len(names) == len(set(names)) > 300
