# Shorthands; each of them sets up .venv where that has not been done. `make` alone lists them.
python = .venv/bin/python

help:            ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run:             ## the daemon on config.toml
	sh deploy/run.sh

demo:            ## a little news web, monitored for real; needs no network
	sh deploy/run.sh demo

test:            ## the tests, all but the slow ones
	sh tests/run.sh

slow:            ## faults, load and soak
	sh tests/run.sh -m slow

check: tools     ## lint, format, types, layers
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

bench: tools     ## what things cost, as ratios within one run
	$(python) bench/all.py

picture: tools   ## docs/demo.svg, drawn from a terminal in which the demo really runs
	$(python) docs/capture.py

docs: tools      ## docs/commands.md and the tables of docs/configuration.md, from the program
	$(python) docs/reference.py

grammar: tools   ## monitor/core/query/tables.py, from the grammar of queries
	$(python) -c 'from monitor.core.query import grammar as g; open("monitor/core/query/tables.py", "w").write(g.source_of_tables())'

wheel: tools     ## the wheel built, installed elsewhere, and its demo run
	sh tests/packaging/wheel.sh $(python)

ci:              ## all of it, in a clean clone of HEAD
	.ci/run

tools:
	@sh tests/run.sh --version > /dev/null

.PHONY: help run demo test slow check bench picture docs grammar wheel ci tools
