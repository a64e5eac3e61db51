"""Processes that end when we do: after a SIGKILL of ours, and not before."""

import os
import signal
import subprocess
import sys

from benchmarks.kills import runs

PROGRAM = """
import subprocess, sys, time
from policy.outliving import EndedWithUs
others = [subprocess.Popen(["sleep", "600"], start_new_session=True) for _ in range(3)]
let_go = EndedWithUs([others[0].pid])
let_go.close()
kept = EndedWithUs([other.pid for other in others[1:]])
print(*(other.pid for other in others), flush=True)
time.sleep(600)
"""


def test_they_end_when_we_are_killed_but_for_those_that_were_let_go() -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as ours:
        assert ours.stdout
        let_go, *kept = map(int, ours.stdout.readline().split())
        assert len(runs.still_there([let_go, *kept], within_s=0.5)) == 3
        ours.kill()
    try:
        assert runs.still_there(kept, within_s=30) == []
        assert runs.still_there([let_go], within_s=0.5) == [let_go]
    finally:
        os.kill(let_go, signal.SIGKILL)
