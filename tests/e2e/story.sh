# The story: two environments, two tenants, and everything that happens to a release. Sourced by run.

ops=sender-operator
image_values=()
[[ -z ${OPERATOR_IMAGE:-} ]] || image_values=(--set "image.repository=${OPERATOR_IMAGE%:*},image.tag=${OPERATOR_IMAGE##*:},image.pullPolicy=IfNotPresent")
simulator=http://localhost:14579

tell_the_story() {
  step "the cluster answers, DNS included" cluster_is_up
  step "the simulator of AWS" install_simulator
  step "helm install, as production is installed" install_operator
  step "tenants with namespaces and users of their own" make_tenants
  step "acme applies a domain, and reads which records to publish" acme_applies_domain
  step "the DNS team publishes them: Ready" publish_records
  step "acme asks for an address, and its owner confirms through the Service" confirm_address
  step "zenith wants both, and gets neither" zenith_is_refused
  step "a second release for another environment, each blind to the other" second_release
  step "helm upgrade with a changed setting: nothing is lost" upgrade
  step "the leader's pod is killed: the other goes on" kill_leader
  step "helm rollback" rollback
  step "deleting lets go at SES, after the delay" delete_domain
  step "helm uninstall: resources stay, and come back with the next install" uninstall_and_return
  step "nothing is left behind" nothing_left
}

cluster_is_up() {
  kubectl -n kube-system rollout status deployment/coredns --timeout=120s
  kubectl wait node --all --for=condition=Ready --timeout=120s
}

install_simulator() {
  kubectl create namespace simulator --dry-run=client -o yaml | kubectl apply -f -
  kubectl label namespace simulator --overwrite pod-security.kubernetes.io/enforce=restricted
  if [[ -n ${SIMULATOR_IMAGE:-} ]]; then
    sed "s|image: ses-simulator:e2e|image: $SIMULATOR_IMAGE|; s|imagePullPolicy: Never|imagePullPolicy: IfNotPresent|" tests/e2e/simulator.yaml | kubectl apply -f -
  else
    kubectl apply -f tests/e2e/simulator.yaml
  fi
  kubectl -n simulator rollout status deployment/simulator --timeout=90s
  forward_simulator
}

forward_simulator() {
  kubectl -n simulator port-forward service/simulator 14579:4579 >"$logs/forward-simulator.log" 2>&1 &
  forwarding_simulator=$!
  until_ok 30 curl -sf -o /dev/null "$simulator/control/mails"
}

forward_pages() {
  [[ -z ${forwarding:-} ]] || kill "$forwarding" 2>/dev/null || true
  kubectl -n "$ops" port-forward service/sender-operator 18081:80 >"$logs/forward-pages.log" 2>&1 &
  forwarding=$!
  until_ok 30 curl -s -o /dev/null http://localhost:18081/confirm/x
}

dns_of_simulator() { kubectl -n simulator get service simulator -o jsonpath='{.spec.clusterIP}:53'; }

helm_release() { # NAME NAMESPACE VALUES...
  local name=$1 namespace=$2
  shift 2
  helm upgrade --install "$name" charts/sender-operator --namespace "$namespace" --wait --timeout 120s \
    --values tests/e2e/values.yaml "${image_values[@]}" --set-string "config.dnsResolvers=$(dns_of_simulator)" "$@"
}

restricted_namespace() {
  kubectl create namespace "$1" --dry-run=client -o yaml | kubectl apply -f -
  kubectl label namespace "$1" --overwrite pod-security.kubernetes.io/enforce=restricted
  kubectl -n "$1" create secret generic aws --from-literal=AWS_ACCESS_KEY_ID=any --from-literal=AWS_SECRET_ACCESS_KEY=any \
    --dry-run=client -o yaml | kubectl apply -f -
}

install_operator() {
  restricted_namespace "$ops"
  # The operator's own sender, verified by hand.
  kubectl -n simulator get service simulator
  helm_release sender-operator "$ops"
  kubectl -n "$ops" get pods
}

make_tenants() {
  local tenant
  for tenant in acme zenith; do
    kubectl create namespace "$tenant" --dry-run=client -o yaml | kubectl apply -f -
    kubectl label namespace "$tenant" --overwrite sender-operator.io/tenant="$tenant" sender-operator.io/environment=production
    kubectl -n "$tenant" create rolebinding "$tenant" --clusterrole=edit --user="$tenant" --dry-run=client -o yaml | kubectl apply -f -
  done
  # Only who may assign a tenant sets its label.
  ! kubectl label namespace zenith --overwrite sender-operator.io/tenant=acme --as=zenith
  kubectl auth can-i create saddr -n acme --as=acme
  ! kubectl auth can-i get sclaim --as=acme
}

as() { kubectl --as="$1" -n "$1" "${@:2}"; }

domain() { # NAME DOMAIN
  printf 'apiVersion: sender-operator.io/v1alpha1\nkind: SenderDomain\nmetadata: {name: %s}\nspec: {domain: %s}\n' "$1" "$2"
}

address() { # NAME ADDRESS
  printf 'apiVersion: sender-operator.io/v1alpha1\nkind: SenderAddress\nmetadata: {name: %s}\nspec: {address: %s}\n' "$1" "$2"
}

acme_applies_domain() {
  domain mail mail.acme.example | as acme apply -f -
  until_ok 30 has_records acme mail
  as acme get sdom mail -o yaml
  as acme get sdom
}

has_records() { (($(as "$1" get sdom "$2" -o jsonpath='{.status.dnsRecords[*].name}' | wc -w) >= 4)); }

publish() { # NAMESPACE NAME DOMAIN
  local value
  value=$(as "$1" get sdom "$2" -o jsonpath='{.status.dnsRecords[?(@.purpose=="Ownership")].value}')
  curl -sf -X PUT -d "$value" "$simulator/control/zone/_sender-operator-challenge.$3/TXT"
  curl -sf -X PUT "$simulator/control/identities/$3/dkim-records"
}

