# Each target is a thin wrapper around commands that also work directly.
.DEFAULT_GOAL := help
.PHONY: help demo check test house chart gitops fixtures lint bench crds controlplane dist sbom e2e pictures

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: controlplane ## build missing programs and show the main workflow live (STAY=0: exit automatically)
	cargo build --package sender-operator --package sender-operator-harness --bins
	@target/debug/demo

# Test programs by requirements: only the code, or also a control plane, a browser or processes. Each is in one list.
QUICK = structure docs crds chart reconciles
SLOW = controllers pages rendered suite demo controlplane

check: lint ## run the contributor's loop: format, lints, tables, generated files, reconciles on virtual time
	cargo test --workspace --lib $(addprefix --test ,$(QUICK))

test: check controlplane ## run all CI tests: make check, simulator, pages, chart, controllers on a control plane
	cd tests/controlplane && go test ./builder ./launcher
	cd tests/gitops && GOWORK=off go test -count=1 ./...
	cargo test --workspace $(addprefix --test ,$(SLOW))

house: ## print code metrics: sizes, duplicates, import cycles (REV=424fb7a: of that commit)
	@cargo run --quiet --package sender-operator-harness --bin house -- $(REV)

chart: controlplane ## test the chart with Helm, kubeconform and a real API server (part of make test)
	cargo test --package sender-operator --test chart --test rendered

gitops: ## test statuses with Argo CD, Flux and kubectl (part of make test; UPDATE=1 writes the files)
	cd tests/gitops && GOWORK=off go test -count=1 ./...

fixtures: ## regenerate tests/gitops/fixtures after a status change
	UPDATE=1 cargo test --package sender-operator --test reconciles fixtures::

lint: ## check the format, run clippy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings

bench: controlplane ## compare the operator's memory with a typed store's (OBJECTS=100000)
	cargo build --release --package sender-operator --package sender-operator-harness --bins
	@target/release/memory $(or $(OBJECTS),100000)

crds: ## write crds/, the chart's copies and the chart's values table
	UPDATE=1 cargo test --package sender-operator --test crds --test chart

pictures: ## regenerate docs/pictures in a real browser (needs pngquant)
	@command -v pngquant > /dev/null || { echo "make pictures needs pngquant (Debian: apt-get install pngquant)" >&2; exit 1; }
	rm -f docs/pictures/*.png
	SENDER_OPERATOR_BROWSER=required cargo test --test pages pictures:: -- --ignored
	pngquant --force --skip-if-larger --strip --speed 1 --ext .png 64 docs/pictures/*.png

controlplane: ## download or build the Kubernetes binaries and etcd into the cache, once
	@tests/controlplane/build > /dev/null

dist: ## build static binaries for images, in dist/<architecture>
	tests/e2e/dist

sbom: ## write the images' SBOMs, in dist/*.cdx.json (needs cargo-cyclonedx)
	cargo cyclonedx --format json --override-filename sbom.cdx --no-build-deps --target x86_64-unknown-linux-musl
	mkdir -p dist && mv sbom.cdx.json dist/sender-operator.cdx.json && mv tests/simulator/sbom.cdx.json dist/ses-simulator.cdx.json
	rm tests/harness/sbom.cdx.json

e2e: ## test the chart in a kind cluster (KEEP=1 keeps it; needs docker, kind, kubectl, helm, jq)
	@tests/e2e/run
