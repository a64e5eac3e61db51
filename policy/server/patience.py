"""How long to go on trying, and how long to wait between two tries."""

import asyncio
import logging
import time
from random import uniform

from curriculum.errors import WorkFailed
from policy.server.calls import Failed

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 5.0
LONGEST_OBEYED_S = 60.0  # of what a server asks for by Retry-After
SILENT_S = 5.0  # troubles shorter than this are not told

log = logging.getLogger(__name__)


class Patience:
    """Counts from the first failure after the last success; several tries at a time share one."""

    def __init__(self, url: str, limit_s: float) -> None:
        self._url = url
        self._limit_s = limit_s
        self._since: float | None = None
        self._told = False
        self.successes = 0

    def worked(self) -> None:
        self.successes += 1
        if self._told and self._since is not None:
            log.warning("%s: goes on after %.0f s", self._url, time.monotonic() - self._since)
        self._since, self._told = None, False

    async def wait(self, failed: Failed, tries: int) -> None:
        """Until the next try, `tries` failed ones after the first. WorkFailed once nothing worked for too long."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        elapsed = now - self._since
        if elapsed >= self._limit_s:
            raise WorkFailed(
                f"{self._url}: nothing worked for {elapsed:.0f} s (server.patience_s = {self._limit_s:g}): {failed};"
                " nothing is lost, the same command carries on"
            )
        if elapsed >= SILENT_S and not self._told:
            self._told = True
            log.warning("%s: waiting, for up to %g s: %s", self._url, self._limit_s, failed)
        backoff = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(tries, 10)) * uniform(0.5, 1)
        asked_for = min(failed.wait_s, LONGEST_OBEYED_S)
        await asyncio.sleep(min(max(backoff, asked_for), self._limit_s - elapsed))
