# One command each: `make demo` shows the product, `make test` proves it. Both build what they need in .venv first.

PYTHON := $(shell for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
VENV := .venv
READY := $(VENV)/ready
RUN := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"
BLUEPRINT ?= blueprints/hgx-h100-32
FAULTS ?=
WORKERS ?= auto

.PHONY: help venv system tools tools-check demo test test-vm lint unit lock clean

help: ## show what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

venv: $(READY) ## build .venv from requirements.lock

$(READY): requirements.lock pyproject.toml tools/venv.sh
	@test -n "$(PYTHON)" || { echo "Podwright needs Python 3.11 or newer, and none is on PATH." >&2; exit 1; }
	@tools/venv.sh "$(PYTHON)" $(VENV)
	@touch $@

system: ## install the system packages that labs need (names them where not root)
	@tools/system.sh

tools: ## build the engines that cluster tests run (Pulumi, Kubernetes), where PATH has none that fit
	@tools/engines.sh build

tools-check: ## name those engines, their versions and where they are
	@tools/engines.sh check

demo: $(READY) system ## validate, render, build the twin, configure it, test it, take it down
	@$(RUN) tools/demo.sh $(BLUEPRINT) $(FAULTS)

test: $(READY) ## lint and the whole suite, labs and engines included
	@tools/engines.sh build || echo "Going on without them: the tests that need them are skipped and named at the end." >&2
	@tools/system.sh tests || echo "Going on without them: the tests that need them are skipped and named at the end." >&2
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory unit

test-vm: $(READY) ## the twin under a full Debian kernel, in a virtual machine (some twenty minutes)
	@tools/system.sh vm
	$(RUN) tools/vm.sh pytest -n0 -v -p no:cacheprovider tests/vm

lint: $(READY) ## ruff, mypy, import-linter, ansible-lint
	$(RUN) ruff check .
	$(RUN) ruff format --check --quiet .
	$(RUN) mypy
	$(RUN) lint-imports
	cd playbooks && $(RUN) ansible-lint --offline -q

unit: $(READY) ## the suite with coverage; labs one after the other
	$(RUN) pytest -r fE --numprocesses $(WORKERS) --dist loadgroup --cov --cov-report term:skip-covered $(ARGS)

lock: ## lock the newest versions of everything that pyproject.toml and requirements.in name
	uv pip compile pyproject.toml requirements.in --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" \
		--upgrade --quiet --output-file requirements.lock

clean: ## remove .venv, build and every cache
	rm -rf $(VENV) build .demo .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .ansible
