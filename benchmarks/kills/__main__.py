"""Kill runs of examples/quick.toml at random instants, and compare what they come to with an undisturbed run.

python -m benchmarks.kills --kills 200 --kind whole

What came of each home is a line in `--log`; the same command carries on where it was cut short.
"""

import argparse
import json
import shutil
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import count
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from benchmarks.kills import runs
from benchmarks.kills.stories import KINDS, Story, Undisturbed, tell, undisturbed

QUICK = ["run", "--config", str(runs.QUICK)]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", choices=KINDS, default="whole", help="what is struck")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=2, help="homes played at a time, a core each")
    parser.add_argument("--log", type=Path, default=Path("runs/kills.jsonl"))
    given = parser.parse_args()
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="edgework-kills-"))
    expected = undisturbed(folder, QUICK, {"PREFECT_HOME": str(folder / "prefect-0")})
    print(f"undisturbed: {len(expected.units)} units of work in {expected.seconds:.1f} s", flush=True)
    stories = play(folder, expected, given.kind, given.kills, given.seed, given.at_once, given.log)
    Console().print(table(stories, time.monotonic() - started))
    if any(story.wrong for story in stories):
        raise SystemExit(f"see {folder}")
    shutil.rmtree(folder)


def play(
    folder: Path, expected: Undisturbed, kind: str, kills: int, seed: int, at_once: int, log: Path
) -> list[Story]:
    """Homes, so many at a time, until so many strikes are in the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    stories = [
        Story(**line["story"]) for line in lines if (line["seed"], line["story"]["kind"]) == (seed, kind)
    ]
    numbers = count(1 + max((story.number for story in stories), default=-1))
    mutex = threading.Lock()

    def struck() -> int:
        return sum(len(story.strikes) for story in stories)

    def lane(which: int) -> None:
        server = {"PREFECT_HOME": str(folder / f"prefect-{which}")}
        while struck() < kills:
            with mutex:
                stories.append(story := Story(kind, next(numbers)))
            rng = Random(f"{seed} {kind} {story.number}")
            tell(story, folder, QUICK, server, expected, rng, lambda: struck() < kills)
            with mutex, log.open("a") as out:
                out.write(json.dumps({"seed": seed, "story": asdict(story)}) + "\n")
            said = "; ".join(story.wrong) or "equal"
            print(f"{struck():4} strikes; home {story.number}, {story.starts} starts: {said}", flush=True)

    with ThreadPoolExecutor(at_once) as lanes:
        list(lanes.map(lane, range(at_once)))
    return stories


def table(stories: list[Story], seconds: float) -> Table:
    """At which stage what was struck how often."""
    counts = Counter((stage, what) for story in stories for stage, what in story.strikes)
    wrong = sum(bool(story.wrong) for story in stories)
    rows = Table(
        title=f"{counts.total()} strikes on {len(stories)} homes, {wrong} of them not as undisturbed;"
        f" {seconds / 60:.1f} min"
    )
    for heading in ("stage", "what", "strikes"):
        rows.add_column(heading)
    for (stage, what), number in sorted(counts.items()):
        rows.add_row(stage, what, str(number))
    return rows


if __name__ == "__main__":
    main()
