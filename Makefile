# The two commands of the house, and what stands around them. GNU make; run it in the checkout.
# Every path is relative, because the checkout's own path may have spaces.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:

# The first Python on the path that is new enough; PYTHON= names another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$name && break; done)
VENV := .venv/bin/python
PYTEST := $(VENV) -m pytest -n 2

.PHONY: help run test proof pictures lighthouse bench check format messages lock need-python venv-run venv-dev

help: ## List the targets
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name what; do \
		printf '%-14s %s\n' "$$name" "$$what"; done

run: venv-run ## Run the whole demo on http://localhost:8000 (PORT= moves it)
	@TERMTIME_LEASH=1 PORT='$(PORT)' exec $(VENV) -m config.local.run

test: venv-dev ## Run the test suite (ARGS= goes to pytest)
	@$(PYTEST) $(ARGS)

proof: venv-dev ## Run the proofs as well: everything that takes long
	@$(PYTEST) -m 'proof or not proof' $(ARGS)

pictures: venv-dev ## Take a picture of every page and lay them out on sheets (ARGS='--only WORD')
	@exec $(VENV) -m tests.browser.pictures $(ARGS)

lighthouse: venv-dev ## Let Lighthouse judge the main pages (fetches it from npm once)
	@exec $(VENV) -m tests.lighthouse $(ARGS)

bench: venv-dev ## Measure enrolling, reading and teaching beside their floors (ARGS='--json PATH')
	@exec $(VENV) -m tests.bench $(ARGS)

check: venv-dev ## Formatter, linters, types, imports, migrations, deployment settings
	@$(VENV) -m config.local.check

format: venv-dev ## Put the Python code in shape
	@$(VENV) -m ruff check --fix-only --quiet .
	@$(VENV) -m ruff format .

messages: venv-dev ## Gather the words to translate under locale/ (NEW=cy begins a catalogue)
	@$(VENV) -m config.local.messages $(NEW)

lock: venv-dev ## Write requirements/ anew from pyproject.toml (UPGRADE=1 takes newer versions)
	@$(VENV) -m config.local.lock $(if $(UPGRADE),--upgrade)

need-python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed, and none is on the path.'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo 'Python 3.11 or newer is needed; $(PYTHON) is none.'; exit 1; }

venv-run: need-python
	@$(PYTHON) config/local/bootstrap.py run

venv-dev: need-python
	@$(PYTHON) config/local/bootstrap.py dev
