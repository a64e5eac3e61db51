"""GPUs for one run alone: slots of a limit that the Prefect server keeps, and locks on this machine's devices.

The limit makes deployed runs queue for as many GPUs as there are, wherever they run. The locks settle which devices of
this machine are a run's own, and hold for runs from the command line, too. They are the kernel's (`flock`), so they
go with the process that held them, however it ends.
"""

import fcntl
import os
import stat
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from curriculum.errors import WorkFailed
from flows.settings import Config

LIMIT = "edgework-gpu"  # as `edgework deploy` creates it; a slot is a GPU
VISIBLE = "CUDA_VISIBLE_DEVICES"
SHARE = "EDGEWORK_SHARE_GPUS"


class GpusInUse(WorkFailed):
    """Other runs have the GPUs of this machine."""


@contextmanager
def slots(count: int) -> Iterator[None]:
    """Hold so many slots of the server's limit, waiting for them.

    WorkFailed if the server has no such limit, or one that cannot hold or never gives so many: what does not hold is
    no limit. Who cannot renew its lease is stopped, since another run may have its GPU by then.
    """
    if count == 0:
        yield
        return
    from prefect.client.orchestration import get_client
    from prefect.concurrency.sync import concurrency
    from prefect.exceptions import ObjectNotFound

    with get_client(sync_client=True) as client:
        try:
            limit = client.read_global_concurrency_limit_by_name(LIMIT)
        except ObjectNotFound:
            raise WorkFailed(
                f"runs on GPUs share them by the limit {LIMIT!r}, and the server has none: edgework deploy --gpus N"
            ) from None
    if not limit.active or limit.limit < count:
        state = f"has {limit.limit}" if limit.active else "is switched off"
        raise WorkFailed(
            f"this run needs {count} GPUs of the limit {LIMIT!r}, which {state}: edgework deploy --gpus N"
        )
    with concurrency(LIMIT, occupy=count, strict=True):
        yield


def needed(config: Config) -> int:
    """How many GPUs a run may use at a time, its engines' or its trainer's, as far as this machine has any."""
    elsewhere = config.policy.engine == "server" or "RAY_ADDRESS" in os.environ
    wanted = max(0 if elsewhere else config.policy.engines, config.training.processes)
    return min(wanted, len(visible_gpus()))


@contextmanager
def own_gpus(count: int) -> Iterator[None]:
    """Make so many of this machine's free GPUs the only ones that this process and its children see.

    To be entered before CUDA is. A machine without GPUs is left as it is. GpusInUse if fewer are free, which says
    who holds the others.
    """
    devices = visible_gpus()
    if not devices or os.environ.get(SHARE) == "1":
        yield
        return
    with ExitStack() as held:
        mine = _hold(devices, count, held)
        before = os.environ.get(VISIBLE)
        os.environ[VISIBLE] = ",".join(mine)
        try:
            yield
        finally:
            if before is None:
                del os.environ[VISIBLE]
            else:
                os.environ[VISIBLE] = before


def visible_gpus() -> list[str]:
    """The devices that this process may use, as CUDA_VISIBLE_DEVICES names them."""
    named = os.environ.get(VISIBLE)
    if named is not None:
        return [device.strip() for device in named.split(",") if device.strip() not in ("", "-1")]
    from torch.cuda import device_count

    return [str(index) for index in range(device_count())]


def _hold(devices: Sequence[str], count: int, held: ExitStack) -> list[str]:
    """Lock so many of the devices for as long as `held` is open."""
    mine: list[str] = []
    taken: list[str] = []
    for device in devices:
        if len(mine) == count:
            break
        holder = _try_to_hold(device, held)
        if holder is None:
            mine.append(device)
        else:
            taken.append(f"{device} by {holder}")
    if len(mine) < count:
        raise GpusInUse(
            f"a run has its GPUs for itself; it needs {count}, and of {len(devices)} here {', '.join(taken) or 'none'}"
            f" is in use ({SHARE}=1 lets runs share them)"
        )
    return mine


def _try_to_hold(device: str, held: ExitStack) -> str | None:
    """Lock the device for as long as `held` is open; else who holds it."""
    descriptor = _opened(_folder() / f"edgework-gpu-{_identity(device)}")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 200).decode(errors="replace").strip()
        os.close(descriptor)
        return holder or "a process"
    held.callback(os.close, descriptor)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"process {os.getpid()}\n".encode())
    return None


def _opened(file: Path) -> int:
    """Its descriptor, for any user: who did not make it may not name O_CREAT for it in a folder like /tmp."""
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        os.fchmod(descriptor, 0o666)  # whatever the umask
        return descriptor
    return os.open(file, os.O_RDWR)


def _identity(device: str) -> str:
    """What the device is called by whoever names it: its UUID, where NVIDIA's driver tells; else its name.

    Indices are taken as nvidia-smi counts, which is how CUDA counts GPUs of one kind.
    """
    uuids = _uuids()
    if device.isdecimal() and int(device) < len(uuids):
        return uuids[int(device)]
    return next((uuid for uuid in uuids if uuid.startswith(device)), device)


def _uuids() -> list[str]:
    query = ["nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader"]
    try:
        listed = subprocess.run(query, check=True, capture_output=True, text=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return listed.split()


def _folder() -> Path:
    """Where all users of a machine find the same locks: /run/lock, unless it is closed to some of them."""
    shared = Path("/run/lock")
    return shared if shared.is_dir() and shared.stat().st_mode & stat.S_IWOTH else Path("/tmp")
