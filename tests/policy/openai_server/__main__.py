"""`python -m tests.policy.openai_server --port N`: the process that SmallServer starts."""

import argparse
from pathlib import Path

import uvicorn

from tests.policy.openai_server import REPOSITORY
from tests.policy.openai_server.app import app


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "policy" / "tiny")
    parser.add_argument(
        "--key", default="", help="that must be sent; it is said back to whoever sends another"
    )
    parser.add_argument("--strict", action="store_true", help="refuse fields that are not of the protocol")
    parser.add_argument("--plain", action="store_true", help="none of vLLM's routes")
    parser.add_argument("--models", nargs="*", default=["tiny"])
    parser.add_argument("--refuse", default="0:0", help="STATUS:TIMES, from the second request on")
    parser.add_argument("--retry-after", default="")
    parser.add_argument("--silent", type=int, default=0, help="so many requests are never answered")
    parser.add_argument("--die-after", type=int, default=0, help="answers, once")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    given = parser.parse_args()

    uvicorn.run(app(given), port=given.port, log_level="error", timeout_keep_alive=5)


main()
