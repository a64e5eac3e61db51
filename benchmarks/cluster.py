"""What a second worker of a cluster adds: problems, samples and verdicts a second at one and at two, by turns.

Ray actors on this machine, one core each. `drawing` is a whole stage of practice: drawn, judged, written and
committed. `judging` is the same without drawing: recorded texts for an engine that has them ready. `generating` are
fresh problems of all families, by cell. The median of the turns counts.

    python -m benchmarks.cluster --turns 3
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.prompts import DEMO, demo_problems
from curriculum.records import Problem
from flows import config as configs
from flows.cluster import Cluster
from flows.drawing import sample_and_judge
from flows.gate import base
from flows.practice import problem_row
from flows.progress import Meter
from flows.run import Policy, Run
from flows.settings import Config
from flows.shard_samples import draws
from flows.slots import Slot
from generators import FAMILIES
from warehouse.store import Warehouse

TURNS = 3
PROBLEMS = 512
