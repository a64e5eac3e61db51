"""Work on hostile text, done in processes that can be killed: `call` runs one function in a warm worker.

Each worker is a `pebble.ProcessPool` of its own. In a pool of several, one worker killed while it holds the
queue's lock would stop them all. They are forked by a fork server that has imported the heavy modules
and has no threads, never by the host, which has many. Three limits hold a worker: pebble kills it when the wall
limit is over; should pebble or the host be gone by then, the kernel's alarm clock does so `GRACE_S` later;
and its address space, its stack and the size of files it may write (none) are bounded.

    failures  how work fails
    limits    what happens in the worker
    pools     what happens in the host
"""

from filters.workers.failures import OutOfMemory, TimedOut, WorkerDied, WorkerFailure
from filters.workers.limits import MEMORY_BYTES
from filters.workers.pools import call, shutdown

__all__ = ["MEMORY_BYTES", "OutOfMemory", "TimedOut", "WorkerDied", "WorkerFailure", "call", "shutdown"]
