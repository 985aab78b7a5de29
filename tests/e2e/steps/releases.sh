# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The life of a release. Sourced by run.

still_ready() { kubectl -n acme wait --for=condition=Ready sdom/mail saddr/sales --timeout=60s; }

upgrade() {
  local before
  before=$(changes_at_ses)
  helm_release sender-operator "$operators" --set config.company='Other Name'
  still_ready
  forward pages 18081 "$operators" sender-operator 80
  page sales@mail.acme.example | grep -F 'Other Name' >/dev/null
  same "changes at SES" "$before" "$(changes_at_ses)"
}

rollback() {
  helm rollback sender-operator 1 --namespace "$operators" --wait --timeout 120s
  still_ready
  forward pages 18081 "$operators" sender-operator 80
  page sales@mail.acme.example | grep -F 'Example Corp' >/dev/null
}

kill_the_leader() {
  local first at=$SECONDS before
  before=$(changes_at_ses)
  first=$(leader)
  kubectl -n "$operators" delete pod "$first" --grace-period=0 --force
  within 60 another_leads "$first"
  echo "another one leads after $((SECONDS - at)) s"
  domain second second.acme.example | as acme apply -f -
  within 60 has_records acme second
  as acme delete sdom second --wait
  within 60 gone_at_ses second.acme.example
  still_ready
  echo "$before, then $(changes_at_ses)"
  kubectl -n "$operators" rollout status deployment/sender-operator --timeout=60s
}

# The Secret of a version without confirmations: the new version adds the missing keys and keeps the others.
old_secret() {
  kubectl -n "$operators-staging" create secret generic staging-sender-operator --from-literal=owner-id=owner-of-staging \
    --from-literal=challenge-key="0123456789abcdef0123456789abcdef"
}

second_release() {
  tenant acme-staging acme staging
  # The release serves selected namespaces, by Roles there. This namespace is in its environment, but not selected.
  tenant zenith-staging zenith staging
  domain mail unseen.zenith.example | kubectl -n zenith-staging apply -f -
  domain mail staging.acme.example | kubectl -n acme-staging apply -f -
  # The first release has handled a later resource, and ignored this one.
  domain later later.acme.example | as acme apply -f -
  within 30 has_records acme later
  same "what the first release did of staging's domain" -1 "$(kubectl -n acme-staging get sdom mail -o jsonpath='{.status.observedGeneration}')"

  restricted_namespace "$operators-staging"
  aws_credentials "$operators-staging"
  old_secret
  helm_release staging "$operators-staging" --set environment=staging,replicas=1,podDisruptionBudget.enabled=false,ingress.enabled=false,'watchNamespaces={acme-staging}' \
    --set crds.enabled=false,rolesForPeople.enabled=false,namespaceLabelPolicy.enabled=false
  within 60 has_records acme-staging mail
  publish acme-staging mail staging.acme.example
  kubectl -n acme-staging wait --for=condition=Ready sdom/mail --timeout=60s
  same "the owner in staging's Secret" owner-of-staging \
    "$(kubectl -n "$operators-staging" get secret staging-sender-operator -o jsonpath='{.data.owner-id}' | base64 -d)"
  same "claims" "production.later.acme.example staging.staging.acme.example" \
    "$(kubectl get sclaim -o name | sed 's|.*/||' | grep -E '\.(later|staging)\.' | sort | tr '\n' ' ' | sed 's/ $//')"
  same "the domain that the second release must not touch" Held "$(kubectl get sclaim production.mail.acme.example -o jsonpath='{.spec.state}')"

  same "what the second release did of a namespace that it does not watch" -1 \
    "$(kubectl -n zenith-staging get sdom mail -o jsonpath='{.status.observedGeneration}')"
  refused no kubectl auth can-i list sdom -n zenith-staging --as="system:serviceaccount:$operators-staging:staging-sender-operator"

  kubectl -n acme-staging delete sdom mail --wait
  within 60 gone_at_ses staging.acme.example
  helm uninstall staging --namespace "$operators-staging" --wait
  kubectl delete namespace acme-staging zenith-staging "$operators-staging" --wait --timeout=60s
  kubectl get crd senderdomains.sender-operator.io senderaddresses.sender-operator.io senderclaims.sender-operator.io
  as acme delete sdom later --wait
  within 60 gone_at_ses later.acme.example
  within 60 gone_at_ses news.acme.example
  still_ready
}

