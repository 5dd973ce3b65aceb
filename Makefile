# The work is in xtask; these are the two commands people need, and a few more.
.PHONY: run test build dev cluster tidy bench

run: ## build and serve on http://127.0.0.1:8080 with ./data
	cargo xtask run

test: ## every check
	cargo xtask test

build: ## target/release/chartroom, one file
	cargo xtask build

dev: ## serve a debug build that follows the sources
	cargo xtask dev

cluster: ## a Kubernetes control plane, for those who have none; Ctrl-C stops it
	cargo xtask cluster

tidy: ## the house rules that are code
	cargo xtask tidy

bench: ## cargo xtask bench lists what can be measured
	cargo xtask bench
