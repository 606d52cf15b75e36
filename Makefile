# nbmde on a machine with Python 3.11 or newer and make. Everything that is installed goes into .venv.
#
#   make demo            converts an example notebook, installs the project and runs it
#   make test            linter, types and tests; a JDK and EMF's jars are installed with apt-get if they are missing
#   make slow            the tests that take long: whole projects installed, served and compared; CI runs them as well
#   make coverage        which lines all these tests run, and fails below the floor in pyproject.toml
#   make lowest          tests of the engine and the injector with the oldest versions that pyproject.toml allows
#   make test-container  builds the image of a generated project and runs it; needs Docker, or see tests/deployment/image.py
#   make mutants         plants a sample of small faults in nbmde itself, and tells which of them no test finds
#   make planted         plants every fault that the tests know in generated projects; `make slow` plants some of them
#   make traced          changes cells of notebooks in 25 ways, and tells how many changed lines of projects lead to them
#   make fuzz            thousands of mutated notebooks and models, 500 models that are edited, runs that are killed, and
#                        random secrets
#   make corpus MANIFEST=FILE   converts every notebook that a file names, one path a line, into corpus/
#   make bench           times a conversion beside jupyter nbconvert, how time and memory grow with the notebook, and
#                        transformations of examples/zoo beside loops on pyecore and motra
#   make pins            development.txt again: the newest versions of what development needs, with their hashes
#   make dist            the wheel and the source archive
#   make docs            the pages and pictures of docs/ that are made of other files
#   make clean           removes what these commands made

VENV ?= .venv
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := $(VENV)/bin
DEMO := demo
PARALLEL := -n auto --dist worksteal

define venv
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv);" \
		"PYTHON=... names one"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
endef

.PHONY: demo test lint types pytest slow emf coverage lowest test-container mutants planted traced fuzz corpus bench pins dist docs clean
.NOTPARALLEL:

demo: $(VENV)/.examples
	$(BIN)/nbmde run nb2project examples/churn/churn.ipynb -o $(DEMO)
	$(BIN)/pip install -q --disable-pip-version-check -e "$(DEMO)[dev]"
	cd $(DEMO) && $(abspath $(BIN))/python scripts/train.py
	cd $(DEMO) && $(abspath $(BIN))/python -m pytest -q -p no:cacheprovider
	@echo
	@echo "The project:                 $(DEMO)/README.md, $(DEMO)/src/churn/pipeline.py"
	@echo "What the notebook showed:    $(DEMO)/outputs/report.html, $(DEMO)/outputs/figures/"
	@echo "What it trained:             $(DEMO)/models/latest/"
	@echo "The models behind the code:  $(DEMO)/.nbmde/*.xmi (open in Eclipse as they are)"

test: lint types pytest

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/bandit -q -c pyproject.toml -r src transformations templates

types: $(VENV)/.test
	$(BIN)/mypy src transformations templates benchmarks docs

pytest: $(VENV)/.test emf
	$(BIN)/python -m pytest -m "not slow" $(PARALLEL) --durations=10

slow: $(VENV)/.test emf
	$(BIN)/python -m pytest -m slow $(PARALLEL) --durations=10

coverage: $(VENV)/.test emf
	$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report=term:skip-covered

LOWEST := $(VENV)/lowest
lowest: $(VENV)/.test
	$(BIN)/uv venv -q --clear -p $(BIN)/python $(LOWEST)
	$(BIN)/uv pip compile -q -p $(LOWEST)/bin/python --resolution lowest-direct pyproject.toml -o $(LOWEST)/versions.txt
	$(BIN)/uv pip install -q -p $(LOWEST)/bin/python -c $(LOWEST)/versions.txt -e ".[examples]" \
		pytest pytest-xdist hypothesis mypy lxml-stubs types-PyYAML types-jsonschema
	$(LOWEST)/bin/python -m pytest -m "not slow" $(PARALLEL) \
		tests/models tests/m2m tests/m2t tests/inject tests/constraints tests/analysis tests/cli

test-container: $(VENV)/.test
	$(BIN)/python -m pytest tests/deployment/image.py

mutants: $(VENV)/.test
	$(BIN)/python tests/mutation/mutants.py

planted: $(VENV)/.test
	MUTANTS=all $(BIN)/python -m pytest $(PARALLEL) tests/verify/test_mutants.py

traced: $(VENV)/.test
	TRACED=all $(BIN)/python -m pytest $(PARALLEL) -m slow tests/tracing

fuzz: $(VENV)/.test
	$(BIN)/python tests/fuzz/kills.py
	$(BIN)/python tests/fuzz/fuzz.py --keep fuzzed
	EDITS=all $(BIN)/python -m pytest $(PARALLEL) -m slow tests/fuzz/test_edits.py
	$(BIN)/python tests/fuzz/random_secrets.py

corpus: $(VENV)/.examples
	@test -f "$(MANIFEST)" || { echo "make corpus MANIFEST=FILE: a file with the path of a notebook on each line"; exit 2; }
	tr '\n' '\0' < "$(MANIFEST)" | xargs -0 $(BIN)/nbmde batch -o corpus --resume

bench: $(VENV)/.bench
	$(BIN)/python benchmarks/convert.py
	$(BIN)/python benchmarks/scaling.py
	$(BIN)/python benchmarks/zoo.py

docs: $(VENV)/.examples
	$(BIN)/python docs/chain.py docs/chain.svg
	$(BIN)/nbmde metamodel doc -o docs/metamodels.md
	$(BIN)/nbmde metamodel types -o src/nbmde/metamodels
	$(BIN)/python docs/command_line.py docs/command-line.md
	$(BIN)/python docs/diagnostics.py docs/diagnostics.md
	$(BIN)/python docs/api_reference.py docs/api.md
	$(BIN)/python docs/excerpts.py README.md docs/tutorial.md

pins: $(VENV)/.test
	$(BIN)/uv pip compile -q --upgrade --universal -p 3.11 --extra test --generate-hashes --no-emit-index-url --no-annotate \
		--custom-compile-command "make pins" pyproject.toml -o development.txt

dist: $(VENV)/.test
	$(BIN)/python -m build --no-isolation

# What is developed and tested with has the versions of development.txt, so that nothing breaks overnight.
$(VENV)/.test: development.txt pyproject.toml
	$(venv)
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r development.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# .venv/.EXTRA: nbmde is installed with the extra of pyproject.toml of that name
$(VENV)/.%: pyproject.toml
	$(venv)
	$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[$*]"
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) corpus build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