publish_records() {
  publish acme mail mail.acme.example
  as acme wait --for=condition=Ready sdom/mail --timeout=90s
  # The platform team's own sender domain, by the same way.
  kubectl create namespace platform --dry-run=client -o yaml | kubectl apply -f -
  kubectl label namespace platform --overwrite sender-operator.io/tenant=platform sender-operator.io/environment=production
  domain ops ops.example | kubectl -n platform apply -f -
  kubectl -n platform create rolebinding platform --clusterrole=edit --user=platform --dry-run=client -o yaml | kubectl apply -f -
  until_ok 30 has_records platform ops
  publish platform ops ops.example
  kubectl -n platform wait --for=condition=Ready sdom/ops --timeout=90s
}

confirm_address() {
  address sales sales@mail.acme.example | as acme apply -f -
  until_ok 60 mail_arrived sales@mail.acme.example
  forward_pages
  local text link code
  text=$(curl -sf "$simulator/control/mails/$(newest_mail sales@mail.acme.example)/text")
  link=$(grep -o 'http://localhost:18081/confirm/[A-Za-z0-9_-]*' <<<"$text" | head -1)
  code=$(grep -oE '\b[2-9B-DF-HJ-NP-TV-XZ]{4}[- ][2-9B-DF-HJ-NP-TV-XZ]{4}\b' <<<"$text" | head -1)
  curl -sf "$link" | grep -q sales@mail.acme.example
  curl -sf -o /dev/null -w '%{http_code}\n' -d action=confirm --data-urlencode "code=$code" "$link" | grep -q 303
  as acme wait --for=condition=Ready saddr/sales --timeout=60s
  as acme get saddr
}

mail_arrived() { [[ -n $(newest_mail "$1") ]]; }
newest_mail() { curl -sf "$simulator/control/mails?to=$1" | tr ',{' '\n\n' | sed -n 's/.*"message_id": *"\([^"]*\)".*/\1/p' | tail -1; }

zenith_is_refused() {
  domain mail mail.acme.example | as zenith apply -f -
  address sales sales@mail.acme.example | as zenith apply -f -
  as zenith wait --for=condition=Stalled sdom/mail --timeout=60s
  as zenith wait --for=condition=Stalled saddr/sales --timeout=60s
  ! as zenith get sdom,saddr -o yaml | grep -w acme | grep -v mail.acme.example
}

second_release() {
  restricted_namespace sender-operator-staging
  helm_release staging sender-operator-staging --set environment=staging,replicas=1,podDisruptionBudget.enabled=false \
    --set crds.enabled=false,rolesForPeople.enabled=false,namespaceLabelPolicy.enabled=false
  kubectl create namespace acme-staging --dry-run=client -o yaml | kubectl apply -f -
  kubectl label namespace acme-staging --overwrite sender-operator.io/tenant=acme sender-operator.io/environment=staging
  domain mail staging.acme.example | kubectl -n acme-staging apply -f -
  kubectl -n acme-staging wait --for=jsonpath='{.status.observedGeneration}'=1 sdom/mail --timeout=60s
  kubectl get sclaim staging.staging.acme.example
  ! kubectl get sclaim production.staging.acme.example
  helm uninstall staging --namespace sender-operator-staging --wait
  kubectl -n acme-staging delete sdom mail --wait
  kubectl get crd senderdomains.sender-operator.io
}

uid_of_identity() { curl -sf "$simulator/control/identities/mail.acme.example" | cksum; }
deletions() { curl -sf "$simulator/control/journal" | grep -c '"operation": *"DeleteEmailIdentity"' || true; }

still_ready() {
  as acme wait --for=condition=Ready sdom/mail saddr/sales --timeout=60s
}

upgrade() {
  local before
  before=$(deletions)
  helm_release sender-operator "$ops" --set config.company='Example Corp'
  still_ready
  [[ $(deletions) == "$before" ]]
}

leader() { kubectl -n "$ops" get lease -o jsonpath='{.items[0].spec.holderIdentity}'; }

kill_leader() {
  local first
  first=$(leader)
  kubectl -n "$ops" delete pod "$first" --grace-period=0 --force
  until_ok 60 another_leads "$first"
  domain second second.acme.example | as acme apply -f -
  until_ok 60 has_records acme second
  as acme delete sdom second
}

another_leads() { [[ -n $(leader) && $(leader) != "$1" ]]; }

rollback() {
  helm rollback sender-operator 1 --namespace "$ops" --wait --timeout 120s
  still_ready
}

delete_domain() {
  as zenith delete sdom,saddr --all --wait
  domain gone gone.acme.example | as acme apply -f -
  until_ok 30 has_records acme gone
  curl -sf "$simulator/control/identities/gone.acme.example"
  as acme delete sdom gone --wait
  until_ok 60 released gone.acme.example
}

released() { ! curl -sf -o /dev/null "$simulator/control/identities/$1"; }

uninstall_and_return() {
  local before
  before=$(deletions)
  helm uninstall sender-operator --namespace "$ops" --wait
  as acme get sdom mail
  helm_release sender-operator "$ops"
  still_ready
  [[ $(deletions) == "$before" ]]
}

nothing_left() {
  as acme delete sdom,saddr --all --wait
  kubectl -n platform delete sdom --all --wait
  until_ok 90 released mail.acme.example
  until_ok 90 released ops.example
  helm uninstall sender-operator --namespace "$ops" --wait
  kubectl delete namespace acme zenith platform acme-staging --wait --timeout=60s
  ! kubectl get clusterrole,clusterrolebinding -o name | grep sender-operator
}
