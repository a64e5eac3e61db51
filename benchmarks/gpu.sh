#!/usr/bin/env bash
# What this machine's GPU does with Edgework, in under ten minutes: benchmarks/results/DATE-gpu-NAME.txt.
# Runs with what is installed, and says what is not; `--small` is a rehearsal that needs no GPU.
set -euo pipefail
cd "$(dirname "$0")/.."
python=python3
if [ -x .venv/bin/python ]; then python=.venv/bin/python; fi
exec "$python" -m benchmarks.gpu "$@"
