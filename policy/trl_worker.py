"""A process that fine-tunes by TRL: the only one, or one of several that `accelerate launch` started."""

import sys
from pathlib import Path

from policy.child import leave_with_parent, report


def main(file: Path) -> int:
    """Do the job in `file`; the exit status is 1 if it failed, and what failed has been said."""
    leave_with_parent()
    from policy.checkpoint import BadCheckpoint
    from policy.memory import ran_out
    from policy.training import Diverged
    from policy.trl_settings import read_job
    from policy.trl_training import fine_tune

    try:
        fine_tune(read_job(file))
    except BadCheckpoint as error:
        report({"failed": "checkpoint", "said": str(error)})
    except Exception as error:
        if ran_out(error):
            report({"failed": "memory", "said": str(error).partition("\n")[0]})
        elif isinstance(error, Diverged):
            report({"failed": "diverged", "said": str(error)})
        elif isinstance(error, ValueError):
            report({"failed": "value", "said": str(error)})
        raise
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
