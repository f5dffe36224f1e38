# `make run` shows what dosekernel does; `make test` tests it. Both set up what they need in .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
OUT := out
HISTORIES := loop-day.json incidents.csv

SOURCES := setup.py pyproject.toml bindings/_native.pyx bindings/declarations.py \
	$(wildcard kernel/*.py) $(wildcard spec/*.py) $(wildcard bindings/compile/*.py) \
	$(wildcard bindings/link_files/*)
CHECKED := kernel spec proofs bindings tests examples docs/api setup.py
QUICK := not slow and not packaging and not linking and not browser
# Test files are shared out among so many processes.
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help setup build run prove report docs readme-table test lint format typing fuzz mcdc bugs campaign firmware analyse check-all benchmarks pump-pictures release clean

help: ## what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1	/' | expand -t 14

# ---- set-up: nothing here needs root, and nothing is done twice

$(STAMP)/venv:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "missing: $(PYTHON), version 3.11 or later (Debian: apt-get install python3)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "missing: Python 3.11 or later; this is $$($(PYTHON) -V); try make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "missing: Python's venv (Debian: apt-get install python3-venv)"; exit 1; }
	@$(PYTHON) -c 'import os, sys, sysconfig; \
		sys.exit(not os.path.exists(sysconfig.get_paths()["include"] + "/Python.h"))' || \
		{ echo "missing: Python's C headers (Debian: apt-get install python3-dev)"; exit 1; }
	@command -v $${CC:-cc} >/dev/null || \
		{ echo "missing: a C compiler (Debian: apt-get install gcc libc6-dev)"; exit 1; }
	@echo "set-up: $(VENV) with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMP) && touch $@

$(STAMP)/packages: requirements.lock $(STAMP)/venv
	@echo "set-up: packages of requirements.lock (network; a minute or two the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.lock
	@touch $@

$(STAMP)/built: $(SOURCES) $(STAMP)/packages
	@echo "build: kernel/ to C, C to the extension"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --editable .
	@touch $@

setup: $(STAMP)/packages ## make .venv with every package that is needed

build: $(STAMP)/built ## compile the kernel and install the command .venv/bin/dosekernel
	@echo "built: $(BIN)/dosekernel"

# ---- what it is for

run: build ## prove the kernel, then a virtual patient's day and real histories, into out/
	@mkdir -p $(OUT)
	@printf '\n== the theorems, from the kernel'"'"'s own source\n'
	@status=0; $(BIN)/dosekernel prove >$(OUT)/proof.txt || status=$$?; \
		cat $(OUT)/proof.txt; echo $$status >$(OUT)/.proof
	@printf '\n== a virtual patient'"'"'s day\n'
	@$(BIN)/dosekernel simulate --out $(OUT)/day
	@for history in $(HISTORIES); do \
		printf '\n== a history through the kernel: %s\n' $$history; \
		$(BIN)/dosekernel replay $$history --limits insulin-u100 --out $(OUT)/$${history%.*} \
			|| [ $$? = 1 ] || exit 1; \
	done
	@# One solver refutes it: the call that it finds is run, so nobody need be asked twice.
	@printf '\n== a limit broken on purpose: a copy of the kernel that allows twice the largest bolus\n'
	@rm -rf build/broken && cp -r kernel build/broken && \
		sed 's/if event.amount > source_cap(/if event.amount > 2 * source_cap(/' kernel/bolus.py \
			>build/broken/bolus.py && ! cmp -s kernel/bolus.py build/broken/bolus.py
	@rm -rf $(OUT)/broken-limit && status=0; $(BIN)/dosekernel prove --kernel build/broken \
		--property totality --solver z3 --quiet --tests $(OUT)/broken-limit \
		--report $(OUT)/broken-limit.json >$(OUT)/broken-limit.txt || \
		status=$$?; sed -n '1,/^$$/d;/^$$/q;p' $(OUT)/broken-limit.txt; [ $$status = 1 ]
	@printf '\n== and the same call as a test that fails until the kernel is mended\n'
	@sed -n '/^def /,$$p' $(OUT)/broken-limit/test_*.py
	@! PYTHONDONTWRITEBYTECODE=1 $(PYTEST) -q -p no:cacheprovider $(OUT)/broken-limit >$(OUT)/broken-limit/pytest.txt && \
		tail -1 $(OUT)/broken-limit/pytest.txt
	@printf '\nFiles are in %s:\n' "$(CURDIR)/$(OUT)"; cd $(OUT) && find . -type f ! -name '.*' \
		| sort | sed 's|^\./|  |'
	@exit $$(cat $(OUT)/.proof) # a theorem that is not proved fails the whole

prove: build ## prove every theorem with both solvers
	@$(BIN)/dosekernel prove

report: build ## the assurance case as one page, out/report.html (FRESH=1: proved afresh, with SMT texts)
	@rm -rf $(OUT)/evidence && mkdir -p $(OUT)/evidence
	@printf '== proof\n'; $(BIN)/dosekernel prove --report $(OUT)/evidence/proof.json \
		$(if $(FRESH),--no-cache --smt2 $(OUT)/evidence/smt2) | tail -1
	@printf '== the tests that hazards name\n'; $(PYTEST) -q -m "$(QUICK)" tests/hazards tests/pump \
		-k "$$($(BIN)/dosekernel report --wanted-tests)" --junitxml $(OUT)/evidence/tests.xml | tail -1
	@test -d $(OUT)/day || $(BIN)/dosekernel simulate --quiet --out $(OUT)/day >$(OUT)/evidence/day.txt
	@printf '== report\n'; $(BIN)/dosekernel report --proof $(OUT)/evidence/proof.json \
		--tests $(OUT)/evidence/tests.xml $(if $(FRESH),--smt2 $(OUT)/evidence/smt2) --day $(OUT)/day \
		$$(cd $(OUT) && for each in loop-day incidents; do test -d $$each && echo "--day $(OUT)/$$each"; done) \
		$$(test -f $(OUT)/broken-limit.json && echo "--broken $(OUT)/broken-limit.json") \
		$$(test -f build/mcdc/mcdc.json && echo "--record MC/DC=build/mcdc/mcdc.json") \
		$$(test -f build/bugs/bugs.json && echo "--record planted-bugs=build/bugs/bugs.json") \
		$(foreach each,$(RECORDS),--record "$(each)") --out $(OUT)/report.html

docs: build ## the reference of every face, made offline from the source, into out/docs
	@$(BIN)/python -m sphinx --quiet -W --keep-going -n -E -j $(JOBS) -c docs/api -d build/docs -b html . $(OUT)/docs
	@echo "written: $(OUT)/docs/index.html"

readme-table: build ## prove everything afresh and write the times into README.md
	@mkdir -p $(OUT)
	@$(BIN)/dosekernel prove --no-cache --report $(OUT)/proof.json
	@$(BIN)/python -m dosekernel.proofs.summary $(OUT)/proof.json README.md

# ---- checks

test: build ## the tests that every change runs
	@$(PYTEST) -m "$(QUICK)" -n $(JOBS) --dist loadfile

typing: # the package as one tree under its import name, for mypy
	@rm -rf build/typing && mkdir -p build/typing/dosekernel
	@cd build/typing/dosekernel && for each in ../../../bindings/*; do \
		case $$each in *__pycache__|*/include|*/lib|*/link_files|*.so|*.pxd|*.pyx) ;; *) ln -s $$each . ;; esac; done && \
		ln -s ../../../kernel ../../../spec ../../../proofs .

