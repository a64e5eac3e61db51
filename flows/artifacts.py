"""What a Prefect server shows of a home: its state as Markdown, what it has spent, and where its report is."""

import logging
import os
from pathlib import Path

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from flows.homes import slug
from flows.reporting import REPORT
from warehouse.query import open_reader
from warehouse.report import markdown

REPORTS_URL = (
    "EDGEWORK_REPORTS_URL"  # where the folder of all homes is served; browsers open no file from a page
)
SPEND = (
    "select round, stage, tokens, round(seconds, 1) as seconds from costs order by round desc, seconds desc"
)

log = logging.getLogger(__name__)


def show_home(home: Path) -> None:
    """Publish the three artifacts of a home, under keys that stay, so that the server keeps their history.

    A run goes on without them while the server is away.
    """
    try:
        _publish(home)
    except Exception as error:
        log.warning("the state of %s was not shown: %s", home, error)


def _publish(home: Path) -> None:
    with open_reader(home) as con:
        state = markdown(con, home)
        result = con.execute(SPEND)
        names = [column[0] for column in result.description or ()]
        spend = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    key = slug(home)
    create_markdown_artifact(state, key=f"{key}-state", description=f"{home}: rates and decisions")
    create_table_artifact(
        spend, key=f"{key}-spend", description=f"{home}: tokens and seconds by round and stage"
    )
    create_link_artifact(report_link(home), link_text=f"report of {home.name}", key=f"{key}-report")


def report_link(home: Path) -> str:
    base = os.environ.get(REPORTS_URL)
    return f"{base.rstrip('/')}/{home.name}/{REPORT}" if base else (home.resolve() / REPORT).as_uri()
