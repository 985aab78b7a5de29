# Steps, progress and what is collected when one fails. Sourced by run.

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'; else bold='' green='' red='' plain=''; fi
steps=0 began=$SECONDS
logs=${E2E_LOGS:-target/e2e}
mkdir -p "$logs"

# step WHAT COMMAND...: runs a step and shows how long it took; a failed one ends the suite.
step() {
  local what=$1 at=$SECONDS
  shift
  steps=$((steps + 1))
  printf '%s%2d%s  %s … ' "$bold" "$steps" "$plain" "$what" >&2
  if "$@" >"$logs/$steps.log" 2>&1; then
    printf '%sok%s  %ds\n' "$green" "$plain" "$((SECONDS - at))" >&2
  else
    printf '%sfailed%s  %ds\n' "$red" "$plain" "$((SECONDS - at))" >&2
    tail -25 "$logs/$steps.log" | sed 's/^/      /' >&2
    collect
    exit 1
  fi
}

# Whatever helps to see what went wrong.
collect() {
  {
    kubectl get pods,sdom,saddr,sclaim --all-namespaces -o wide
    kubectl get events --all-namespaces --sort-by=.lastTimestamp
    kubectl get sdom,saddr,sclaim --all-namespaces -o yaml
    kubectl get events.events.k8s.io -A -o yaml
  } >"$logs/objects.txt" 2>&1
  kubectl get pods --all-namespaces -l app.kubernetes.io/name=sender-operator \
    -o jsonpath='{range .items[*]}{.metadata.namespace}{" "}{.metadata.name}{"\n"}{end}' |
    while read -r namespace pod; do
      kubectl -n "$namespace" logs "$pod" >"$logs/$pod.log" 2>&1
      kubectl -n "$namespace" logs --previous "$pod" >"$logs/$pod.previous.log" 2>/dev/null
    done
  printf '      logs, events and objects: %s\n' "$logs" >&2
}

# until SECONDS COMMAND...: repeats a command until it succeeds.
until_ok() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || { echo "not within the time: $*"; return 1; }
    sleep 0.5
  done
}
