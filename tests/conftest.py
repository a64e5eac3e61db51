"""Before anything imports Prefect: the quiet settings that the command line uses."""

from flows.cli import quiet_prefect

quiet_prefect()
