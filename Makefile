# Two commands: `make run` and `make test`. The rest is for people who work on the code.
PYTHON ?= python3

.PHONY: run test
run:
	@$(PYTHON) config/bootstrap run

test:
	@$(PYTHON) config/bootstrap test
