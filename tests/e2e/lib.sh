# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Steps, progress, and diagnostics of a failed step. Sourced by run.

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'; else bold='' green='' red='' plain=''; fi
steps=0 began=$SECONDS
logs=${E2E_LOGS:-target/e2e}
rm -rf "$logs"
mkdir -p "$logs"

# step WHAT COMMAND...: runs a step and shows its duration; a failed step ends the suite. The command runs in a separate
# shell outside of any condition, because inside a condition bash would continue after a failed line.
step() {
  local what=$1 at=$SECONDS failed=0
  shift
  steps=$((steps + 1))
  printf '%s%2d%s  %s ' "$bold" "$steps" "$plain" "$what" >&2
  (set -xeuo pipefail; "$@") >"$logs/$steps.log" 2>&1 &
  wait $! || failed=1
  if ((failed)); then
    printf ' %sfailed%s after %d s\n' "$red" "$plain" "$((SECONDS - at))" >&2
    tail -25 "$logs/$steps.log" | sed 's/^/      /' >&2
    collect
    exit 1
  fi
  printf ' %sok%s  %d s\n' "$green" "$plain" "$((SECONDS - at))" >&2
}

# Collects diagnostics.
collect() {
  {
    kubectl get pods,sdom,saddr,sclaim --all-namespaces -o wide
    kubectl get events.events.k8s.io --all-namespaces
    kubectl get sdom,saddr,sclaim --all-namespaces -o yaml
    kubectl describe pods --all-namespaces -l app.kubernetes.io/name=sender-operator
  } >"$logs/objects.txt" 2>&1
  sim GET journal >"$logs/journal.json" 2>/dev/null || true
  local namespace pod
  while read -r namespace pod; do
    kubectl -n "$namespace" logs "$pod" >"$logs/$pod.log" 2>&1 || true
    kubectl -n "$namespace" logs --previous "$pod" >"$logs/$pod.previous.log" 2>/dev/null || true
  done < <(kubectl get pods --all-namespaces -l 'app.kubernetes.io/name in (sender-operator,ses-simulator)' \
    -o jsonpath='{range .items[*]}{.metadata.namespace}{" "}{.metadata.name}{"\n"}{end}')
  printf '      logs, events and objects are in %s\n' "$logs" >&2
}

# within SECONDS COMMAND...: repeats a command until it succeeds.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS >= end)); then
      echo "not in time: $*" >&2
      return 1
    fi
    sleep 0.5
  done
}

# refused WORDS COMMAND...: the command has to fail with these words in its output. (`! command` would not end a step.)
refused() {
  local words=$1 said
  shift
  if said=$("$@" 2>&1); then
    echo "this was let through: $*: $said" >&2
    return 1
  fi
  grep -F -- "$words" <<<"$said" || { echo "$* said: $said, but not: $words" >&2; return 1; }
}

# same WHAT BEFORE AFTER
same() { [[ $2 == "$3" ]] || { echo "$1 was $2 and is $3" >&2; return 1; }; }

# forward NAME PORT NAMESPACE SERVICE SERVICE-PORT: forwards localhost:PORT to a Service, and replaces an earlier
# forward of that name.
forward() {
  unforward "$1"
  kubectl -n "$3" port-forward "service/$4" "$2:$5" >"$logs/forward-$1.log" 2>&1 </dev/null &
  echo $! >"$logs/forward-$1.pid"
  within 30 grep -q Forwarding "$logs/forward-$1.log"
}

unforward() {
  [[ ! -f $logs/forward-$1.pid ]] || kill "$(cat "$logs/forward-$1.pid")" 2>/dev/null || true
  rm -f "$logs/forward-$1.pid"
}
