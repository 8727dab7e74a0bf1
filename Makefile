.DEFAULT_GOAL := help
.PHONY: help demo run deploy destroy doctor test check audit bench pictures

# uv is what everything here runs on. Where it is missing, it goes into .tools,
# which needs nothing but the Python that is there.
UV ?= $(or $(shell command -v uv),.tools/bin/uv)
export UV_LINK_MODE ?= copy
# Where it is set, whatever is started here compiles every library anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: | $(UV) ## Run the whole product on this machine, with no account of any kind
	@[ -d .venv ] || echo "  … fetching packages, for this first time"
	@$(UV) run --quiet --locked --no-dev python -m local.demo

run: | $(UV) ## Run the bot, with the settings in .env
	@$(UV) run --quiet --locked --no-dev python bot.py

deploy: | $(UV) ## Make or update it in your AWS account: make deploy ARGS="--region eu-central-1"
	@$(UV) run --quiet --locked --no-dev python bot.py deploy $(ARGS)

destroy: | $(UV) ## Delete it there again, but for received files: make destroy ARGS="--help"
	@$(UV) run --quiet --locked --no-dev python bot.py destroy $(ARGS)

doctor: | $(UV) ## Try out the installation, and say what is wrong and what helps
	@$(UV) run --quiet --locked --no-dev python bot.py doctor $(ARGS)

# The local AWS is compiled before ten processes start one each; as many run on two processors,
# since most of what the tests do is wait.
test: node_modules | $(UV) ## Run every test (fetches a Chromium where there is none)
	@$(UV) run --locked python -m local.chromium
	@$(UV) sync --quiet --locked --compile-bytecode --script local/ministack.py
	$(UV) run --locked pytest --numprocesses=10 --dist=loadfile --no-loadscope-reorder

check: node_modules | $(UV) ## Check format, lint, types, imports, the template and the page's size
	@$(MAKE) --no-print-directory --jobs=2 check-types check-rest

.PHONY: check-types check-rest
check-types: # takes as long as all the rest
	$(UV) run --locked mypy

check-rest:
	$(UV) run --locked ruff format --check
	$(UV) run --locked ruff check
	$(UV) run --locked lint-imports --no-logo
	$(UV) run --locked cfn-lint cloud/template.yaml
	$(UV) run --locked node node_modules/typescript/bin/tsc
	$(UV) run --locked node node_modules/@biomejs/biome/bin/biome ci
	$(UV) run --locked python -m cloud.page

audit: | $(UV) ## Ask checkov what it thinks of the template (fetches 300 MB once)
	$(UV) tool run checkov@3.3.30 --file cloud/template.yaml --framework cloudformation --skip-download --compact

bench: | $(UV) ## Measure the figures that are promised, each against a peer
	@$(UV) run --locked python -m local.chromium
	$(UV) run --locked python -m bench

pictures: | $(UV) ## Take the README's pictures anew, of the real screens
	@$(UV) run --locked python -m local.chromium
	$(UV) run --locked python -m local.pictures

node_modules: package-lock.json | $(UV)
	$(UV) run --locked npm ci --no-audit --no-fund
	@touch node_modules

.tools/bin/uv:
	@python3 -m venv .tools 2>/dev/null || python3 -m pip --version >/dev/null 2>&1 || { \
	  echo "Install uv (docs.astral.sh/uv) or Python's venv (Debian: apt-get install python3-venv)."; exit 1; }
	@if [ -x .tools/bin/pip ]; then .tools/bin/pip install --quiet uv==0.13.9; \
	 else python3 -m pip install --quiet --target .tools uv==0.13.9; fi
