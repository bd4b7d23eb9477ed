# Two commands set everything up from nothing: `make demo` and `make test`.
.DEFAULT_GOAL := help
.PHONY: audit help demo run test check format lint types layers lock text notebooks bench clean chromium mariadb

VENV := .venv
PY := $(VENV)/bin/python
DATA ?= var
WORKERS ?= auto

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.run ## a simulated office with a year of history, on http://127.0.0.1:8050
	@$(PY) app.py demo --data $(DATA)

run: $(VENV)/.run ## serve a real PBX (callboard.toml; see callboard.example.toml)
	@$(PY) app.py run --data $(DATA)

test: $(VENV)/.dev chromium mariadb ## everything: unit, store, replay, browser
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal

notebooks: $(VENV)/.notebooks ## JupyterLab on the notebooks, beside the demo
	@$(PY) app.py demo --data $(DATA) & demo=$$!; trap "kill $$demo 2>/dev/null; wait $$demo" EXIT INT TERM; \
	CALLBOARD_DATA=$(abspath $(DATA)) PYTHONPATH=$(CURDIR) $(VENV)/bin/jupyter lab --notebook-dir=notebooks

check: format lint types layers ## format, lint, types, layers

format: $(VENV)/.dev
	@$(VENV)/bin/ruff format --check .

lint: $(VENV)/.dev
	@$(VENV)/bin/ruff check .

types: $(VENV)/.dev
	@$(VENV)/bin/mypy

layers: $(VENV)/.dev
	@$(PY) -m pytest -q tests/test_layers.py

text: $(VENV)/.dev ## bring the catalogues of words up to date
	@$(PY) -m tools.text

audit: ## compare the pinned packages with the advisory list (needs a network that reaches it)
	@test -x .venv-audit/bin/pip-audit || { sh tools/make_venv.sh .venv-audit && .venv-audit/bin/python -m pip install --quiet pip-audit; }
	@for name in run dev; do .venv-audit/bin/pip-audit --disable-pip --require-hashes -r requirements/$$name.txt || exit 1; done

lock: ## pin what requirements/*.in ask for, with hashes (needs uv)
	cd requirements && for name in run dev notebooks; do \
	  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $$name.in -o $$name.txt; done

clean: ## remove the environment and the demo's data
	rm -rf $(VENV) var

$(VENV)/.python:
	@sh tools/make_venv.sh $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.python requirements/run.txt
	@echo "Installing the packages of requirements/run.txt …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Installing the packages of requirements/dev.txt …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.notebooks: $(VENV)/.run requirements/notebooks.txt
	@echo "Installing the packages of requirements/notebooks.txt …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/notebooks.txt
	@touch $@

chromium:
	@sh tools/find_chromium.sh

mariadb:
	@sh tools/find_mariadb.sh