hundred_domains() {
  local number
  for number in $(seq 100); do domain "d$number" "d$number.acme.example"; echo ---; done | as acme apply -f - >/dev/null
  for number in $(seq 100); do
    within 60 has_records acme "d$number"
    publish acme "d$number" "d$number.acme.example" >/dev/null
  done
  all_hundred_ready
}

all_hundred_ready() {
  local number names=()
  for number in $(seq 100); do names+=("sdom/d$number"); done
  as acme wait --for=condition=Ready "${names[@]}" --timeout=180s | tail -n 1
}

# The chart of a later version, with one more field in its CRDs.
newer_chart() {
  rm -rf "$logs/newer"
  cp -r charts/sender-operator "$logs/newer"
  sed -i.before -E 's/^version: .*/version: 99.0.0/' "$logs/newer/Chart.yaml"
  local crd=$logs/newer/files/crds/senderdomains.yaml
  kubectl create --dry-run=client -o json -f "$crd" | jq '.spec.versions[].schema.openAPIV3Schema.properties.spec.properties.later = {type: "string", maxLength: 20}' |
    jq 'del(.metadata.creationTimestamp, .status)' | kubectl create --dry-run=client -o yaml -f - | sed '/^  creationTimestamp/d' >"$crd.new"
  mv "$crd.new" "$crd"
}

knows_later() { kubectl get crd senderdomains.sender-operator.io -o json | jq -e '.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.later'; }

hundred_survive() {
  local before
  before=$(changes_at_ses)
  newer_chart
  chart=$logs/newer helm_release sender-operator "$operators"
  knows_later
  all_hundred_ready
  helm rollback sender-operator 1 --namespace "$operators" --wait --timeout 120s
  refused "" knows_later
  all_hundred_ready
  helm uninstall sender-operator --namespace "$operators" --wait
  same "resources after helm uninstall" 100 "$(kubectl -n acme get sdom -o name | grep -c /d)"
  helm_release sender-operator "$operators"
  # The new release reconciles each resource; old statuses are not enough.
  domain d1 d1.acme.example | as acme apply -f -
  kubectl -n acme patch sdom d1 --type merge -p '{"spec":{"suspend":true}}'
  within 60 has_reason acme sdom/d1 Suspended
  kubectl -n acme patch sdom d1 --type merge -p '{"spec":{"suspend":null}}'
  all_hundred_ready
  still_ready
  same "changes at SES" "$before" "$(changes_at_ses)"
}

nothing_is_left() {
  kubectl create clusterrolebinding e2e-claims --clusterrole=sender-operator-claim-admin --user=claims --dry-run=client -o yaml | kubectl apply -f -
  as acme delete sdom,saddr --all --wait >/dev/null
  as platform delete sdom --all --wait
  # More than ten simultaneous releases look like an accident, so they wait for an administrator's approval.
  within 60 is_releasing production.d1.acme.example
  at_ses d1.acme.example
  kubectl --as=claims annotate sclaim --all sender-operator.io/approve-release=yes >/dev/null
  within 120 nothing_at_ses
  helm uninstall sender-operator --namespace "$operators" --wait
  kubectl delete crd senderdomains.sender-operator.io senderaddresses.sender-operator.io senderclaims.sender-operator.io --timeout=60s
  kubectl delete clusterrolebinding e2e-claims e2e-namespace-editor
  kubectl delete clusterrole e2e-namespace-editor
  kubectl delete namespace acme zenith platform "$operators" simulator --wait --timeout=120s
  same "cluster-wide objects that are left" 0 "$(kubectl get clusterrole,clusterrolebinding,crd,validatingadmissionpolicy,validatingadmissionpolicybinding,priorityclass -o name |
    grep -c sender-operator || true)"
}
is_releasing() { [[ $(kubectl get sclaim "$1" -o jsonpath='{.spec.state}') == Releasing ]]; }
nothing_at_ses() { [[ $(sim GET identities | jq length) == 0 ]]; }
