# The ways to use this repository. Plain `make` lists them.

PYTHON ?= python3
BIN := .venv/bin
CODE := $(wildcard jkrel tests benchmarks notebooks)

# A stamp in .venv carries a checksum of what the environment was built from, the
# folder's own path too: unchanged contents mean nothing to do, whatever the times.
LOCKED := .venv/.locked-$(shell { pwd; cat requirements.lock; } | cksum | cut -d ' ' -f 1)
READY := .venv/.ready-$(shell { pwd; cat requirements.lock pyproject.toml; } | cksum | cut -d ' ' -f 1)
CHOOSE := Choose a Python that is 3.11 or newer, for example: make PYTHON=python3.12 run

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help setup run check test lab format bench scale lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

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
	$(BIN)/pytest
	$(BIN)/pytest --nbval --nbval-current-env notebooks

lab: setup ## open the notebooks in JupyterLab
	cd notebooks && ../$(BIN)/jupyter lab

format: setup ## put the code into the house style
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: setup ## time the slower steps
	$(BIN)/python benchmarks/bench.py

scale: setup build/scale/.ready ## test event streams on Spark too; needs Java 17 or newer
	build/scale/bin/python -m pytest -m spark

lock: build/uv/bin/uv ## remake requirements.lock; LOCK=--upgrade takes newer releases
	build/uv/bin/uv pip compile pyproject.toml --all-extras --group test --group build \
	  --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	  --custom-compile-command 'make lock' --quiet --output-file requirements.lock $(LOCK)

clean: ## remove .venv, build/ and every cache
	rm -rf .venv build .pytest_cache .ruff_cache .coverage
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

build/uv/bin/uv:
	$(PYTHON) -m venv build/uv
	build/uv/bin/python -m pip install -qq uv
