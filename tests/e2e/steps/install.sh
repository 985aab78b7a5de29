# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The release and its pods. Sourced by run.

restricted_namespace() {
  kubectl create namespace "$1"
  kubectl label namespace "$1" pod-security.kubernetes.io/enforce=restricted
}

# helm_release NAME NAMESPACE [OPTION...]
helm_release() {
  local image=${OPERATOR_IMAGE:-sender-operator:e2e}
  helm upgrade --install "$1" "${chart:-charts/sender-operator}" --namespace "$2" --wait --timeout 120s \
    --values charts/sender-operator/examples/production.yaml --values tests/e2e/values.yaml \
    --set "image.repository=${image%:*},image.tag=${image##*:}" --set-string "config.dnsResolvers=$(dns_of_simulator)" "${@:3}"
}

aws_credentials() { kubectl -n "$1" create secret generic aws --from-literal=AWS_ACCESS_KEY_ID=any --from-literal=AWS_SECRET_ACCESS_KEY=any; }

install_operator() {
  restricted_namespace "$operators"
  aws_credentials "$operators"
  helm_release sender-operator "$operators"
  kubectl -n "$operators" get pods -o wide
  within 30 leads_anybody
}

leader() { kubectl -n "$operators" get lease sender-operator-production -o jsonpath='{.spec.holderIdentity}'; }
leads_anybody() { [[ -n $(leader) ]]; }
another_leads() { leads_anybody && [[ $(leader) != "$1" ]]; }

pods_are_locked_down() {
  refused 'violates PodSecurity "restricted' kubectl -n "$operators" run shell --image=any --restart=Never
  kubectl -n "$operators" get pods -l app.kubernetes.io/name=sender-operator -o json | jq -e '
    (.items | length) == 2 and all(.items[].spec;
      .securityContext.runAsNonRoot and .securityContext.seccompProfile.type == "RuntimeDefault" and
      all(.containers[].securityContext; .readOnlyRootFilesystem and .allowPrivilegeEscalation == false and .capabilities == {drop: ["ALL"]}))'
  [[ $cluster == none ]] || on_the_node processes_are_locked_down
}

# The kernel's view of each process of the operator.
processes_are_locked_down='
  set -e; found=0
  for process in /proc/[0-9]*; do
    case "$(tr "\0" " " <"$process/cmdline" 2>/dev/null)" in /bin/program*|/bin/sender-operator*) ;; *) continue ;; esac
    grep -q "^Uid:.65532.65532" "$process/status" && grep -q "^CapEff:.0000000000000000" "$process/status"
    grep -q "^CapBnd:.0000000000000000" "$process/status" && grep -q "^NoNewPrivs:.1" "$process/status" && grep -q "^Seccomp:.2" "$process/status"
    awk "\$2 == \"/\" { options = \$4 } END { exit options !~ /^ro(,|\$)/ }" "$process/mounts"
    found=$((found + 1))
  done
  echo "$found processes"; [ "$found" -ge 2 ]'
on_the_node() { docker exec "$node" sh -c "${!1}"; }
