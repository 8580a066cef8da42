# `make` alone says what there is. Needs Python 3.11, 3.12 or 3.13, make, and a package index that pip knows.

AS_OF := 2025-02-10
ACCEPTED := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	if $$name -c '$(ACCEPTED)' >/dev/null 2>&1; then echo $$name; break; fi; done)
BIN := .venv/bin
export DAGSTER_DISABLE_TELEMETRY := yes
export PYTHONUTF8 := 1
# Images set it to keep themselves small. It would let every command compile Dagster and Great Expectations anew, five
# CPU-seconds each time: an environment is installed without bytecode, which is left to the first import.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run ui server test test-recipes test-spark test-bi fuzz campaign check style types import-rules sql dictionary definitions dbt-parse axe lock clean
.DEFAULT_GOAL := help

help:
	@echo "make run    land the samples, run the nightly job as of $(AS_OF), print the scorecard"
	@echo "make ui     open the Dagster UI on 127.0.0.1"
	@echo "make server install what a server needs beside (docs/server.md)"
	@echo "make test   all tests that need no extra install"
	@echo "make test-recipes  all tests after the recipes of CONTRIBUTING, in a copy (takes twice as long)"
	@echo "make fuzz   read 10,000 mutants of each form of delivery (MUTANTS=100: fewer), log in data/fuzz.jsonl"
	@echo "make campaign  damage, kills, full disks, orders, defects, earlier homes, nights of the server; takes hours (PARTS, COUNT)"
	@echo "make test-spark  nights on Spark; the models of the last night again, compared (needs Java 17; HOME_OF=data)"
	@echo "make test-bi  Apache Superset and older clients of DuckDB open a release (environments of their own)"
	@echo "make check  style, types, import rules, SQL, definitions, dictionary, dbt"
	@echo "make axe    fetch the rules of accessibility for the browser tests (needs npm)"
	@echo "make lock   compile the locks anew (needs uv)"
	@echo "make clean  remove the environments; the stores under GROWTH_HOME stay"

run: .venv/runtime.stamp
	@$(BIN)/python -m pipeline nightly --inbox samples/inbox --as-of $(AS_OF)

ui: .venv/runtime.stamp
	@$(BIN)/python -m pipeline ui

# A file's tests share what it sets up, so a file stays with one worker; the files that take long come first. Some wait
# for a daemon or for what another one builds, so there is a worker more than the two cores that this is meant for.
test: .venv/dev.stamp
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m "not browser and not recipes and not bi and not spark"

# All tests, in a copy of the checkout in which the recipes of CONTRIBUTING were typed.
test-recipes: .venv/dev.stamp
	@$(BIN)/python -m pytest -q -m recipes tests/contract/test_recipes.py

# Files spoilt by rule are read as another program reads them, or refused. A short form is part of `make test`.
MUTANTS := 10000
fuzz: .venv/dev.stamp
	@$(BIN)/python -m tests.fuzz --each $(MUTANTS)

# What no test has the time for; logs in data/campaign. A short form is part of `make test`. The nights of the server need
# PostgreSQL and a C compiler.
PARTS :=
COUNT :=
campaign: .venv/dev.stamp
	@$(BIN)/python -m tests.campaign $(PARTS) $(if $(COUNT),--count $(COUNT))

# Each model on a second engine, after `make run` (of the day AS_OF), and nights there that are killed. Takes minutes.
HOME_OF := data
test-spark: .venv-spark/stamp .venv/dev.stamp
	@$(BIN)/python -m pytest -q -m spark tests/spark
	@.venv-spark/bin/python -m tests.spark.compare --home $(HOME_OF) --as-of $(AS_OF)

# Apache Superset imports what `release export` writes, and shows it: through its API, and in a browser where there is one.
test-bi: .venv-bi/stamp .venv/dev.stamp
	@$(BIN)/python -m pytest -q -m bi tests/bi

