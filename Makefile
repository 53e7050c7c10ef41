# make build and make test do all the set-up; they need only Python 3.11-3.13 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPARK_READY := $(VENV)/.ready-spark
UV_COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-annotate --no-header --upgrade pyproject.toml

export CARTWISE_DB ?= $(CURDIR)/cartwise.duckdb
export DBT_PROFILES_DIR ?= $(CURDIR)
export CARTWISE_SPARK_DIR ?= $(CURDIR)/spark
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help build spark test faults testspark lint format docs demo lock bench clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: $(READY)  ## Build the demo shop, publish its marts and show the top of four
	$(BIN)/dbt build --quiet
	@$(BIN)/cartwise publish --published marts.duckdb
	@$(BIN)/cartwise show marts.duckdb

spark: $(SPARK_READY)  ## Build the demo shop on a local Spark session, into spark/warehouse
	@mkdir -p spark
	cd spark && ../$(BIN)/dbt build --target spark --project-dir .. --exclude-resource-type unit_test

test: $(SPARK_READY) lint  ## Lint, then run every test: Python, SQL, data, examples, Spark
	$(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

faults: $(READY)  ## Provoke every fault of docs/reliability.md and list them there
	$(BIN)/pytest -m fault
	$(BIN)/python tests/python/faults.py

testspark: $(SPARK_READY)  ## Run the Spark tests alone
	$(BIN)/pytest tests/python/spark

lint: $(READY)  ## Check the style of Python and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar models tests

format: $(READY)  ## Rewrite Python and SQL in the project's style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix --disable-progress-bar models tests

docs: $(READY)  ## Build the demo shop and its dbt documentation site, target/static_index.html
	$(BIN)/dbt build --quiet
	$(BIN)/dbt docs generate --static
	@echo "Open target/static_index.html"

demo: $(READY)  ## Write the demo shop's files anew (they do not change)
	$(BIN)/cartwise demo --out seeds/demo

bench: $(READY)  ## Write docs/benchmarks.md, then time steps against other libraries (needs a C compiler)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes \
		-r benchmarks/requirements.txt
	$(BIN)/python benchmarks/scale.py
	$(BIN)/python benchmarks/baskets.py
	$(BIN)/python benchmarks/customers.py
	$(BIN)/python benchmarks/reviews.py
	$(BIN)/python benchmarks/recommendations.py

lock: $(READY)  ## Resolve the locks from pyproject.toml (needs uv on the path)
	$(UV_COMPILE) --extra dev -o requirements.lock
	$(UV_COMPILE) --extra dev --extra spark --extra java -c requirements.lock \
		-o requirements-spark.lock

clean:  ## Remove the environment, the database and everything that was built
	rm -rf $(VENV) target logs dist spark .pytest_cache .ruff_cache .hypothesis
	rm -f cartwise.duckdb cartwise.duckdb.wal marts.duckdb
	rm -rf examples/*/target examples/*/logs examples/*/dbt_packages examples/*/*.duckdb

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "cartwise needs Python 3.11 to 3.13; set it with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(SPARK_READY): $(READY) requirements-spark.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@touch $@
