# make install   the virtual environment and the built page
# make demo      a sample project, from video to poses, served on this machine
# make test      every linter and every test
# make lint      linters and type checkers only
# make wheel     dist/*.whl with the page inside; installing it needs no Node
#
# Steps leave a stamp in .make/ and run again when what they depend on changed. Paths are relative and quoted, so the
# folder may have spaces in its name.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := install
.PHONY: install demo test lint wheel clean tools

PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] not in {(3, 11), (3, 12)})' 2>/dev/null && echo $$p && break; done)
PIP := .venv/bin/python -m pip --disable-pip-version-check install --constraint constraints.txt
PAGE := $(shell find frontend -path frontend/node_modules -prune -o -type f -print 2>/dev/null | grep -v ' ')
DEMO_ARGS ?=

install: .make/venv .make/page

demo: install
	exec .venv/bin/python -m tailbase.cli demo $(DEMO_ARGS)

test: .make/venv-dev .make/page .make/chromium
	.venv/bin/python tests/check.py

lint: .make/venv-dev .make/npm
	.venv/bin/python tests/check.py --lint

wheel: .make/venv-dev .make/page
	rm -rf build dist
	.venv/bin/python -m build --wheel

clean:
	rm -rf .venv .make build dist frontend/node_modules backend/tailbase_api/web

# One line says all that is missing.
tools:
	@missing=(); \
	[ -n '$(PYTHON)' ] || missing+=('Python 3.11 or 3.12 (apt install python3 python3-venv)'); \
	[ -z '$(PYTHON)' ] || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| missing+=('the venv module of Python (apt install python3-venv)'); \
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
		2>/dev/null || missing+=('Node 20.19 or newer (nodejs.org)'); \
	command -v npm >/dev/null || missing+=('npm'); \
	command -v git >/dev/null || missing+=('git (apt install git)'); \
	[ $${#missing[@]} -eq 0 ] || { all="$$(printf '; %s' "$${missing[@]}")"; echo "Missing here: $${all:2}" >&2; exit 1; }

.make/venv: pyproject.toml setup.py constraints.txt | tools
	@echo 'Installing Python packages into .venv (a few minutes the first time)'
	[ -x .venv/bin/python ] || $(PYTHON) -m venv .venv
	$(PIP) --editable '.[server,worker]'
	@mkdir -p .make && touch $@

.make/venv-dev: .make/venv
	$(PIP) --editable '.[dev]'
	@touch $@

.make/npm: frontend/package.json frontend/package-lock.json | tools
	@echo 'Installing what builds the page'
	cd frontend && npm ci --no-progress --loglevel=error
	@mkdir -p .make && touch $@

.make/page: .make/npm $(PAGE)
	@echo 'Building the page'
	cd frontend && npm run --silent build -- --logLevel warn
	@touch $@

# The browser tests use the distribution's Chromium.
.make/chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
		as_root=(); [ "$$(id -u)" = 0 ] || as_root=(sudo -n); \
		{ "$${as_root[@]}" apt-get update -qq && "$${as_root[@]}" apt-get install -y -qq chromium </dev/null; } \
		|| { echo 'The browser tests need Chromium: run "sudo apt install chromium" and then make test again.' >&2; exit 1; }; }
	@mkdir -p .make && touch $@
