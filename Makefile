# make demo     serve the released model                           PORT=8080  ONCE=1 stops after the first replies
# make own      make a corpus, train on it, export and serve that  the same options
# make test     every test
# make check    style, types, import order, contents of the wheel
# make venv     the set-up alone, which the others do first
#
# A machine without a GPU saves gigabytes with
#     make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu

PYTHON ?= python3.11
PORT ?= 8080
ONCE ?=
TORCH_INDEX ?=

BIN := .venv/bin
READY := .venv/ready
SERVING := .venv/serving
RELEASED := models/yelp-soft-label
CORPUS := runs/quickstart-corpus
RUN := runs/quickstart
MODEL := models/quickstart
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
TORCH := $(shell grep '^torch==' requirements.lock)
BUILD_TOOLS := $(shell grep -E '^(pybind11|setuptools|wheel)==' requirements.lock)

.DELETE_ON_ERROR:
.PHONY: demo own test check venv compiler

demo: $(SERVING)
	@echo "==> serving $(RELEASED) on port $(PORT)"
	@$(BIN)/python serving/start.py $(RELEASED) --port $(PORT) $(if $(filter-out 0,$(ONCE)),--exit-after-check)

own: $(MODEL)/MANIFEST.sha256
	@echo "==> serving $(MODEL) on port $(PORT)"
	@$(BIN)/python serving/start.py $(MODEL) --port $(PORT) $(if $(filter-out 0,$(ONCE)),--exit-after-check)

test: $(READY)
	$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict
	$(BIN)/mypy --strict $(wildcard $(addsuffix /*.py,training export serving handlers loadtests))
	$(BIN)/mypy --strict $(wildcard $(addsuffix /*.py,serving/edge serving/image))
	$(BIN)/lint-imports
	@rm -rf build/lib build/wheel
	@mkdir -p build/wheel
	$(BIN)/python -m build --wheel --no-isolation --outdir build/wheel . > build/log || { cat build/log; exit 1; }
	$(BIN)/check-wheel-contents --toplevel resay build/wheel

venv: $(READY)

# Asked before anything is downloaded.
compiler:
	@$(PYTHON) -c 'import sys, sysconfig, pathlib; sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").exists())' \
	    || { echo "fastText is compiled here and needs the headers of Python 3.11 (Debian, Ubuntu: python3.11-dev)"; exit 1; }
	@command -v g++ > /dev/null \
	    || { echo "fastText is compiled here and needs a C++ compiler: install g++ (Debian, Ubuntu: g++)"; exit 1; }

# The stamps are the last things made, so a set-up that failed is tried again. What serves needs no compiler and half the
# time; the set-up for everything else begins with it.
$(SERVING): requirements.lock pyproject.toml
	@command -v $(PYTHON) > /dev/null \
	    || { echo "resay needs Python 3.11: install it, or name it with PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	    || { echo "resay needs Python 3.11; $(PYTHON) is another version"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null \
	    || { echo "$(PYTHON) cannot make environments: install its venv module (Debian, Ubuntu: python3.11-venv)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@rm -f $(SERVING) $(READY)
	@echo "==> set-up 1/2: $(TORCH), a download of 0.2 GB (CPU) to 3 GB (with CUDA)"
	@$(PIP) install --no-deps $(BUILD_TOOLS)
	@$(PIP) install --no-deps $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) $(TORCH)
	@echo "==> set-up 2/2: resay and what serves it"
	@$(PIP) install --no-build-isolation --constraint requirements.lock --editable '.[cpu,serve,client,grpc]'
	@touch $(SERVING)

$(READY): requirements.lock pyproject.toml | compiler $(SERVING)
	@echo "==> set-up for training and tests: everything else of requirements.lock; compiling fastText takes a minute or two"
	@$(PIP) install --no-build-isolation -r requirements.lock
	@touch $(READY)

$(CORPUS)/train.txt: training/make_corpus.py training/quickstart/grammar.toml | $(READY)
	@echo "==> writing the quick start's corpus"
	@$(BIN)/python training/make_corpus.py --out $@ --dev $(CORPUS)/dev.txt

$(RUN)/complete: $(CORPUS)/train.txt training/configs/quickstart.toml | $(READY)
	@echo "==> training on it, two to three minutes on 2 idle CPU cores"
	@rm -rf $(RUN)
	@$(BIN)/python training/train.py --loss soft-label --config training/configs/quickstart.toml \
	    --train $(CORPUS)/train.txt --dev $(CORPUS)/dev.txt --out $(RUN)
	@touch $@

$(MODEL)/MANIFEST.sha256: $(RUN)/complete | $(READY)
	@echo "==> exporting to $(MODEL)"
	@$(BIN)/python export/to_onnx.py $(RUN) --out $(MODEL)
	@touch $@
