# Every target sets up what it needs; paths are relative, so that a checkout at a path with a space works.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One torch thread a worker, and no hub: the suite needs no network.
QUIET_ENV := HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 TOKENIZERS_PARALLELISM=false MLFLOW_DISABLE_TELEMETRY=true

.PHONY: help install demo test check format lock test-wheel parity bench-text bench-segmenters bench-train bench-predict bench-ray bench-duplicates bench-pages bench-predict-memory bench-serving soak record-label-studio pictures clean

help:
	@echo "make demo    set up, then the main job on the five articles"
	@echo "make test    set up, then all tests, offline"
	@echo "make check   ruff and mypy"
	@echo "make format  let ruff rewrite"
	@echo "make soak    training runs and predictions killed at random moments, twenty times each, and gone on with"
	@echo "make bench-predict-memory   peak memory of a prediction at 100,000 and 1,000,000 rows"
	@echo "make bench-serving   a served model under 10,000 requests: requests a second, latency, memory"
	@echo "make record-label-studio   what Label Studio exports, anew for the tests; installs it into a temporary environment"
	@echo "make pictures take the pictures in the docs anew (needs Chromium)"
	@echo "make lock    write requirements.lock from $(VENV)"
	@echo
	@echo "with outside data (docs/text.md says which), DETENTE_TEST_DATA=FOLDER:"
	@echo "make parity            the fast tokenizer against the slow one, on the whole corpus"
	@echo "make bench-text        speed and memory of the text path"
	@echo "make bench-segmenters  word segmentation against two gold treebanks"
	@echo "make bench-train       an epoch of fine-tuning PhoBERT-base's shape, beside the Trainer's"
	@echo "make bench-predict     predictions by every engine, beside transformers' pipeline"
	@echo "make bench-ray         one and two workers of Ray, each of one thread"
	@echo "make bench-pages       are invented pages of many sites read right: recall, precision, dates, outlets, list pages"
	@echo "make bench-duplicates  near-duplicates among 10,000 articles, and the whole build of as many: time and memory"

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "détente needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -c requirements.lock -e ".[dev]"
	@touch $@

demo: install
	$(BIN)/python -m detente demo

test: install
	OMP_NUM_THREADS=1 $(QUIET_ENV) $(BIN)/python -m pytest -n 2 --dist worksteal

check: install
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy

format: install
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

# A local version such as 2.13.0+cpu is in no index, and the CUDA packages are not for every machine.
lock: install
	( echo "# Versions the suite runs on; a constraints file: pip install -c requirements.lock ..."; \
	  $(BIN)/python -m pip freeze --exclude-editable | sed -E 's/\+cpu$$//' | grep -vE '^(nvidia|triton|#)| @ ' ) > requirements.lock

test-wheel: install
	rm -rf dist build/wheel-env build/empty
	$(BIN)/python -m build --wheel --outdir dist
	@test "$$(cat dist/*.whl | wc -c)" -lt 95000000 || { echo "the wheel has 95 MB or more; PyPI takes 100" >&2; exit 1; }
	$(PYTHON) -m venv build/wheel-env
	build/wheel-env/bin/python -m pip install --quiet --upgrade pip
	build/wheel-env/bin/python -m pip install --quiet -c requirements.lock dist/*.whl
	mkdir -p build/empty
	cd build/empty && $(QUIET_ENV) ../wheel-env/bin/detente demo

CORPUS = $(DETENTE_TEST_DATA)/corpus/vietnews-sentences.txt.xz
VOCABULARY = $(DETENTE_TEST_DATA)/phobert-tokenizer
TREEBANKS = $(DETENTE_TEST_DATA)/corpora/ud_vietnamese

parity: install
	$(QUIET_ENV) $(BIN)/python benchmarks/parity.py "$(CORPUS)" "$(VOCABULARY)"

bench-text: install
	$(BIN)/python benchmarks/text.py "$(CORPUS)" "$(VOCABULARY)"

bench-segmenters: install
	$(BIN)/python benchmarks/segmenters.py "$(TREEBANKS)_vtb/vi_vtb-ud-test.conllu" "$(TREEBANKS)_tuecl/vi_tuecl-ud-test.conllu"

bench-duplicates: install
	$(BIN)/python benchmarks/duplicates.py "$(CORPUS)" 10000
	$(BIN)/python benchmarks/build.py "$(CORPUS)" 10000

bench-pages: install
	$(BIN)/python benchmarks/pages.py --wrong

bench-predict-memory: install
	$(QUIET_ENV) $(BIN)/python benchmarks/predict_memory.py 100000 1000000

bench-serving: install
	$(QUIET_ENV) $(BIN)/python benchmarks/serving.py

bench-train: install
	$(QUIET_ENV) $(BIN)/python benchmarks/train.py "$(CORPUS)" "$(VOCABULARY)"

bench-predict: install
	$(QUIET_ENV) $(BIN)/python benchmarks/predict.py "$(CORPUS)" --vocabulary "$(VOCABULARY)"

bench-ray: install
	$(QUIET_ENV) $(BIN)/python benchmarks/ray_workers.py "$(CORPUS)"

# Twenty kills at random moments; the suite has one of a training run, and three of a prediction.
soak: install
	OMP_NUM_THREADS=1 DETENTE_KILLS=20 $(QUIET_ENV) $(BIN)/python -m pytest -n 2 --dist worksteal tests/training/test_resume.py tests/prediction/test_stopped.py

# Installs Label Studio into a temporary environment, runs it on loopback, and replaces tests/dataset/labelling/label_studio/.
record-label-studio: install
	nice -n 5 $(BIN)/python tests/dataset/labelling/record_label_studio.py

pictures: install
	$(QUIET_ENV) $(BIN)/python docs/pictures/make.py

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache
