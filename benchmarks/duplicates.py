"""How often a family repeats a question: the share of 10,000 draws of each cell that were drawn before.

A small cell (two-digit sums, say) must repeat itself; a large one must not, or its seeds are not strangers.
"""

import argparse

from curriculum.records import hashed_seed
from generators import FAMILIES, Family


def duplicate_rate(family: Family, level: int, draws: int) -> float:
    """The share of `draws` problems of the cell whose question an earlier one of them asked."""
    questions = {family.generate(level, hashed_seed("duplicates", i)).question for i in range(draws)}
    return 1 - len(questions) / draws


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10_000, help="of each cell")
    draws = parser.parse_args().draws
    levels = range(1, max(family.top_level for family in FAMILIES.values()) + 1)
    print(f"duplicates among {draws:,} draws of a cell, in %")
    print(f"{'level':<24}" + "".join(f"{level:>6}" for level in levels))
    for name, family in FAMILIES.items():
        rates = (duplicate_rate(family, level, draws) for level in range(1, family.top_level + 1))
        print(f"{name:<24}" + "".join(f"{100 * rate:>6.1f}" for rate in rates), flush=True)


if __name__ == "__main__":
    main()
