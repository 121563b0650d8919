# Every verb sets up what it needs in .venv: Python 3.11 or later and make are all that must be there.
# Another interpreter: make PYTHON=/path/to/python3.12 test

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
CANDIDATES := $(or $(PYTHON),python3.11 python3.12 python3.13 python3.14 python3 python)
SUPPORTED := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
CODE := src tests scripts benchmarks

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1
# Silences a notice on every build; pyproject.toml keeps mkdocs below 2.
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test proof check bench docs format reference lock clean

help:
	@echo "Customer Atlas. The verbs:"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | \
		while IFS='|' read -r verb text; do printf '  make %-10s %s\n' "$$verb" "$$text"; done

demo: $(VENV)/.ready-demo ## segment 2,469 households and show who they are
	@$(BIN)/atlas demo $(ARGS)

test: $(VENV)/.ready-test ## run the tests (ARGS="-k lake" picks some)
	@$(RUN) -m pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile $(ARGS)

proof: $(VENV)/.ready-bench ## run the full counts and the benchmarks, and write docs/proof.md
	@ATLAS_PROOF=1 $(RUN) -m scripts.proof $(ARGS)

check: $(VENV)/.ready-dev ## check format, lint, types, layers, exports, imports, sizes and docs
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(RUN) -m scripts.check_exports
	$(RUN) -m scripts.check_imports
	$(RUN) -m scripts.check_sizes
	$(RUN) -m scripts.check_agreement

bench: $(VENV)/.ready-bench ## run the benchmarks, each beside the limit it must hold
	@$(RUN) -m scripts.bench $(ARGS)

docs: $(VENV)/.ready-docs ## build the documentation site into site/, strictly
	@$(RUN) -m mkdocs build --strict --quiet
	@echo "The site is in site/index.html"

format: $(VENV)/.ready-dev ## format the code and repair what lint can
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

reference: $(VENV)/.ready-demo ## write the generated reference pages anew
	@$(RUN) -m scripts.docs_schema
	@$(RUN) -m scripts.docs_cli
	@$(RUN) -m scripts.docs_features
	@$(RUN) -m scripts.docs_picture

lock: ## resolve every dependency anew and write constraints.txt
	@rm -rf build/lock
	@python=$$($(find_python)) && $$python -m venv build/lock
	@build/lock/bin/python -m pip install --quiet --upgrade pip
	@build/lock/bin/python -m pip install --quiet '.[all,bench,dev,docs]'
	@{ echo "# The versions that are tested together, for pip's -c. Written by: make lock"; \
		build/lock/bin/python -m pip freeze --exclude customer-atlas | grep '=='; } > constraints.txt
	@rm -rf build/lock

clean: ## remove what the verbs have made, .venv included
	rm -rf $(VENV) build dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# Prints the first interpreter that is new enough and can make environments.
define find_python
for candidate in $(CANDIDATES); do \
	if $$candidate -c '$(SUPPORTED)' >/dev/null 2>&1; then echo $$candidate; exit 0; fi; \
done; \
echo "No Python 3.11 or later with venv was found (tried: $(CANDIDATES))." >&2; \
echo "Name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1
endef

$(RUN):
	@python=$$($(find_python)) && $$python -m venv --clear $(VENV)

# One stamp for each set of extras; a change of the dependencies makes them stale.
$(VENV)/.ready-%: pyproject.toml constraints.txt | $(RUN)
	@echo "Setting up $(VENV) for '$*': a minute or so, and only once."
	@$(RUN) -m pip install --quiet -c constraints.txt -e '.[$*]'
	@touch $@
