"""The Python that model programs run in, and the files it needs: itself, the standard library, shared libraries.

As root we start programs as an unprivileged user, who may not reach the interpreter that runs us (under /root,
say). Then it is one of the system's own that is new enough.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OLDEST = (3, 11)
NOBODY = 65534  # the unprivileged user and group

_ABOUT = (
    "import json, sys, sysconfig; print(json.dumps([sys.version_info[:2], sysconfig.get_path('stdlib')]))"
)
_LIBRARY = re.compile(r"(?:=>\s+|^\s+)(/\S+) \(0x", re.MULTILINE)
_INSTALLED = ("site-packages", "dist-packages")


@dataclass(frozen=True, slots=True)
class Interpreter:
    executable: str
    library: str  # the folder of the standard library
    shared: tuple[str, ...]  # libraries that it or its extension modules load

    @property
    def files(self) -> list[str]:
        """All that it needs, and all that a sandbox shows."""
        return [self.executable, self.library, *self.shared]

    @property
    def installed(self) -> list[str]:
        """Folders of other people's packages inside the standard library's."""
        return [str(path) for name in _INSTALLED if (path := Path(self.library, name)).is_dir()]


def unprivileged() -> dict[str, int | list[int]]:
    """The arguments of Popen that give up root. Root is exempt from the limit on processes, nobody is not."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


@cache
def interpreter() -> Interpreter | None:
    """The first that an unprivileged user can run, preferring the one that runs us; None if there is none."""
    return next((found for path in _candidates() if (found := _examined(path))), None)


def _candidates() -> Iterator[Path]:
    yield Path(getattr(sys, "_base_executable", sys.executable))
    for folder in (Path("/usr/local/bin"), Path("/usr/bin")):
        yield folder / "python3"
        yield from sorted(folder.glob("python3.[1-9][0-9]"), reverse=True)


def _examined(path: Path) -> Interpreter | None:
    try:
        executable = str(path.resolve(strict=True))
        told = _output([executable, "-I", "-S", "-c", _ABOUT])
        version, library = json.loads(told)
        if tuple(version) < OLDEST:
            return None
        modules = [str(module) for module in Path(library, "lib-dynload").glob("*.so")]
        shared = set(_LIBRARY.findall(_output(["ldd", executable, *modules])))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Interpreter(executable, library, tuple(sorted(shared)))


def _output(command: list[str]) -> str:
    done = subprocess.run(
        command,
        capture_output=True,
        check=True,
        cwd="/",
        env={"PATH": os.defpath},
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=30,
        **unprivileged(),  # type: ignore[call-overload]
    )
    return str(done.stdout)
