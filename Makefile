# The ways to use this repository. Plain `make` lists them.

PYTHON ?= python3
BIN := .venv/bin
CODE := $(wildcard jkrel tests benchmarks notebooks site)

# A stamp in .venv carries a checksum of what the environment was built from, the
# folder's own path too: unchanged contents mean nothing to do, whatever the times.
LOCKED := .venv/.locked-$(shell { pwd; cat requirements.lock; } | cksum | cut -d ' ' -f 1)
RELEASE ?= $(shell git describe --tags --abbrev=0 2>/dev/null)
READY := .venv/.ready-$(shell { pwd; cat requirements.lock pyproject.toml; } | cksum | cut -d ' ' -f 1)
CHOOSE := Choose a Python that is 3.11 or newer, for example: make PYTHON=python3.12 run

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup run check test receipts site paper release-check test-oldest test-latest coverage fuzz kill same lab lab-test links licences audit format bench scale lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## build .venv from requirements.lock; nothing to do when it is up to date

run: setup ## check the data and run every notebook
	$(BIN)/jkrel check
	$(BIN)/jkrel run --jobs 2

check: setup ## report every problem in the data at once
	$(BIN)/jkrel check

test: setup ## style, data, unit tests, and every notebook against its committed outputs
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/jkrel check
	$(BIN)/frictionless validate data/datapackage.json
	@.ci/browser
	$(BIN)/pytest
	$(BIN)/pytest --nbval --nbval-current-env notebooks

receipts: setup ## follow every number of the notebooks to its cell and rows
	$(BIN)/jkrel receipts --jobs 2

release-check: setup ## want a reason for every value changed since RELEASE, the last release
	@test -n "$(RELEASE)" || { echo 'Name the last release: make release-check RELEASE=v0.4.0' >&2; exit 1; }
	$(BIN)/jkrel check
	$(BIN)/jkrel diff $(RELEASE) --strict

test-oldest: build/oldest/.ready ## the tests and notebooks with the oldest packages of pyproject.toml
	$(<D)/bin/pytest --junit-xml $(<D)/tests.xml
	$(<D)/bin/pytest --nbval --nbval-current-env notebooks --junit-xml $(<D)/cells.xml
	$(<D)/bin/python benchmarks/versions.py oldest $(<D)/tests.xml $(<D)/cells.xml

test-latest: build/uv/bin/uv ## the same with the newest packages of today
	rm -rf build/latest
	$(PYTHON) -m venv build/latest
	build/uv/bin/uv pip install --quiet --python build/latest --requirements pyproject.toml \
	  --all-extras --group test --group build
	build/uv/bin/uv pip install --quiet --python build/latest --no-deps --no-build-isolation --editable .
	build/latest/bin/pytest --junit-xml build/latest/tests.xml
	build/latest/bin/pytest --nbval --nbval-current-env notebooks --junit-xml build/latest/cells.xml
	build/latest/bin/python benchmarks/versions.py newest build/latest/tests.xml build/latest/cells.xml

coverage: setup ## count the branches that the tests take; those left out go to benchmarks/results
	$(BIN)/pytest --cov --cov-report json:build/coverage.json
	$(BIN)/python benchmarks/branches.py build/coverage.json

fuzz: setup ## try over 10,000 made-up inputs; counts go to benchmarks/results/fuzzing.csv
	HYPOTHESIS_PROFILE=nightly $(BIN)/pytest tests/test_fuzz_*.py tests/test_chronology.py \
	  --fuzzing benchmarks/results/fuzzing.csv

kill: setup ## end 200 processes that write; what they leave goes to benchmarks/results
	$(BIN)/python tests/interruptions.py --kills 200 --write

same: setup ## run the notebooks in several settings; what differs goes to benchmarks/results
	$(BIN)/python tests/same_results.py

lab: setup ## open the notebooks in JupyterLab
	cd notebooks && ../$(BIN)/jupyter lab

site: setup ## build the site into build/site from the executed notebooks
	$(BIN)/jkrel site

lab-test: setup ## run every notebook in JupyterLab, in a browser that nobody sees
	$(BIN)/python tests/lab.py

links: setup ## list the addresses of the sources that lead nowhere
	$(BIN)/python benchmarks/links.py $(LINKS)

licences: setup ## list the licence of every package of the lock
	$(BIN)/python benchmarks/licences.py

audit: build/uv/bin/uv ## look for published faults of the packages of the lock
	build/uv/bin/uv tool run --quiet pip-audit --strict --require-hashes --disable-pip \
	  --requirement requirements.lock

paper: setup ## write the example manuscript into build/paper: Word, LaTeX, Markdown, PDF
	$(BIN)/jkrel receipts --jobs 2 02_leader_meetings 03_trilateral_institutionalization \
	  04_history_disputes 05_domestic_politics --build build/paper-receipts
	$(BIN)/jkrel paper --receipts build/paper-receipts/receipts.csv --outline paper/manuscript.yml --output build/paper --force

format: setup ## put the code into the house style
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: setup ## time the slower steps
	$(BIN)/python benchmarks/bench.py

scale: setup build/scale/.ready ## test event streams on Spark too; needs Java 17 or newer
	build/scale/bin/python -m pytest -m spark

COMPILE = build/uv/bin/uv pip compile pyproject.toml --all-extras --group test --group build \
  --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' --quiet $(LOCK)

lock: build/uv/bin/uv ## remake both lists of exact versions; LOCK=--upgrade takes newer releases
	$(COMPILE) --universal --fork-strategy fewest --output-file requirements.lock
	$(COMPILE) --resolution lowest-direct --python-platform linux --output-file requirements-oldest.txt

clean: ## remove .venv, build/ and every cache
	rm -rf .venv build .hypothesis .pytest_cache .ruff_cache .coverage .coverage.*
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -prune -exec rm -rf {} +

$(READY): $(LOCKED)
	@rm -f .venv/.ready-*
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

# Always a fresh folder, so that neither an interrupted set-up nor a package dropped
# from the lock leaves anything behind.
$(LOCKED):
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found. $(CHOOSE)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("jkrel needs Python 3.11 or newer, and $(PYTHON) is Python %s. $(CHOOSE)" % sys.version.split()[0])'
	@echo "Building .venv from requirements.lock (a minute or two, once) ..."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --require-hashes --requirement requirements.lock
	@touch $@

# A .venv whose Python is missing or gone counts as not built.
ifneq ($(shell test -x $(BIN)/python && echo yes),yes)
.PHONY: $(LOCKED)
endif

# A set-up on top of .venv: its packages are seen here, and PySpark is added.
build/scale/.ready: $(READY) pyproject.toml
	@command -v java >/dev/null || { echo "Spark needs Java 17 or newer; java was not found." >&2; exit 1; }
	@rm -rf build/scale
	@$(BIN)/python -m venv build/scale
	@$(BIN)/python -c 'import sysconfig as s; print("import site; site.addsitedir(%r)" % s.get_path("purelib"))' > build/scale/below
	@mv build/scale/below "$$(build/scale/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/below.pth"
	@build/scale/bin/python -m pip install -qq 'pip >=25.1'
	@build/scale/bin/python -m pip install -qq --group scale
	@touch $@

build/oldest/.ready: requirements-oldest.txt pyproject.toml
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install -qq --require-hashes --requirement requirements-oldest.txt
	$(@D)/bin/python -m pip install -qq --no-deps --no-build-isolation --editable .
	touch $@

build/uv/bin/uv:
	$(PYTHON) -m venv build/uv
	build/uv/bin/python -m pip install -qq uv
