"""Which chains a text is found to claim."""

import pytest

from filters.chains.claims import chains


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3+5=8\n8+2=10", ["3+5=8", "8+2=10"]),
        ("3+5+2=8+2=10", ["3+5+2=8+2=10"]),
        ("so 16 - 3 = <<16-3=13>>13 eggs", ["16-3=13", "16 - 3=13"]),
        ("3+5=8, 8+2=10.", ["3+5=8", "8+2=10"]),
        ("3+5=8,8+2=10", ["3+5=8", "8+2=10"]),
        ("3*400=1,200; done", ["3*400=1,200"]),
        ("3 + 4 = 7 eggs and 7 * 2 = 14 legs", ["3 + 4=7"]),  # `and` might join: 7 and 7*2
        ("3 + 4 = 7 eggs. Then 7 * 2 = 14", ["3 + 4=7", "7 * 2=14"]),
        ("Step 1: 3+4=7 (see above)", []),  # what follows the 7 might belong to it
        ("1) 3+4=7", ["3+4=7"]),
        ("(3+4)=7", ["(3+4)=7"]),
        ("5*(3+4=7)", ["5*(3+4=7"]),
        ("(a & T) | F = a", ["(a & T) | F=a"]),
        ("10% of 20 = 2", ["((10%)*20)=2"]),
        ("10% of 20*1 = 2", []),
        ("half of 3+5 = 4", []),
        ("the total = 2", []),
        ("3*500,000 = 1.5 million", []),
        ("a 5-3 = 2", []),
        ("no equals sign", []),
        ("17/5 = 3 remainder 2", []),
        ("7*8 = 1 mod 11", []),
        ("10 = 1/2 of 20", []),
        ("log 10 * 2 = 2", []),
        ("max(3, 2+2) = 4", ["2+2)=4"]),  # the parenthesis makes the first side unreadable
        ("(so 3+4 = 7)", ["3+4=7"]),
        ("3+4=7 => 7*2=14", ["3+4=7", "7*2=14"]),
        ("3+4===7", ["3+4=7"]),
        (r"so \(3 \times 4 = 12\) (see above)", ["3 * 4=12"]),
        (r"5 \cdot 8 = 40 \implies 40 \div 8 = 5", ["5 * 8=40", "40 / 8=5"]),
        (r"3 \cdot 4 = 12 \text{ eggs}", ["3 * 4=12"]),
        (r"\frac{20}{3} \approx 6.67", []),
        (r"12^2 \pi = 144 \pi", []),
        ("== = =", []),
        ("3+4\n=7", ["3+4=7"]),
        ("so 3+4\n\n = 7 eggs", ["3+4=7"]),
        ("3+4=7\n= 5+2\n= x\n= 7", ["3+4=7", "3+4=7=5+2", "7=5+2=x", "5+2=x=7"]),
        ("3+4=7 eggs\n=8", ["3+4=7"]),
        ("2 plus 3 times 4 equals 20", []),
        ("3 times 4 plus 2 equals 14", []),
        ("2 hours + 30 minutes = 150 minutes", []),
        ("3+4\nTotal = 7", ["Total=7"]),
        ("3+4\n=> 7*1 = 7", ["7*1=7"]),
        ("3+4\n====\n5+5 = 10", ["5+5=10"]),
        (r"x &= 3 + 4 \\" + "\n" + r"  &= 7 \\", ["x=3 + 4", "x=3 + 4=7"]),
        ("5 * 2 = 7 eggs + 3 eggs", []),
    ],
)
def test_chains(text: str, found: list[str]) -> None:
    assert [str(chain) for chain in chains(text)] == found


def test_a_chain_knows_its_line() -> None:
    assert [chain.line for chain in chains("one\n1+1=2, 2+2=4\n\n<<3+3=6>>")] == [2, 2, 4]


def test_a_chain_that_goes_on_stands_where_it_is_continued() -> None:
    assert [chain.line for chain in chains("3+4\n=7\n\n=8")] == [2, 4]
