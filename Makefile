# Start with `make demo` and `make test`. Each target first installs newsetl into .venv from requirements.lock.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PEERS  := .venv-peers

export PREFECT_SERVER_ANALYTICS_ENABLED = false
export DO_NOT_TRACK = 1

.PHONY: demo test test-system test-long lint bench

# Ingest the mock site through Prefect and query the result.
demo: $(READY)
	$(BIN)/newsetl demo

# Fast tests, without processes and servers other than the mock site.
test: $(READY)
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder --durations 10 --ignore tests/system --ignore tests/long

# Tests with Prefect, PostgreSQL, Chromium, `newsetl` processes and the docs' commands.
test-system: $(READY)
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder --durations 10 tests/system

# Tests of half a minute or more, then load and query tests on a lake.
test-long: $(READY)
	$(BIN)/pytest --durations 10 tests/long
	NEWSETL_TEST_WAREHOUSE=lake $(BIN)/pytest tests/db/test_load.py tests/query/test_query.py tests/long/test_load.py

# Static checks: style, format, types.
lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Benchmarks; writes benchmarks/RESULTS.md.
bench: $(READY) $(PEERS)/.ready
	$(BIN)/python -m benchmarks --write

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "newsetl needs Python 3.11 or newer: try make PYTHON=python3.12"; exit 2; }
	@echo "Setting up $(VENV) (once, about a minute)"
	@rm -f $(READY)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

# A separate environment for the peers in the benchmarks.
$(PEERS)/.ready: benchmarks/peers.lock
	@echo "Setting up $(PEERS) (once, about a minute)"
	@rm -f $@
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r benchmarks/peers.lock
	@touch $@
