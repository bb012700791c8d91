# `make demo` casts a first spell; `make test` checks everything. All set up .venv when it is missing or old.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

CASTS ?= 50000
SECONDS ?= 600
TARGET ?= all

.PHONY: demo test lint bench fuzz soak services stubs docs clean

demo: $(READY)
	@echo "--- a spell in Lua ---"
	@$(BIN)/llmspell run examples/hello/spell.lua --model demo
	@echo "--- a spell in JavaScript ---"
	@$(BIN)/llmspell run examples/hello/spell.js --model demo -p name=everybody

test: lint
	$(BIN)/pytest -n 2 -m "not slow"
	$(BIN)/pytest -n 2 --pyargs llmspell_conformance --engine lua --engine lua55 --engine luajit --engine js

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks

# For so many seconds: everything in turn, or one target, as `make fuzz SECONDS=60 TARGET=wire`.
fuzz: $(READY)
	-@$(BIN)/python -c "import atheris" 2>/dev/null || $(BIN)/python -m pip install --quiet -r requirements-fuzz.txt
	$(BIN)/python -m tests.fuzzing $(TARGET) --seconds $(SECONDS)

soak: $(READY)
	$(BIN)/python -m tests.fuzzing.soak --casts $(CASTS)

# The servers that some tests talk to; without them those are skipped.
services:
	bash tests/services.sh

stubs: $(READY)
	$(BIN)/llmspell stubs --docs -o docs/reference
	$(BIN)/python -m docs.handbook docs/reference

# The site, into site/; a link that leads nowhere fails it. To see it while writing: .venv/bin/zensical serve
docs: $(READY)
	$(BIN)/zensical build --clean --strict
	@rm -r site/handbook # whatever lies in docs is copied, and that is no page

clean:
	rm -rf .venv .cache site .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

$(READY): requirements-dev.txt pyproject.toml conformance_tests/pyproject.toml $(wildcard plugins/*/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "llmspell needs Python 3.11 or newer; name one with make PYTHON=...")'
	@if command -v uv >/dev/null; then \
	  uv venv --quiet --allow-existing --seed --python "$$(command -v $(PYTHON))" .venv && \
	  uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt; \
	else \
	  $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt; \
	fi
	@touch $@
