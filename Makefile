# Two commands do everything: `make book` and `make test`. `make help` lists the rest.

PYTHON ?= python3
PRESET ?= demo
SIZE ?= standard

BIN := .venv/bin
OUT := build/$(PRESET)
RUN := $(OUT)/run
BOOK := $(OUT)/book

VENV := .venv/installed
UNDERSTUDY := build/understudy/$(SIZE).done
TELLS := $(shell find lib/tells -name '*.py' -o -name '*.conf' -o -name '*.mplstyle')
RECORDS := $(shell find data -name '*.json' -o -name '*.parquet' -o -name '*.yaml')
CHAPTERS := $(sort $(basename $(notdir $(wildcard notebooks/*.md))))
EXECUTED := $(CHAPTERS:%=$(RUN)/%.ipynb)
PAGES := $(shell find book -type f)

# A recipe that fails must not leave its target behind, or the next make believes in it.
.DELETE_ON_ERROR:
.PHONY: book test lint format bench understudy lock clean help

book: $(BOOK)/_build/html/index.html  ## write the understudy, run every chapter, render the book
	@echo "The book: $<"

test: $(VENV)  ## run the tests
	$(BIN)/pytest

lint: $(VENV)  ## check style, spelling and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/lint-imports

format: $(VENV)  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)  ## measure, and write the ratios to build/bench.json
	$(BIN)/python tests/bench.py

understudy: $(UNDERSTUDY)  ## write the procedural corpus; SIZE=tiny for a small one

clean:  ## remove everything that was generated, but not .venv
	rm -rf build

help:  ## show this
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/make \1\t\2/p' Makefile | expand -t 20

# --- what the targets above are made of ---------------------------------------------------------

$(VENV): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "Python 3.11 is needed; name it with make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(UNDERSTUDY): $(VENV) $(wildcard lib/understudy/*.py)
	$(BIN)/understudy write build/understudy/$(SIZE) --size $(SIZE)
	@touch $@

$(RUN)/%.ipynb: notebooks/%.md notebooks/presets/$(PRESET).yaml $(TELLS) $(RECORDS) $(VENV)
	$(BIN)/tells run $* --preset $(PRESET) --output $(RUN) --no-html

ifeq ($(PRESET),demo)
$(EXECUTED): $(UNDERSTUDY)
endif

# The results page reads the others' records. Experiment III extracts into the store that
# experiment II fills, so under `make -j` it waits for it.
SPEECH := $(filter $(RUN)/05_3_%,$(EXECUTED))
$(RUN)/results.ipynb: $(SPEECH)
$(RUN)/05_3_3_speech_experiment_3.ipynb: | $(RUN)/05_3_2_speech_experiment_2.ipynb

$(BOOK)/_build/html/index.html: $(EXECUTED) $(PAGES)
	rm -rf $(BOOK)
	mkdir -p $(BOOK)/chapters
	cp -R book/. $(BOOK)/
	cp $(EXECUTED) $(BOOK)/chapters/
	$(BIN)/jupyter-book build --builder html -n -W --keep-going $(BOOK)

lock: pyproject.toml  ## resolve the newest versions into requirements.lock
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet torch==2.13.0
	build/lock/bin/pip install --quiet '.[book,dev]'
	sed '/^[^#]/d' requirements.lock > build/lock/requirements
	build/lock/bin/pip freeze --exclude tells | sed 's/+cpu$$//' >> build/lock/requirements
	mv build/lock/requirements requirements.lock
