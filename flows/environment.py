"""What the libraries are told by their environment variables; whatever the user has set wins."""

import atexit
import os

_OFFLINE = "HF_HUB_OFFLINE"
_LEVEL = "PREFECT_LOGGING_LEVEL"
_LIBRARIES = {
    "TRANSFORMERS_VERBOSITY": "error",
    "TORCH_CPP_LOG_LEVEL": "ERROR",
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_NO_USAGE_STATS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
    _OFFLINE: "1",
}
_OURS = "EDGEWORK_SET"  # the names of those that we have set, for the processes that inherit them


def quiet_libraries() -> None:
    """No progress bars of others, no usage statistics, no looking for a checkpoint on the Hub."""
    _set(_LIBRARIES)


def quiet_prefect() -> None:
    """The same, and settings of Prefect for a laptop without a server."""
    quiet_libraries()
    _set(
        {
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            # An error in a flow is told by the command; to a server that was named, Prefect tells it, too.
            _LEVEL: "WARNING" if "PREFECT_API_URL" in os.environ else "CRITICAL",
            "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        }
    )


def show_logs() -> None:
    """Let Prefect log what the runs that this process starts have to say, unless the user has set the level."""
    if _is_ours(_LEVEL):
        os.environ[_LEVEL] = "INFO"


def silence_teardown() -> None:
    """To be called before Prefect is imported, so that it takes effect last.

    DuckDB's bindings complain of objects that Prefect's threads keep alive at exit; nobody can act on it.
    """
    atexit.register(lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 2))


def let_the_hub_be_asked() -> None:
    """To be called before huggingface_hub is imported. If it was the user who went offline, that stays."""
    if _is_ours(_OFFLINE):
        os.environ.pop(_OFFLINE, None)


def _is_ours(name: str) -> bool:
    return name in os.environ.get(_OURS, "").split(",")


def _set(values: dict[str, str]) -> None:
    new = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(new)
    os.environ[_OURS] = ",".join(filter(None, [os.environ.get(_OURS), *new]))