# `make -j2 check` does two of them at a time.
check: style types import-rules sql dictionary definitions dbt-parse

style: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.stamp
	$(BIN)/mypy

import-rules: .venv/dev.stamp
	$(BIN)/lint-imports

sql: .venv/dev.stamp
	$(BIN)/sqlfluff lint --processes 2 dbt_like_sql/models

dictionary: .venv/dev.stamp
	$(BIN)/python -m pipeline dictionary --check

definitions: .venv/dev.stamp
	$(BIN)/dg check defs

# The models stay a project that dbt can read, in an environment of its own because dbt's pins are not ours.
dbt-parse: .venv-dbt/stamp .venv/runtime.stamp
	$(BIN)/python -m pipeline for-dbt >/dev/null
	cd dbt_like_sql && DO_NOT_TRACK=1 ../.venv-dbt/bin/dbt --quiet parse --profiles-dir .

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11, 3.12 or 3.13 with its venv module was found: install one (on Debian: python3 and" \
			"python3-venv) or name it, as in: make run PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@echo "Making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv

.venv/runtime.stamp: requirements.lock | .venv/bin/python
	@$(BIN)/python -m pipeline.install requirements.lock
	@touch $@

server: .venv/server.stamp

.venv/server.stamp: requirements-server.lock .venv/runtime.stamp
	@$(BIN)/python -m pipeline.install requirements-server.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	@$(BIN)/python -m pipeline.install requirements-dev.lock
	@touch $@

.venv-dbt/stamp: requirements-dbt.lock
	@echo "Making .venv-dbt for dbt"
	@$(PYTHON) -m venv .venv-dbt
	@.venv-dbt/bin/python -m pipeline.install requirements-dbt.lock
	@touch $@

.venv-spark/stamp: requirements-spark.lock
	@echo "Making .venv-spark for Spark"
	@$(PYTHON) -m venv .venv-spark
	@.venv-spark/bin/python -m pipeline.install requirements-spark.lock
	@touch $@

# The rules of accessibility that the browser tests hold the page against; without npm they say that they left it out.
AXE := 4.14.1
AXE_SHA256 := 29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c

axe: .axe/axe.min.js

.axe/axe.min.js: Makefile
	@mkdir -p .axe
	@cd .axe && npm pack --silent axe-core@$(AXE) >/dev/null && tar -xzf axe-core-$(AXE).tgz --strip-components=1 \
		--touch package/axe.min.js
	@cd .axe && echo "$(AXE_SHA256)  axe.min.js" | sha256sum --check --quiet || { rm axe.min.js; exit 1; }

.venv-bi/stamp: requirements-bi.lock
	@echo "Making .venv-bi for Apache Superset"
	@$(PYTHON) -m venv .venv-bi
	@.venv-bi/bin/python -m pipeline.install requirements-bi.lock
	@touch $@

# Find-links and index settings of the machine are kept out: a lock names packages and hashes, never places. Extras are
# kept in: without `gql[requests]==...` pip refuses, in hash mode, the gql[requests] that dagster asks for.
UV_COMPILE := env -u PIP_FIND_LINKS -u UV_FIND_LINKS -u UV_INDEX uv pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --custom-compile-command "make lock"

lock:
	$(UV_COMPILE) pyproject.toml -o requirements.lock
	$(UV_COMPILE) --extra server --extra remote -c requirements.lock pyproject.toml -o requirements-server.lock
	$(UV_COMPILE) --extra dev --extra server --extra remote -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(UV_COMPILE) requirements-dbt.in -o requirements-dbt.lock
	$(UV_COMPILE) -c requirements.lock requirements-peer.in -o requirements-peer.lock
	$(UV_COMPILE) --extra spark -c requirements.lock pyproject.toml -o requirements-spark.lock
	$(UV_COMPILE) requirements-bi.in -o requirements-bi.lock

clean:
	rm -rf .venv .venv-bi .venv-dbt .venv-peer .venv-spark .axe
