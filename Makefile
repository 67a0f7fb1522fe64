# Qingyuan: `make demo` shows the main job, `make test` proves the whole; both set themselves up in .venv.
# Needs Python 3.11 or newer with venv. Nothing outside this folder changes, except that missing Debian packages
# (see SYSTEM_PACKAGES) are installed where this runs as root.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash

.PHONY: demo test check bench docs setup setup-dev messages lock clean

demo: setup
	$(BIN)/qingyuan demo --out out/demo

test: setup-dev
	$(BIN)/python -m pytest -n 2

check: setup-dev
	$(BIN)/ruff check src tests benchmarks tools
	$(BIN)/ruff format --check --quiet src tests benchmarks tools
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/messages.py check
	$(BIN)/python tools/make_docs.py check
	$(BIN)/mkdocs build --strict --quiet

bench: setup-dev
	$(BIN)/python benchmarks/run.py

docs: setup-dev
	$(BIN)/mkdocs build --strict

setup: $(VENV)/engine.ok
setup-dev: $(VENV)/dev.ok

$(VENV)/engine.ok: requirements/bootstrap.txt requirements/engine.txt pyproject.toml
	tools/setup.sh "$(PYTHON)" "$(VENV)" engine

$(VENV)/dev.ok: $(VENV)/engine.ok requirements/dev.txt requirements/spark.txt
	tools/setup.sh "$(PYTHON)" "$(VENV)" dev

# Renew the English catalogue after strings changed: extract, merge, compile.
messages: setup-dev
	$(BIN)/python tools/messages.py update

# Renew the pinned versions; no file names a package registry.
lock: setup
	for name in bootstrap engine dev spark; do \
	  $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header --allow-unsafe \
	    --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean:
	rm -rf $(VENV) out site build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
