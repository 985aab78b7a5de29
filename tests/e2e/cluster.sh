# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The cluster and the images. Sourced by run.

node=$cluster-control-plane

arch() { case "$(uname -m)" in x86_64) echo amd64 ;; aarch64 | arm64) echo arm64 ;; *) uname -m ;; esac }

build_images() {
  tests/e2e/dist
  local program
  for program in sender-operator ses-simulator; do
    docker build --target prebuilt --build-arg BINARY="dist/$(arch)/$program" --build-arg TITLE="$program" -t "$program:e2e" .
    docker images "$program:e2e"
  done
}

make_cluster() {
  local config=$logs/kind-config.yaml
  cat kind-config.yaml ${KIND_CONFIG_PATCH:+"$KIND_CONFIG_PATCH"} >"$config"
  kind delete cluster --name "$cluster"
  kind create cluster --name "$cluster" --config "$config" ${KIND_NODE_IMAGE:+--image "$KIND_NODE_IMAGE"} --wait 120s
}

cluster_is_up() {
  kubectl version
  kubectl wait node --all --for=condition=Ready --timeout=120s
  kubectl -n kube-system rollout status deployment/coredns --timeout=120s
}

# Fails if an earlier run left namespaces on a cluster that was kept.
cluster_is_free() {
  local there
  there=$(kubectl get namespaces -o name | grep -cE "/(simulator|$operators|$operators-staging|acme|acme-staging|zenith|zenith-staging|platform)$" || true)
  same "the number of namespaces that this suite would make" 0 "$there"
}
