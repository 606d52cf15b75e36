# nbmde on a machine with Python 3.11 or newer and make. Everything that is installed goes into .venv.
#
#   make demo            converts an example notebook, installs the project and runs it
#   make test            everything that CI runs; a JDK and EMF's jars are installed with apt-get if they are missing
#   make test-container  builds the image of a generated project and runs it; needs Docker, or see tests/deployment/image.py
#   make mutants         plants every fault that the tests know in generated projects; `make test` plants some of them
#   make fuzz            thousands of mutated notebooks and models, runs that are killed, and random secrets
#   make corpus MANIFEST=FILE   converts every notebook that a file names, one path a line, into corpus/
#   make bench           times a conversion beside jupyter nbconvert, how time and memory grow with the notebook, and
#                        transformations of examples/zoo beside loops on pyecore and motra
#   make docs            the pages and pictures of docs/ that are made of other files
#   make clean           removes what these commands made

VENV ?= .venv
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := $(VENV)/bin
DEMO := demo

.PHONY: demo test lint types pytest emf test-container mutants fuzz corpus bench docs clean
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
	$(BIN)/python -m pytest -n auto --dist worksteal --durations=10

emf:
	sh tests/emf/install.sh

test-container: $(VENV)/.test
	$(BIN)/python -m pytest tests/deployment/image.py

mutants: $(VENV)/.test
	MUTANTS=all $(BIN)/python -m pytest -n auto --dist worksteal tests/verify/test_mutants.py

fuzz: $(VENV)/.test
	$(BIN)/python tests/fuzz/kills.py
	$(BIN)/python tests/fuzz/fuzz.py --keep fuzzed
	$(BIN)/python tests/fuzz/edits.py --edits 300
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

# .venv/.EXTRA: nbmde is installed with the extra of pyproject.toml of that name
$(VENV)/.%: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv);" \
		"PYTHON=... names one"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -e ".[$*]"
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) corpus build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