lint: $(STAMP)/packages typing ## ruff, its format, and mypy --strict
	@$(BIN)/ruff check $(CHECKED)
	@$(BIN)/ruff format --check --quiet $(CHECKED)
	@$(BIN)/mypy --strict -p dosekernel
	@$(BIN)/mypy --strict tests examples/python docs/api setup.py

format: $(STAMP)/packages ## put all Python in the house's format
	@$(BIN)/ruff check --fix --quiet $(CHECKED)
	@$(BIN)/ruff format $(CHECKED)

pump-pictures: build ## pictures of the pump's screens and its demonstration, into docs/pump/
	@$(BIN)/python -m tests.pump.pictures docs/pump

benchmarks: build ## time, memory, proof in one run, out/benchmarks.* (PROOF=FILE OREF0=DIR WRITE=README.md)
	@mkdir -p $(OUT)
	@$(BIN)/python tests/benchmarks/run.py --json $(OUT)/benchmarks.json --svg $(OUT)/benchmarks.svg \
		$(if $(PROOF),--proof $(PROOF),--prove) $(if $(OREF0),--oref0 $(OREF0)) $(if $(WRITE),--write $(WRITE))

release: build ## sdist, repaired wheel and sums, built twice, tried alone, into dist/ (PROOF=FILE UNCOMMITTED=1)
	@$(BIN)/python -m tests.release.run $(if $(PROOF),--proof $(PROOF)) $(if $(UNCOMMITTED),--uncommitted)

fuzz: build ## dose requests at the kernel: make fuzz ENGINE=libfuzzer FUZZ_TIME=60s FUZZ_JOBS=1
	@$(BIN)/dosekernel fuzz --engine $(or $(ENGINE),libfuzzer) --time $(or $(FUZZ_TIME),60s) --jobs $(or $(FUZZ_JOBS),1)

mcdc: build ## line, branch and MC/DC of the C file by tests alone (clang-19, llvm-19)
	@$(BIN)/python -m tests.mcdc.run

bugs: build ## who finds the published kernel bugs, and when, into docs/bugs.md; a quarter of an hour
	@$(BIN)/python -m tests.bugs.table --write docs/bugs.md

campaign: build ## 32 shards of the outsider's days (SCHEDULER=tcp://host:8786: on a Dask cluster)
	@$(BIN)/dosekernel campaign fuzz --shards 32 --out $(OUT)/campaign \
		$(if $(SCHEDULER),--scheduler $(SCHEDULER))

firmware: build ## the vectors on an emulated Cortex-M4: sizes, stack, instructions
	@$(BIN)/python -m tests.firmware.run

analyse: build ## Frama-C (EVA and WP), gcc, clang, cppcheck, sanitizers on the C file; some minutes
	@$(BIN)/python tests/analysers/run.py --self-test

check-all: build ## all that this machine can check; names what it cannot
	@PYTEST="$(PYTEST)" BIN=$(BIN) .ci/check-all

clean: ## remove everything that was made
	rm -rf $(VENV) build dist $(OUT) *.egg-info bindings/include bindings/lib bindings/__init__.pxd bindings/*.so
	find . -name __pycache__ -prune -exec rm -rf {} +
