"""Who we are on the Hub, and whether that will do: asked before any work begins.

The token comes from HF_TOKEN or from the Hub's own login, and stays inside HfApi: no message, log or file has it.
huggingface_hub reads HF_HUB_OFFLINE as it is imported, so it is imported when it is first needed.
"""

import logging
import re
from typing import TYPE_CHECKING, Any

from warehouse.hub.patience import QUERY, PushRefused

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,94}[A-Za-z0-9])?")


def check_name(repo: str) -> None:
    """Raises PushRefused unless `repo` is OWNER/NAME by the Hub's rules."""
    parts = repo.split("/")
    if len(parts) != 2 or not all(map(_is_name, parts)):
        raise PushRefused(
            "a dataset on the Hub is named OWNER/NAME, each of up to 96 letters, digits, '-', '_' and '.', beginning"
            f" and ending with a letter or digit and without '--', '..' or a final '.git'; not {repo[:200]!r}"
        )


def _is_name(part: str) -> bool:
    return bool(_NAME.fullmatch(part)) and "--" not in part and ".." not in part and not part.endswith(".git")


def log_in() -> "HfApi":
    """The Hub, with a token. Raises PushRefused if there is none, or if the Hub is off limits."""
    from huggingface_hub import HfApi, constants, get_token

    if constants.is_offline_mode():
        raise PushRefused(
            "a push needs the Hub, and HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids it: unset it"
        )
    token = get_token()
    if not token:
        raise PushRefused("a push needs a token that may write: log in with `hf auth login`, or set HF_TOKEN")
    if not re.fullmatch(r"[!-~]+", token):  # the HTTP client would quote it in its complaint
        raise PushRefused(
            "a token is of printable ASCII without spaces; that of HF_TOKEN or the login is not"
        )
    _keep_signatures_out_of_the_log()
    return HfApi(token=token)


def check_owner(repo: str, who: dict[str, Any]) -> None:
    """Raises PushRefused unless the user, as `whoami` tells it, may make a new dataset of that name."""
    owner = repo.split("/")[0]
    owners = [who["name"], *(organization["name"] for organization in who.get("orgs", ()))]
    if owner.casefold() not in {name.casefold() for name in owners}:
        raise PushRefused(f"a new dataset belongs to you or to an organization of yours; {owner} is neither")
    if who.get("auth", {}).get("accessToken", {}).get("role") == "read":
        raise PushRefused("a push needs a token that may write; this one may only read")


def _keep_signatures_out_of_the_log() -> None:
    """huggingface_hub warns of each upload that it repeats, with the whole address."""
    for handler in logging.getLogger("huggingface_hub").handlers:
        handler.addFilter(_without_query)


def _without_query(record: logging.LogRecord) -> bool:
    record.msg, record.args = QUERY.sub("", record.getMessage()), ()
    return True
