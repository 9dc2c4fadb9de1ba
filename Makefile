# `make test` is what every change has to pass. A target marked `long` is a suite of its own.
.PHONY: dev check test demo bench faults attacks systemd fuzz
PYTHON = .venv/bin/python
PYTEST = .venv/bin/pytest

dev:  ## make .venv with nrguard and all tools
	@sh -ec '. scripts/_bootstrap; bootstrap dev'

check: dev  ## style and types only
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/codespell

test:  ## everything that a change has to pass
	scripts/test

demo:  ## guard a real Node-RED, live
	scripts/quickstart

bench: dev  ## long: measure, on this machine
	$(PYTHON) -m benchmarks

faults: dev  ## long: fail, kill and race every step of a replacement
	$(PYTEST) tests/faults

attacks: dev  ## long: carry out every known attack on three Node-REDs, and write docs/attacks.md
	$(PYTEST) tests/attacks
	$(PYTHON) scripts/attack_table.py

systemd: dev  ## long: a real systemd against our reading of its units (root, in namespaces of its own)
	$(PYTEST) tests/systemd

fuzz: dev  ## long: 200,000 settings files against Node, and what Hypothesis finds with new dice
	$(PYTHON) -m tests.fuzz.run --count 200000
	HYPOTHESIS_PROFILE=fuzz $(PYTEST) tests/property tests/differential
