"""Before anything imports Prefect: the quiet settings that the command line uses. And what is begun first."""

import pytest

from flows.environment import quiet_prefect

quiet_prefect()

LONGEST = {"test_schedules.py", "test_pages.py", "test_serving.py"}  # minutes each, most of it waiting


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """So that no process is left alone with one of them when the others have nothing more to do."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
