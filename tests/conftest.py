"""Before anything imports Prefect: the quiet settings that the command line uses."""

from flows.environment import quiet_prefect

quiet_prefect()
