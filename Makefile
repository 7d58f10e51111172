# The newcomer's commands (make demo, make test) set everything up by themselves.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
STAMP   = $(VENV)/.ready

.PHONY: help demo test check format bench sample pictures clean

help:
	@echo "make demo    set up, and open the screen on sample data"
	@echo "make test    set up, and run the tests"
	@echo "make check   the developers' gate: ruff, mypy, tests"
	@echo "make format  let ruff mend what it can"
	@echo "make bench   print the benchmarks' figures"
	@echo "make sample  simulate the sample data anew"
	@echo "make pictures  take the README's pictures anew"

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "vra-tui needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(STAMP)
	@$(BIN)/vra demo

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist loadscope

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist loadscope

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)
	$(BIN)/python -m benchmarks

sample: $(STAMP)
	$(BIN)/vra simulate --scenario sample --seed 37 --out sample_data
	$(BIN)/vra simulate --scenario sample --seed 33 --survey ztf --alerts 66 --stamps last --out sample_data/ztf
	$(BIN)/vra simulate --scenario sample --seed 37 --survey lsst --alerts 64 --stamps last --out sample_data/lsst

pictures: $(STAMP)
	$(BIN)/python docs/make_pictures.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
