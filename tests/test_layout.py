"""The six packages are the ones of this repository, and nothing else of the same name was imported."""

from importlib import import_module
from pathlib import Path

import pytest

ROOMS = ("flows", "curriculum", "generators", "filters", "warehouse", "policy")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_imported_from_this_repository(room: str) -> None:
    module = import_module(room)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve() == Path(__file__).resolve().parents[1] / room / "__init__.py"
