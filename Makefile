# Everything is installed into .venv, at the versions in constraints.txt. Python 3.11 or newer and make are all it takes.
PYTHON ?= python3
RELEASE ?=
PORT ?= 8000
BIN := .venv/bin

.PHONY: run test check bench clean
.DEFAULT_GOAL := help

help:  ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

run: .venv/.run  ## serve the sample release (or RELEASE=folder) on 127.0.0.1:8000 (or PORT=number)
	$(BIN)/fhir-cpt serve --port $(PORT) $(if $(RELEASE),--release $(RELEASE))

test: .venv/.dev  ## run the tests
	$(BIN)/python -m pytest

check: .venv/.dev  ## lint, types, import contracts, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m conformance.generate --check

bench: .venv/.dev  ## measure the budgets on the agencies' files (FHIR_CPT_SHARED, default ../shared)
	$(BIN)/python -m tests.bench

.venv/.python: 
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is %d.%d (name another: make PYTHON=python3.12 …)" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.run: .venv/.python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/.dev: .venv/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:  ## remove what was made
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info bench.json
