"""What changed when samples were judged again: how many verdicts flipped which way, with some to look at."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from warehouse.store import Warehouse

SHOWN = 5  # examples each way
LONGEST = 60  # characters of a question or an answer in a line

# Of the verdicts that counted: an earlier version's, or the problem's own check where another judge is tried.
FLIPS = """
    select f.*, o.family, o.level, any_value(p.question) as question, any_value(p.answer) as answer
    from flips as f
    join outcomes as o on o.sample_key = f.sample_key
    join problems as p on p.key = o.problem_key
    where f.new_judge = ? and split_part(f.old_judge, '/', 1) in (p.check_kind, 'steps')
    group by all
"""
COUNTS = f"""
    select old_judge, old_outcome, new_outcome, count(*) as samples from ({FLIPS})
    group by all order by old_judge, samples desc, old_outcome, new_outcome
"""
EXAMPLES = f"""
    select * from ({FLIPS}) where (new_outcome = 'right') = ? and 'right' in (old_outcome, new_outcome)
    order by family, level, sample_key limit {SHOWN}
"""


def print_flips(store: Warehouse, judge: str, console: Console) -> None:
    """A table of what `judge` (name and version) says otherwise than was said, and examples both ways."""
    counts = store.query(COUNTS, (judge,))
    if not counts:
        console.print(f"{judge} flips no verdict", highlight=False)
        return
    table = Table(title=f"flipped by {judge}")
    for column in ("before", "was", "is", "samples"):
        table.add_column(column, justify="right" if column == "samples" else "left")
    for row in counts:
        table.add_row(row["old_judge"], row["old_outcome"], row["new_outcome"], f"{row['samples']:,}")
    console.print(table)
    for heading, right in (("no longer right", False), ("right now", True)):
        for row in store.query(EXAMPLES, (judge, right)):
            console.print(f"[bold]{heading}[/] {escape(_line(row))}", highlight=False, soft_wrap=True)
    console.print('all of them: edgework sql "from flips"', highlight=False, markup=False)


def _line(row: dict[str, object]) -> str:
    found = f"{_short(row['new_extracted'])} for {_short(row['answer'])}"
    return f"{row['sample_key']} {row['family']} {row['level']}: {found}, asked {_short(row['question'])}"


def _short(value: object) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return repr(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
