"""A damaged merged shard, restored from the shards that were merged into it, as far as these are still whole.

They lie on the disk until `edgework gc --remove`. Where one of them was merged itself and is not whole either, what
was merged into it serves.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

from warehouse.ledger import Entry, Ledger, Shard, Superseded
from warehouse.shards import state


def restore(home: Path, ledger: Ledger, damaged: Collection[str]) -> tuple[Ledger, Counter[str]]:
    """The ledger with all entries of these shards that have whole originals in those; how many, by damaged shard.

    What no original has stays where it was; a damaged shard of which nothing stays is not listed any more.
    """
    by_target = _by_target(ledger.superseded)
    originals = {path: list(_whole(home, by_target, path)) for path in damaged}
    back: dict[str, Shard] = {}
    restored: Counter[str] = Counter()
    entries = []
    for entry in ledger.entries:
        if entry.path in originals and (found := _holding(originals[entry.path], entry)):
            shard, start = found
            back[shard.path] = shard
            restored[entry.path] += 1
            entry = replace(entry, path=shard.path, first_row=entry.first_row - start)
        entries.append(entry)
    read = {entry.path for entry in entries}
    shards = {path: shard for path, shard in ledger.shards.items() if path in read or path not in restored}
    superseded = {path: old for path, old in ledger.superseded.items() if path not in back}
    return Ledger(tuple(entries), shards | back, superseded), restored


def _holding(originals: Sequence[tuple[Shard, int]], entry: Entry) -> tuple[Shard, int] | None:
    """The one whose rows, from that row of the merged shard on, include all rows of the entry."""
    for shard, start in originals:
        if start <= entry.first_row and entry.first_row + entry.rows <= start + shard.rows:
            return shard, start
    return None


def followed(
    superseded: Mapping[str, Superseded], path: str, kept: Sequence[Entry], smaller: str
) -> dict[str, Superseded]:
    """The originals of the shard `path`, now that only these entries, in the order of their rows, stand in `smaller`.

    Those that stay whole can restore that one; of the others perhaps what was merged into them.
    """
    starts = list(accumulate((entry.rows for entry in kept), initial=0))
    by_target = _by_target(superseded)

    def places(target: str, start: int) -> Iterator[Superseded]:
        for old in by_target.get(target, ()):
            first = start + (old.first_row or 0)
            end = first + (old.rows or 0)
            inside = [i for i, e in enumerate(kept) if first <= e.first_row and e.first_row + e.rows <= end]
            if inside and sum(kept[i].rows for i in inside) == old.rows:
                yield replace(old, merged_into=smaller, first_row=starts[inside[0]])
            else:
                yield replace(old, merged_into=None, first_row=None)
                yield from places(old.path, first)

    return {old.path: old for old in places(path, 0)}


def _whole(
    home: Path, by_target: Mapping[str, list[Superseded]], path: str, start: int = 0
) -> Iterator[tuple[Shard, int]]:
    """The largest whole shards whose rows went into the shard `path`, and from which row of it on they stood."""
    for old in by_target.get(path, ()):
        shard, first = old.as_shard(), start + (old.first_row or 0)
        if shard is not None and not state(home, shard):
            yield shard, first
        else:
            yield from _whole(home, by_target, old.path, first)


def _by_target(superseded: Mapping[str, Superseded]) -> dict[str, list[Superseded]]:
    found: dict[str, list[Superseded]] = {}
    for old in superseded.values():
        if old.merged_into is not None:
            found.setdefault(old.merged_into, []).append(old)
    return found
