# All that has to be there is Python (3.11, 3.12 or 3.13) with pip, and make.
# The environment is made without ensurepip, which Debian packages apart, and filled by the system's pip.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check --no-input --quiet
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header
# Tests of the real process and of the page wait more than they compute, and need other imports than the rooms'.
CORES ?= $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count() or 1, 4))')
WAITING ?= $(shell $(PYTHON) -c 'import os; print(min((os.cpu_count() or 1) + 1, 4))')
SHORT := not further and not slow
PYTEST := $(BIN)/pytest --dist worksteal
TOGETHER := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# Bytecode is kept: tests start the bot often, and would compile all of it each time.
export PYTHONDONTWRITEBYTECODE :=
# pyright need not say that a newer one is out.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.PHONY: help install sandbox run test rooms drives further coverage chaos check style types bench format words lock clean

help:  ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*  ## \(.*\)/  make \1	\2/p' Makefile | expand -t 18

install: $(VENV)/requirements.stamp  ## Install what `easel run` needs into .venv

sandbox: $(VENV)/requirements-sandbox.stamp  ## Try Easel without a token or a key, in the browser
	$(BIN)/easel sandbox

run: install  ## Run the bot with the settings of the environment and of .env
	$(BIN)/easel run

test: style  ## Check the style, the types and the layers, and run the tests; some four minutes on two cores
	@$(MAKE) --no-print-directory --jobs 3 $(TOGETHER) types rooms drives

rooms: $(VENV)/requirements-dev.stamp
	$(PYTEST) --numprocesses $(CORES) -m "$(SHORT)" --ignore tests/e2e --ignore tests/page

drives: $(VENV)/requirements-dev.stamp
	$(PYTEST) --numprocesses $(WAITING) -m "$(SHORT)" tests/e2e tests/page

further: $(VENV)/requirements-dev.stamp  ## Run the further cases that `make test` leaves out; some minutes
	$(PYTEST) --numprocesses $(WAITING) -m "(further or hypothesis) and not slow" --hypothesis-profile thorough

coverage: $(VENV)/requirements-dev.stamp  ## Run both, and say what of the bot none of them reaches
	$(PYTEST) --numprocesses $(WAITING) -m "not slow" --cov --cov-report term:skip-covered

chaos: $(VENV)/requirements-dev.stamp  ## Run the long forms: kills, faults and crowds by the thousand; some ten minutes on two cores
	$(PYTEST) --numprocesses 2 -m slow -rP

check: style types  ## Check the style, the types and the layers

style: $(VENV)/requirements-dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(VENV)/requirements-dev.stamp
	$(BIN)/pyright --pythonpath $(BIN)/python

bench: $(VENV)/requirements-dev.stamp  ## Measure Easel against a bare bot; half an hour on a quiet machine
	$(BIN)/python -m benchmarks

format: $(VENV)/requirements-dev.stamp  ## Mend what style can be mended by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

words: $(VENV)/requirements-dev.stamp  ## Bring what there is to say into the catalogues of every language
	$(BIN)/python -m translation update

lock: $(BIN)/python  ## Choose the newest versions of everything, and write down their hashes
	$(PIP) install "uv>=0.13"
	$(COMPILE) --upgrade --extra sandbox --group dev --output-file requirements-dev.lock
	$(COMPILE) --constraints requirements-dev.lock --extra sandbox --group build --output-file requirements-sandbox.lock
	$(COMPILE) --constraints requirements-dev.lock --group build --output-file requirements.lock

clean:  ## Remove what was installed and what the tools left; data stays
	rm -rf $(VENV) .coverage .coverage.* .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/%.stamp: %.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --requirement $<
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
