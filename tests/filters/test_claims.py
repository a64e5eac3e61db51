"""Which chains a text is found to claim."""

import pytest

from filters.claims import chains


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
        ("10% of 20 = 2", []),
        ("half of 3+5 = 4", []),
        ("the total = 2", []),
        ("3*500,000 = 1.5 million", []),
        ("a 5-3 = 2", []),
        ("no equals sign", []),
        ("== = =", []),
    ],
)
def test_chains(text: str, found: list[str]) -> None:
    assert [str(chain) for chain in chains(text)] == found
