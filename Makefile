# The commands of daily work. `make` alone lists them.

# make run PROFILE=release ARGS="serve --help"
PROFILE ?= dev

.DEFAULT_GOAL := help
.PHONY: help run test soak check e2e arrows bench bench-jobs bench-reconcile bench-sandbox screenshots fmt schema settlement-table clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

run: ## start the server on SQLite with demo products, nothing to set up (PROFILE=release, ARGS="serve …")
# Whoever names a database or a command gets that and no demo products.
ifeq ($(DATABASE_URL)$(ARGS),)
	cargo run --locked --profile $(PROFILE) --package boxoffice -- seed
endif
	cargo run --locked --profile $(PROFILE) --package boxoffice -- $(or $(ARGS),serve)

test: ## run all tests; they start a PostgreSQL of their own, and install it if need be
	scripts/test

soak: ## kill two nodes and PostgreSQL while ten thousand payments come, and account for each (SOAK_PAYMENTS=10000)
	SOAK_PAYMENTS=$(or $(SOAK_PAYMENTS),10000) SOAK_BUYERS=$(or $(SOAK_BUYERS),48) scripts/soak

e2e: ## try the sandbox with Coinbase's own libraries and a browser, and the guide in docs/SANDBOX.md as printed
	scripts/e2e

check: ## format, lints, documentation, dependencies: all that CI checks before the tests
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --locked
	scripts/check-arrows
	scripts/check-deny

arrows: ## check which way the crates depend on each other
	scripts/check-arrows

bench: ## measure throughput and latency beside pgbench (SECONDS_EACH=10)
	bench/run

bench-jobs: ## measure how many trivial jobs a second two nodes do on one PostgreSQL (SPEED_JOBS=100000)
	cargo build --locked --package testkit --bin with-postgres
	target/debug/with-postgres --durable cargo run --locked --release --package application --example job_speed

bench-reconcile: ## measure how long `boxoffice reconcile` takes, and its memory (SALES=1000000)
	bench/reconcile

bench-sandbox: ## measure how many charges and webhooks a second the sandbox does, and its lists with 100,000 charges
	cargo run --locked --release --package sandbox --example speed

screenshots: ## take the pictures of docs/SANDBOX.md anew
	scripts/screenshots

fmt: ## format the code
	cargo fmt --all

schema: ## write docs/schema anew, from what the migrations make of an empty database
	cargo run --locked --quiet --package testkit --bin dump-schema

settlement-table: ## write docs/SETTLEMENT.md anew, from what the code decides
	cargo run --locked --quiet --package testkit --bin settlement-table

clean: ## remove everything that was built
	cargo clean
