# Every target works in a folder with spaces in its path: recipes use relative paths only.
.DEFAULT_GOAL := help
.PHONY: help run test lint types bench bench-sessions bench-stores embedded engines engines-stop lock clean install-run install-dev
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
PYTEST_ARGS ?= -n auto
BENCH_ARGS ?=

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: install-run ## Start everything: engines, web, workers, beat (Ctrl-C stops it)
	@exec $(PYTHON) -m config.embedded run --stop-with-parent

# On the servers of `make engines` once more what talks to PostgreSQL and Redis themselves; a
# selection by PYTEST_ARGS may leave nothing of it (exit code 5).
test: lint types ## Linter, types and all tests
	@$(PYTHON) -m pytest $(PYTEST_ARGS)
	@if grep -qs ^DATABASE_URL= var/servers/servers.env; then \
		LECTERN_TEST_ON=servers $(PYTHON) -m pytest $(PYTEST_ARGS) -m contract || [ $$? -eq 5 ]; fi

lint: install-dev ## Linter and formatting
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

# The plugin for Django loads the settings; nothing is connected.
types: install-dev ## Static types
	@SECRET_KEY=types DATABASE_URL=postgres://types@127.0.0.1/types \
		REDIS_URL=redis://127.0.0.1/0 $(PYTHON) -m mypy .

bench: install-dev ## Measure retrieval: make bench BENCH_ARGS="CORPUS_DIR --json"
	@exec $(PYTHON) -m bench.retrieval $(BENCH_ARGS)

bench-sessions: install-run ## Measure sessions and limits: make bench-sessions BENCH_ARGS="--json"
	@exec $(PYTHON) -m bench.sessions $(BENCH_ARGS)

bench-stores: install-run ## Measure the stores: make bench-stores BENCH_ARGS="--json"
	@exec $(PYTHON) -m bench.stores $(BENCH_ARGS)

embedded: install-run ## Start only the embedded PostgreSQL and Redis, in the foreground
	@exec $(PYTHON) -m config.embedded engines --stop-with-parent

engines: install-dev ## Install and start the real servers for the contract tests, in the background
	@exec $(PYTHON) -m tests.servers start

engines-stop: install-dev ## Stop these servers
	@exec $(PYTHON) -m tests.servers stop

lock: ## Compile requirements/*.in into pinned, hashed locks (needs uv)
	@sh requirements/lock

clean: ## Remove caches and built files; .venv and the data in var/ stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache var/test-engines var/static
	@find . -path ./.venv -prune -o -path ./var -prune -o -name __pycache__ -exec rm -rf {} +

install-run:
	@sh requirements/install run

install-dev:
	@sh requirements/install dev
