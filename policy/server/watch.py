"""Keeps watch that samples come from the weights of their policy, whatever becomes of the server.

A server that is started again, or given other weights by someone else, goes on answering under the same name.
So an answer counts only once a look at the server, begun after the answer came, has found the weights in place.
One look serves all answers that came before it; where an answer itself shows its weights, none is needed.
"""

import asyncio
import logging
from pathlib import Path

from policy.server.calls import Failed
from policy.server.patience import Patience
from policy.server.weights import Weights

log = logging.getLogger(__name__)


class Watch:
    """The weights that were put on the server, and how often they had to be put: their epoch."""

    def __init__(self, weights: Weights, url: str, patience_s: float) -> None:
        self.weights = weights
        self._url = url
        self._patience = Patience(url, patience_s)
        self._wanted: tuple[str, Path] | None = None
        self._epoch = 0
        self._doubted = False
        self._lock = asyncio.Lock()
        self._arrived = 0  # answers that wait for a look, and how many of them the last one served
        self._served = 0

    async def load(self, policy: str, folder: Path) -> None:
        async with self._lock:
            self._doubted = True  # if this fails, the server may have neither
            await self._patiently(policy, folder, anew=True)
            self._wanted = (policy, folder)

    def doubt(self) -> None:
        """Look at the server before anything more is asked of it."""
        self._doubted = True

    async def in_place(self) -> int:
        """The epoch of the weights, which are on the server now as far as one knows."""
        if self._doubted:
            await self._look()
        return self._epoch

    async def unchanged_since(self, epoch: int) -> bool:
        """Whether what was asked in `epoch` and has been answered came from the weights that are wanted."""
        if self.weights.unsigned or self._doubted:
            await self._look()
        return epoch == self._epoch

    async def _look(self) -> None:
        self._arrived += 1
        mine = self._arrived
        async with self._lock:
            if self._served >= mine:
                return
            together = self._arrived
            assert self._wanted is not None, "nothing is asked before a checkpoint is loaded"
            await self._patiently(*self._wanted)
            self._served = together

    async def _patiently(self, policy: str, folder: Path, anew: bool = False) -> None:
        tries = 0
        while True:
            try:
                if anew or not await self.weights.there():
                    self._epoch += 1  # before the load: what is under way may be answered by either
                    self._doubted = True  # and nothing more is asked until it is done
                    await self.weights.put(policy, folder)
                    if not anew:
                        log.warning("%s: had lost %s, which was loaded again", self._url, policy)
                break
            except Failed as failed:
                await self._patience.wait(failed, tries)
                tries += 1
        self._patience.worked()
        self._doubted = False
