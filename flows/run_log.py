"""What a command prints on a terminal, as lines of a flow run's log."""

import logging
from io import TextIOBase

from prefect.logging import get_run_logger
from rich.console import Console

WIDTH = 120


class _LogLines(TextIOBase):
    """A text file whose lines go to a logger."""

    def __init__(self, logger: "logging.Logger | logging.LoggerAdapter[logging.Logger]") -> None:
        self._logger = logger
        self._begun = ""

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            if line.strip():
                self._logger.info(line.rstrip())
        return len(text)


def log_console() -> Console:
    """A console that writes to the log of the flow run that this is called in."""
    return Console(file=_LogLines(get_run_logger()), width=WIDTH, no_color=True)  # type: ignore[arg-type]
