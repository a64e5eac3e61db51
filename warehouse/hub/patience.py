"""What can go wrong on the way to the Hub: what is tried again, for how long, and what a person is told.

PushRefused  the name, the token, its rights, or what stands in the repository: exit 2
PushFailed   the Hub is out of reach, or does not take the export; the same command carries on: exit 1
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from curriculum.errors import WorkFailed
from warehouse.errors import WarehouseError

Say = Callable[[str], None]
T = TypeVar("T")

WAITS_S = (
    1.0,
    2.0,
    4.0,
    8.0,
)  # between tries; within each upload, huggingface_hub itself tries five times more
SILENCE_S = 300.0  # a connection on which nothing moves for so long is given up and tried again
QUERY = re.compile(r"\?\S+")  # of an address: storage addresses are signed there
_BUSY = {408, 429, 500, 502, 503, 504}


class PushRefused(WarehouseError):
    """What the user can put right."""


class PushFailed(WorkFailed):
    """What arrived is kept."""


def patiently(step: Callable[[], T], say: Say) -> T:
    """What `step` returns, tried again after each of WAITS_S while the Hub is busy or cannot be reached."""
    from huggingface_hub import get_session

    for wait in WAITS_S:
        get_session().timeout = SILENCE_S  # huggingface_hub would wait forever
        try:
            return step()
        except Exception as error:
            if not is_passing(error):
                raise
            say(f"{reason(error)}; trying again in {wait:.0f} s")
            time.sleep(wait)
    return step()


def is_passing(error: BaseException) -> bool:
    """Whether the same may succeed later: the Hub is busy or away, or an upload broke off.

    An upload that the storage refuses is tried again too: the signature of its address may have expired, and each
    try gets a new one.
    """
    upload = isinstance(error, RuntimeError)  # as huggingface_hub and hf_xet raise from one
    if (code := status(error)) is not None:
        return code in _BUSY or (upload and code in (400, 403))
    return upload or _is_unreachable(error)


def _is_unreachable(error: BaseException) -> bool:
    from httpx2 import TransportError

    return any(isinstance(link, (TransportError, ConnectionError, TimeoutError)) for link in _chain(error))


def status(error: BaseException) -> int | None:
    """The HTTP status that the error comes from; None if there was no answer."""
    from huggingface_hub.errors import HfHubHTTPError

    return next(
        (link.response.status_code for link in _chain(error) if isinstance(link, HfHubHTTPError)), None
    )


@contextmanager
def in_words(repo: str) -> Iterator[None]:
    """What huggingface_hub and its HTTP client raise inside becomes PushRefused or PushFailed."""
    from httpx2 import HTTPError
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        yield
    except RepositoryNotFoundError as error:
        raise PushRefused(f"a push needs a token that may see and write {repo}; this one does not") from error
    except (HTTPError, OSError, RuntimeError, ValueError) as error:
        match status(error):
            case 401:
                advice = "log in again with `hf auth login`, or renew HF_TOKEN"
                raise PushRefused(
                    f"a push needs a token that the Hub knows; it refused this one: {advice}"
                ) from error
            case 403:
                raise PushRefused(f"a push needs a token that may write {repo}; this one may not") from error
        raise PushFailed(
            f"the push to {repo} is not finished: {reason(error)}. What arrived is kept; the same command carries on"
        ) from error


def reason(error: BaseException) -> str:
    """In a line; without signed addresses, and without the control characters of a hostile answer."""
    from huggingface_hub.errors import HfHubHTTPError

    for link in _chain(error):
        if isinstance(link, HfHubHTTPError):
            said = _one_line(link.server_message or "")
            return f"the Hub answered {link.response.status_code}{f' ({said})' if said else ''}"
    root = _chain(error)[-1]
    what = "the Hub cannot be reached" if _is_unreachable(error) else "it broke off"
    return f"{what} ({type(root).__name__}: {_one_line(str(root))})"


def _one_line(text: str) -> str:
    printable = "".join(char if char.isprintable() else " " for char in QUERY.sub("", text[:2000]))
    return " ".join(printable.split())[:300]


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it was raised from, outermost first."""
    links = [error]
    while (inner := links[-1].__cause__ or links[-1].__context__) is not None and inner not in links:
        links.append(inner)
    return links
