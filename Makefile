# 连心民情. `make` alone lists what can be done.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo run stop test check fix bench docs browser screenshots

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(STAMP): requirements.lock pyproject.toml
	@deploy/install.sh $(PYTHON) $(VENV)
	@touch $@

browser: $(STAMP)
	@deploy/browser.sh

demo: $(STAMP)  ## install, seed 彭里村 and a block of 斗潭社区, serve; prints the address and the accounts
	@deploy/fonts.sh
	@$(BIN)/minqing demo --serve

run: $(STAMP)  ## serve what is there
	@$(BIN)/minqing serve

stop: $(STAMP)  ## stop the server and the embedded database
	@$(BIN)/minqing stop

test: $(STAMP) browser  ## all tests, on real PostgreSQL and in a real browser
	@deploy/test.sh $(BIN)

check: $(STAMP)  ## style, types, import contracts, templates, generated docs
	@deploy/check.sh $(BIN)

fix: $(STAMP)  ## what can be put right by itself: style, formatting of imports, generated docs
	@$(BIN)/ruff check --fix .
	@$(BIN)/minqing docs

screenshots: $(STAMP)  ## take the pictures of docs/guide from a running demo (URL=… PASSWORD=…)
	@deploy/screenshots.sh $(or $(URL),http://127.0.0.1:8000) $(PASSWORD)

bench: $(STAMP)  ## benchmarks side by side with their floors (long; needs about 10 GB of disk)
	@$(BIN)/python -m bench
