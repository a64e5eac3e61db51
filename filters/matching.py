"""Comparing collections member by member, where sameness is more than being written alike."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def pair_off(ours: Sequence[Item], theirs: Sequence[Item], same: Callable[[Item, Item], bool]) -> bool:
    """Whether the members pair off in some order; sameness is transitive, so the first partner will do."""
    left = list(theirs)
    if len(ours) != len(left):
        return False
    for item in ours:
        place = next((place for place, other in enumerate(left) if same(item, other)), None)
        if place is None:
            return False
        del left[place]
    return True


def distinct(items: Sequence[Item], same: Callable[[Item, Item], bool]) -> list[Item]:
    """The items without those that are the same as one before them."""
    found: list[Item] = []
    for item in items:
        if not any(same(other, item) for other in found):
            found.append(item)
    return found
