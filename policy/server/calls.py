"""One call to the server by the official client, and what each way of failing means.

Nothing is tried again here. What may work later is `Failed`; what will not is an
InputError that says what the server said, without the key, should the server repeat it.
"""

import asyncio
import math
from itertools import cycle
from typing import Any

from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError, AsyncOpenAI, Timeout

from curriculum.errors import InputError
from policy.server.settings import NO_KEY, Server, key

CONNECTIONS_PER_CLIENT = 8  # the client looks through all its connections at each request
CONNECT_S = 10.0
SHOWN = 300  # characters of what a server says
LATER = frozenset({408, 409, 429})  # "not now" of a server that is well


class Failed(Exception):
    """It may work later: not now (`wait_s` at the earliest), or the server is away (`doubt`: perhaps replaced)."""

    def __init__(self, reason: str, doubt: bool, wait_s: float = 0.0, status: int | None = None) -> None:
        super().__init__(reason)
        self.doubt = doubt
        self.wait_s = wait_s
        self.status = status


class Refused(InputError):
    """The server understood and said no; the message says what it said."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Calls:
    """GET and POST of JSON, below `server.url` or at a whole URL. For one event loop."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._key = key(server)
        clients = math.ceil(server.concurrent / CONNECTIONS_PER_CLIENT)
        timeout = Timeout(server.timeout_s, connect=min(CONNECT_S, server.timeout_s))
        self._clients = [
            AsyncOpenAI(base_url=server.url, api_key=self._key, timeout=timeout, max_retries=0)
            for _ in range(clients)
        ]
        self._next = cycle(self._clients)

    async def get(self, path: str) -> Any:
        return await self._call("GET", path, None)

    async def post(self, path: str, body: dict[str, object]) -> Any:
        return await self._call("POST", path, body)

    async def close(self) -> None:
        await asyncio.gather(*(client.close() for client in self._clients))

    async def _call(self, method: str, path: str, body: dict[str, object] | None) -> Any:
        client = next(self._next)
        try:
            if body is None:
                return await client.get(path, cast_to=object)
            return await client.post(path, cast_to=object, body=body)
        except APIError as error:
            failure = self._meaning(error, f"{method} {path.removeprefix(self.server.root)}")
        except ValueError:
            failure = Failed("the answer is not JSON", doubt=True)
        raise failure  # out here, so that the client's error, which knows the headers, is not its context

    def _meaning(self, error: APIError, call: str) -> Exception:
        if isinstance(error, APITimeoutError):
            return Failed(f"no answer within server.timeout_s = {self.server.timeout_s:g} s", doubt=True)
        if isinstance(error, APIConnectionError):
            cause = error.__cause__ or error
            return Failed(f"no connection: {self._safe(str(cause)) or type(cause).__name__}", doubt=True)
        if not isinstance(error, APIStatusError):
            return Failed("the answer cannot be read", doubt=True)
        status = error.status_code
        said = f"{call} answered {status}"
        if status in (401, 403):
            holds = "none" if self._key == NO_KEY else "another"
            return Refused(
                f"{self.server.url}: {said}: the key is taken from the environment variable"
                f" {self.server.key_variable}, which should hold the server's and holds {holds}",
                status,
            )
        said += f": {self._safe(_words(error.body) or error.response.text)}"
        if status in LATER or status >= 500:
            return Failed(said, doubt=status >= 500, wait_s=_retry_after(error), status=status)
        return Refused(f"{self.server.url}: {said}", status)

    def _safe(self, text: str) -> str:
        """At most so much of it, on one line, without the key."""
        shown = text if self._key == NO_KEY else text.replace(self._key, "[key]")
        shown = " ".join(shown.split())
        return shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"


def field(reply: object, *path: str | int) -> Any:
    """What stands in an answer where the protocol says. Failed if nothing does."""
    for step in path:
        try:
            reply = reply[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            raise Failed(f"the answer lacks {'.'.join(map(str, path))}", doubt=True) from None
    return reply


def _words(body: object) -> str:
    """The message in an error's body, wherever servers put it."""
    while isinstance(body, dict):
        body = body.get("error") or body.get("message") or body.get("detail") or ""
    return str(body or "")


def _retry_after(error: APIStatusError) -> float:
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "0")))
    except ValueError:
        return 0.0
