# Every target prepares what it needs. ARGS is passed on, as in: make test ARGS="-k wire -x"
.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-clients load check fmt bench package pin clean

PY := .venv/bin/python
READY := .venv/ready
CLIENTS := .venv-clients
CLIENTS_PINS := scripts/config/requirements-clients.txt
GRAPHON := .venv-graphon
GRAPHON_PINS := stress-test/local_dify/requirements.txt

# A shell may have a HOST of its own, the machine's name: what counts is an address, or what was typed after make.
ASKED := $(if $(or $(findstring :,$(HOST)),$(filter command line,$(origin HOST))),$(HOST))

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: $(READY) ## a real llama.cpp server answers through the plugin; SERVER=http://… asks yours instead
	@$(PY) -m scripts demo $(if $(SERVER),--server "$(SERVER)") $(ARGS)

load: $(READY) $(if $(ASKED),,$(GRAPHON)/ready) ## how many users does it carry? HOST=http://… KEY=app-… asks yours; USERS DURATION SCENARIO RATE
	@$(PY) -m scripts load $(if $(ASKED),--host "$(ASKED)") $(ARGS)

test: $(READY) $(GRAPHON)/ready ## the tests, but for the slow ones; ARGS="-k wire -x" takes some
	@GRAPHON=required $(PY) -m pytest -q -m "not slow" $(ARGS)

test-slow: $(READY) $(GRAPHON)/ready ## the slow ones: the network lab, whole load runs, killed processes
	@GRAPHON=required $(PY) -m pytest -q -m slow $(ARGS)

test-clients: $(READY) $(CLIENTS)/ready ## other programs' own libraries with the configuration that the kit prints
	@CLIENTS=required $(PY) -m pytest -q tests/scripts/test_config_clients.py $(ARGS)

check: $(READY) ## style, types, import rules, sizes, links, pins; changes nothing
	@.venv/bin/ruff check --quiet --output-format concise
	@.venv/bin/ruff format --check --quiet
	@.venv/bin/ty check --quiet --output-format concise
	@PYTHONPATH=stress-test .venv/bin/lint-imports --no-logo
	@$(PY) -m scripts.check_sizes
	@$(PY) -m scripts.check_links
	@! grep -HnE 'https?://|file:|--(extra-)?index-url|--find-links|--trusted-host' requirements*.txt $(CLIENTS_PINS) $(GRAPHON_PINS)

fmt: $(READY) ## format, and mend what ruff can mend
	@.venv/bin/ruff check --quiet --fix-only
	@.venv/bin/ruff format --quiet

bench: $(READY) ## what a streamed chunk costs, against a plugin that does nothing; what the load client costs
	@$(PY) -m scripts bench $(ARGS)

package: $(READY) ## dist/local_models-VERSION.difypkg, checked
	@$(PY) -m scripts pack $(ARGS)

pin: ## rewrite the requirements files from pyproject.toml; ARGS=--upgrade takes newer versions
	@sh scripts/pin.sh $(ARGS)

clean: ## remove what make made
	@rm -rf .venv .venv-pin $(CLIENTS) $(GRAPHON) dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage

$(CLIENTS)/ready: $(CLIENTS_PINS)
	@sh scripts/prepare-venv.sh $(CLIENTS) $(CLIENTS_PINS)
	@touch $@

# Dify's own engine, for the local Dify app: 46 MB, once.
$(GRAPHON)/ready: $(GRAPHON_PINS)
	@sh scripts/prepare-venv.sh $(GRAPHON) $(GRAPHON_PINS)
	@touch $@

$(READY): requirements-dev.txt
	@sh scripts/prepare-venv.sh
	@touch $@
