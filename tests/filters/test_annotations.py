"""GSM8K's calculator annotations, `<<16-3-4=9>>`, against exact arithmetic by another way: Python's own parser.

The data does not come with the repository; without it beside the checkout that part skips.
"""

import ast
import json
import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import pytest

from curriculum.records import Problem, Sample
from filters import check_steps

GSM8K = Path(__file__).parents[3] / "shared" / "data" / "gsm8k"
POLICIES = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
WHOLE = re.compile(r"<<([^<>\n]*=[^<>\n]*)>>")
PROBLEM = Problem("annotations", 1, "", "1", "integer")

needs_data = pytest.mark.skipif(not GSM8K.exists(), reason=f"{GSM8K.name} does not lie beside the checkout")


def reason(annotation: str) -> str:
    sample = Sample(PROBLEM.key, "policy", 0, 0.0, f"<<{annotation}>>", 0, "recorded")
    return check_steps(PROBLEM, sample).reason


def reference(annotation: str) -> str:
    """What the judge has to say, by Python's parser, Fraction and Decimal."""
    sides = [(side, exact) for side in annotation.split("=") if (exact := value(side)) is not None]
    if len(sides) < 2:
        return "no_steps"
    if len({exact for _, exact in sides}) == 1:
        return "no_steps" if all(literal(side) for side, _ in sides) else "all_hold"
    computed = {exact for side, exact in sides if not literal(side)}
    written = [side for side, _ in sides if literal(side)]
    rounded = len(computed) == 1 and all(same_when_rounded(side, *computed) for side in written)
    return "rounded_step" if rounded else "false_step"


def value(side: str) -> Fraction | None:
    """The value of a side, or None if it is none of Python's arithmetic after GSM8K's habits are undone."""
    side = re.sub(r"(?<=[0-9)]) ?[xX] ?(?=[0-9(.])", "*", re.sub(r"[,$]", "", side).strip())
    side = re.sub(r"(?<=[0-9)])\(", "*(", side)
    side = re.sub(r"(?<![0-9.])0+(?=[0-9])", "", re.sub(r"([0-9.]+)%(?![0-9.])", r"(\1/100)", side))
    try:
        return walked(ast.parse(side, mode="eval").body, side)
    except SyntaxError:
        return None


def walked(node: ast.expr, source: str) -> Fraction | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Fraction(ast.get_source_segment(source, node) or "")
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = walked(node.operand, source)
        return -inner if inner is not None and isinstance(node.op, ast.USub) else inner
    if not isinstance(node, ast.BinOp):
        return None
    left, right = walked(node.left, source), walked(node.right, source)
    if left is None or right is None:
        return None
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.FloorDiv():
            return Fraction(left // right)
    return None


def literal(side: str) -> bool:
    return re.fullmatch(r"[-+]?[$]?[0-9,]*\.?[0-9]+", side.strip()) is not None


def same_when_rounded(side: str, exact: Fraction) -> bool:
    written = Decimal(re.sub(r"[,$]", "", side))
    places = -int(written.as_tuple().exponent)
    with localcontext() as context:
        context.prec = 999
        decimal = Decimal(exact.numerator) / exact.denominator
        rounded = {decimal.quantize(written, mode) for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN)}
        noise = len(written.as_tuple().digits) >= 15 and abs(written - decimal) <= abs(decimal) / 10**9
    return Fraction(written) == exact or (places > 0 and (written in rounded or noise))


@pytest.mark.parametrize(
    "annotation",
    [
        "16-3-4=9",
        ".5*30=15",
        "20*.15=3.00",
        "1,200/3=400",
        "$5*3=$15",
        "2x3=6",
        "5+2(3)=11",
        "(2)(3)=6",
        "560//10=56",
        "7//2=3",
        "50000*5%=2500",
        "24+27+(-48)=3",
        "05*2=10",
        "6=6",
        "+7=7",
        "3+4=2+5=7",
        "16-3=12",
        "25*3=7500",
        "7/2=3",
        "20/3=7",
        "20/3=6.66",
        "5+2(3)=9",
        "50*4=20000",
        "3*5%=15.0",
        "7//2=3.5",
        "50=50-20-60=50",
        "20/3=6.67",
        "1/8=0.13",
        "1/8=0.12",
        "-1/8=-0.13",
        "0.1+0.2=0.30000000000000004",
        "12.8-7.68=5.120000000000001",
        "99999999999999*10=999999999999991",
        "3*(2+150%)=8",
        "15-2:38=12",
        "X*.25=19.5",
        "48/3-quarters=16",
        "=5",
        "5=",
        "3+=4",
        "",
    ],
)
def test_agrees_with_pythons_parser(annotation: str) -> None:
    assert reason(annotation) == reference(annotation)


@needs_data
@pytest.mark.parametrize(
    ("source", "whole", "held_rounded_false_bare", "not_arithmetic"),
    [
        ("example_model_solutions", 16_692, (16_299, 241, 53, 99), 38),  # letters 27, times of day 5, other 6
        ("train", 23_716, (23_359, 0, 0, 357), 0),
        ("test", 4_282, (4_206, 0, 0, 76), 0),
    ],
)
def test_agrees_on_every_annotation_of_gsm8k(
    source: str, whole: int, held_rounded_false_bare: tuple[int, ...], not_arithmetic: int
) -> None:
    annotations = [found[1] for text in solutions(source) for found in WHOLE.finditer(text)]
    said = [reason(annotation) for annotation in annotations]
    assert [(a, r) for a, r in zip(annotations, said, strict=True) if r != reference(a)] == []
    reasons = ("all_hold", "rounded_step", "false_step", "no_steps")
    assert len(annotations) == whole == sum(held_rounded_false_bare)
    assert tuple(map(said.count, reasons)) == held_rounded_false_bare
    assert sum(None in map(value, annotation.split("=")) for annotation in annotations) == not_arithmetic


def solutions(source: str) -> list[str]:
    rows = [json.loads(line) for line in (GSM8K / f"{source}.jsonl").read_text("utf-8").splitlines()]
    if source == "example_model_solutions":
        return [row[policy]["solution"] for row in rows for policy in POLICIES]
    return [row["answer"] for row in rows]
