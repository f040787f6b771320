# Farhand's few entry points. `make help` lists them.
#
# Everything is built outside the clone, so that clones share one target folder; set
# CARGO_TARGET_DIR to choose another. PROFILE=dev makes the demo use the development build,
# HEADLESS=1 makes it bring its own displays, FARHAND_BIN_DIR names programs that are built already.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test build check fmt fuzz cross bench bench-peers clean

export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/farhand/target
export HEADLESS ?=
PROFILE ?= release
# What the demo runs; the other programs are for measuring and checking.
demo_bins := farhand-console farhand-applet farhand-gateway farhand farhand-demo
profile_dir = $(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
FARHAND_BIN_DIR ?= $(CARGO_TARGET_DIR)/$(profile_dir)
# Network namespaces are root's.
as_root = $(if $(filter-out 0,$(shell id -u)),sudo)
PAGE_FLAGS ?=
nextest := $(shell command -v cargo-nextest 2>/dev/null)

help: ## Lists what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## A whole support session on this machine; HEADLESS=1 brings its own displays
	@installers/setup.sh demo
	$(if $(filter dev,$(PROFILE)),@$(MAKE) build,cargo build --locked $(demo_bins:%=--bin %) --profile $(PROFILE))
	FARHAND_BIN_DIR="$(FARHAND_BIN_DIR)" "$(FARHAND_BIN_DIR)/farhand-demo" --out target/demo

build: ## Everything, tests included, in the dev profile
	cargo build --locked --workspace --all-targets

test: ## Sets the machine up, builds, checks and runs every test
	@installers/setup.sh test
	@$(MAKE) --no-print-directory check
	$(if $(nextest),cargo nextest run --locked --workspace --no-fail-fast,cargo test --locked --workspace --no-fail-fast)

check: build ## Format, arrows between the crates, absences, clippy
	cargo fmt --all --check
	"$(CARGO_TARGET_DIR)/debug/farhand-check"
	cargo clippy --locked --workspace --all-targets -- -D warnings

fmt: ## Formats the sources
	cargo fmt --all

fuzz: ## Runs every fuzz target for 60 s (FUZZ_SECONDS) within 512 MB and 1 s per input
	@tests/fuzz/run.sh

cross: ## Builds applet and console for Windows, checks them for macOS, joins a session under wine
	@installers/setup.sh cross
	installers/cross.sh

bench: ## Measures connecting, key to photon, idle load and memory in release builds (docs/benchmarks.md: beside other products)
	cargo build --locked --release --bins
	FARHAND_BIN_DIR="$(CARGO_TARGET_DIR)/release" "$(CARGO_TARGET_DIR)/release/farhand-bench"

bench-peers: ## Measures Farhand beside its peers as root and rewrites docs/benchmarks.md; PAGE_FLAGS='--only glass,wan' renews a part
	@installers/setup.sh peers
	cargo build --locked --release --bins
	$(as_root) env FARHAND_BIN_DIR="$(CARGO_TARGET_DIR)/release" "$(CARGO_TARGET_DIR)/release/farhand-bench" page $(PAGE_FLAGS)

clean: ## Removes what the demo left; the shared target folder stays
	rm -rf target/demo
