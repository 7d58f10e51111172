# The newcomer's commands (make demo, make test) set everything up by themselves.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
# Modules are compiled when they are first imported: most of what is installed never is.
INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --no-compile --constraint constraints.txt --editable

# What is installed was asked for by these; whichever changes, it is installed anew. The program alone has one
# stamp, and with the tools of the tests another.
ASKED_BY  = pyproject.toml constraints.txt
READY     = $(VENV)/.ready
READY_DEV = $(VENV)/.ready-dev

# Libraries that start threads of their own would only get into each other's way. What was compiled is kept, also
# where the environment says not to: each of the hundreds of programs that tests start would compile all of it.
PYTEST = PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: help demo test test-fast test-archive check format bench sample pictures constraints clean

help:
	@echo "make demo       set up, and open the screen on sample data"
	@echo "make test       set up, and run the tests"
	@echo "make test-fast  the same without the slow ones: what trains, floods, kills, waits or installs"
	@echo "make test-archive  set up in a folder of its own, and run the tests of archives: 900 MB more"
	@echo "make check      the developers' gate: ruff, mypy, tests"
	@echo "make format     let ruff mend what it can"
	@echo "make bench      print the benchmarks' figures"
	@echo "make sample     simulate the sample data anew"
	@echo "make pictures   take the README's pictures anew"
	@echo "make constraints  write down the newest versions of all that is needed"

define new_venv
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
  echo "vra-tui needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
@$(PYTHON) -m venv $(VENV) || { \
  echo "$(PYTHON) could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
endef

$(READY): $(ASKED_BY)
	$(new_venv)
	@echo "Setting up in $(VENV), once: about 100 MB to download, 380 MB on the disk; a minute or two."
	@$(INSTALL) .
	@touch $@

$(READY_DEV): $(ASKED_BY)
	$(new_venv)
	@echo "Setting up in $(VENV) with the tools of the tests, once: about 200 MB to download, 720 MB on the disk."
	@$(INSTALL) '.[dev]'
	@touch $(READY) $@

demo: $(READY)
	@$(BIN)/vra demo

test: $(READY_DEV)
	$(PYTEST)

test-fast: $(READY_DEV)
	$(PYTEST) -m "not slow" --hypothesis-profile=quick

# LSDB and Dask weigh more than all the rest: an environment of their own. Its tests start many short processes:
# what these import is compiled here, once, whatever the surroundings say of bytecode.
$(VENV)-archive/.ready: VENV := $(VENV)-archive
$(VENV)-archive/.ready: $(ASKED_BY)
	$(new_venv)
	@echo "Setting up in $(VENV), once: some 900 MB more than the other tests take."
	@$(INSTALL) '.[dev,archive]' || { \
	  echo "The extra \`archive\` cannot be installed: pip says why above. The other tests do without it: make test."; exit 1; }
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -W ignore -c 'import lsdb, distributed, hats.io.validation, pytest, hypothesis, xgboost, vra_tui.cli'
	@touch $@

# Its tests start workers of their own: one file a core.
test-archive: $(VENV)-archive/.ready
	OMP_NUM_THREADS=1 $(VENV)-archive/bin/python -m pytest -n auto --dist loadfile tests/archive

check: $(READY_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(PYTEST)

format: $(READY_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY_DEV)
	$(BIN)/python -m benchmarks

sample: $(READY)
	$(BIN)/vra simulate --scenario sample --seed 37 --out sample_data
	$(BIN)/vra simulate --scenario sample --seed 33 --survey ztf --alerts 66 --stamps last --out sample_data/ztf
	$(BIN)/vra simulate --scenario sample --seed 37 --survey lsst --alerts 64 --stamps last --out sample_data/lsst

pictures: $(READY_DEV)
	$(BIN)/python docs/make_pictures.py

# By the oldest Python that is supported: newer ones run what it runs. What only other systems install
# (xgboost, of the same version as xgboost-cpu) is added by hand.
constraints:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	  echo "Constraints are made by Python 3.11. Try: make PYTHON=python3.11 constraints"; exit 1; }
	rm -rf $(VENV)-constraints
	$(PYTHON) -m venv $(VENV)-constraints
	$(VENV)-constraints/bin/python -m pip install --disable-pip-version-check --quiet --no-compile --editable '.[dev,archive]'
	@( echo '# Versions that the tests ran with: make and CI install these. Made by "make constraints".'; \
	  $(VENV)-constraints/bin/python -m pip list --format=freeze --exclude-editable --exclude pip --exclude setuptools \
	  | awk '{print} sub(/^xgboost-cpu==/, "xgboost==")' ) > constraints.new
	mv constraints.new constraints.txt
	rm -rf $(VENV)-constraints

clean:
	rm -rf $(VENV) $(VENV)-archive $(VENV)-constraints .pytest_cache .mypy_cache .ruff_cache
