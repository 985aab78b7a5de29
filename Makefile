# The thin face of the project: each target is a command anyone can also type.
.DEFAULT_GOAL := help
.PHONY: help demo check test house chart gitops fixtures lint bench crds controlplane dist sbom e2e pictures

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: controlplane ## builds what is missing and shows the main job live (STAY=0: ends by itself)
	cargo build --package sender-operator --package sender-operator-harness --bins
	@target/debug/demo

# Test programs by what they need: nothing but the code, or a control plane, a browser, processes. Each is in one list.
QUICK = structure docs crds chart passes
SLOW = controllers pages rendered suite demo controlplane

check: lint ## the loop of a contributor: format, lints, unit tables, the files against the code, reconciles on virtual time
	cargo test --workspace --lib $(addprefix --test ,$(QUICK))

test: check controlplane ## all that CI runs: make check, then simulator, pages, chart and controllers on a real control plane
	cd tests/controlplane && go test ./builder ./launcher
	cd tests/gitops && GOWORK=off go test -count=1 ./...
	cargo test --workspace $(addprefix --test ,$(SLOW))

house: ## the shape of the code in figures: sizes, likenesses, import circles (REV=424fb7a: of that commit)
	@cargo run --quiet --package sender-operator-harness --bin house -- $(REV)

chart: controlplane ## the chart by Helm, kubeconform and a real API server (part of make test)
	cargo test --package sender-operator --test chart --test rendered

gitops: ## statuses put to Argo CD's, Flux's and kubectl's engines (part of make test; UPDATE=1 writes its table and ConfigMap)
	cd tests/gitops && GOWORK=off go test -count=1 ./...

fixtures: ## writes tests/gitops/fixtures after a change of a status
	UPDATE=1 cargo test --package sender-operator --test passes fixtures::

lint: ## format and clippy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings

bench: controlplane ## measures the operator's memory beside that of a typed store (OBJECTS=100000)
	cargo build --release --package sender-operator --package sender-operator-harness --bins
	@target/release/memory $(or $(OBJECTS),100000)

crds: ## writes crds/, the chart's copies and the table of its values
	UPDATE=1 cargo test --package sender-operator --test crds --test chart

pictures: ## makes the pictures of the README anew, in a real browser (needs pngquant too)
	@command -v pngquant > /dev/null || { echo "make pictures needs pngquant (Debian: apt-get install pngquant)" >&2; exit 1; }
	rm -f docs/pictures/*.png
	SENDER_OPERATOR_BROWSER=required cargo test --test pages pictures:: -- --ignored
	pngquant --force --skip-if-larger --strip --speed 1 --ext .png 64 docs/pictures/*.png

controlplane: ## downloads or builds kube-apiserver, kube-controller-manager, etcd and kubectl into the cache, once
	@tests/controlplane/build > /dev/null

dist: ## static binaries for images, in dist/<architecture>
	tests/e2e/dist

sbom: ## what the images are made of, in dist/*.cdx.json (needs cargo-cyclonedx)
	cargo cyclonedx --format json --override-filename sbom.cdx --no-build-deps --target x86_64-unknown-linux-musl
	mkdir -p dist && mv sbom.cdx.json dist/sender-operator.cdx.json && mv tests/simulator/sbom.cdx.json dist/ses-simulator.cdx.json
	rm tests/harness/sbom.cdx.json

e2e: ## the chart in a kind cluster, as its users use it (KEEP=1 keeps it; needs docker, kind, kubectl, helm, jq)
	@tests/e2e/run
