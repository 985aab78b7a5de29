# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Two tenants and the owner of a mailbox. Sourced by run.

# as USER [KUBECTL...]: runs kubectl with the rights of a tenant, in the namespace of that name.
as() { kubectl --as="$1" --namespace "${1%-viewer}" "${@:2}"; }

# tenant NAMESPACE TENANT ENVIRONMENT: creates a tenant, as a platform team does.
tenant() {
  restricted_namespace "$1"
  kubectl label namespace "$1" "sender-operator.io/tenant=$2" "sender-operator.io/environment=$3"
  kubectl -n "$1" create rolebinding edit --clusterrole=edit --user="$1"
  kubectl -n "$1" create rolebinding view --clusterrole=view --user="$1-viewer"
}

# resource KIND NAME FIELD VALUE
resource() {
  printf 'apiVersion: sender-operator.io/v1alpha1\nkind: %s\nmetadata:\n  name: %s\nspec:\n  %s: %s\n' "$@"
}
domain() { resource SenderDomain "$1" domain "$2"; }
address() { resource SenderAddress "$1" address "$2"; }

has_records() { (($(kubectl -n "$1" get sdom "$2" -o jsonpath='{.status.dnsRecords[*].name}' | wc -w) >= 4)); }
reason() { kubectl -n "$1" get "$2" -o jsonpath='{.status.conditions[?(@.type=="Ready")].reason}'; }
has_reason() { [[ $(reason "$1" "$2") == "$3" ]]; }

make_tenants() {
  tenant acme acme production
  tenant zenith zenith production
  tenant platform platform production
  # The administrator of a namespace has every right in it, and the right to change the namespace itself.
  kubectl create clusterrole e2e-namespace-editor --verb=get,patch --resource=namespaces --dry-run=client -o yaml | kubectl apply -f -
  kubectl create clusterrolebinding e2e-namespace-editor --clusterrole=e2e-namespace-editor --user=zenith --dry-run=client -o yaml | kubectl apply -f -
  refused "gives a namespace the domains of a tenant" as zenith label namespace zenith --overwrite sender-operator.io/tenant=acme
  as zenith label namespace zenith --overwrite theirs=allowed
  refused no kubectl auth can-i get sclaim --as=acme
  refused no kubectl auth can-i patch sdom --subresource=status -n acme --as=acme
  refused no kubectl auth can-i create sdom -n acme --as=acme-viewer
}

acme_applies_a_domain() {
  refused "specify the domain in lowercase" as acme apply -f <(domain mail Mail.Acme.example)
  domain mail mail.acme.example | as acme apply -f -
  within 30 has_records acme mail
  as acme get sdom
  as acme get sdom mail -o yaml
}

acme_publishes() {
  publish acme mail mail.acme.example
  as acme wait --for=condition=Ready sdom/mail --timeout=90s
}

platform_team_has_a_sender() {
  domain ops ops.example | as platform apply -f -
  # The operator's own sender domain (config.senderDomain) gets no SES identity before the proof.
  within 30 has_proof platform ops
  gone_at_ses ops.example
  publish platform ops ops.example
  as platform wait --for=condition=Ready sdom/ops --timeout=90s
}

# link ADDRESS and code ADDRESS, from the newest mail to it.
link() { sim GET "mails/$(newest_mail "$1")/text" | grep -o 'http://localhost:18081/confirm/[A-Za-z0-9_.-]*' | head -n 1; }
code() { sim GET "mails/$(newest_mail "$1")/text" | grep -A 2 '^Your code:' | tail -n 1 | tr -d ' '; }
page() { curl -sSf --max-time 20 "$(link "$1")"; }

# answer ADDRESS ACTION CODE: clicks a button; prints the HTTP status.
answer() { curl -sS --max-time 20 -o /dev/null -w '%{http_code}' -d "action=$2" --data-urlencode "code=$3" "$(link "$1")"; }

owner_says_yes() {
  within 60 mail_arrived "$1"
  page "$1" | grep -F "$1" >/dev/null
  same "the answer to a wrong code" 422 "$(answer "$1" confirm BCDF2345)"
  same "the answer to the code of the mail" 303 "$(answer "$1" confirm "$(code "$1")")"
}

owner_confirms() {
  address sales sales@mail.acme.example | as acme apply -f -
  forward pages 18081 "$operators" sender-operator 80
  owner_says_yes sales@mail.acme.example
  as acme wait --for=condition=Ready saddr/sales --timeout=60s
  as acme get saddr --field-selector=status.from=sales@mail.acme.example
  kubectl -n "$operators" get pods
  kubectl -n acme get sdom,saddr
  kubectl get sclaim
}

a_chart_of_a_tenant_waits() {
  local folder=$logs/acme-mail helm
  mkdir -p "$folder/templates"
  printf 'apiVersion: v2\nname: acme-mail\nversion: 1.0.0\n' >"$folder/Chart.yaml"
  { domain news news.acme.example; echo ---; address news hello@news.acme.example; } >"$folder/templates/all.yaml"
  helm install acme-mail "$folder" --namespace acme --kube-as-user acme --kube-as-group system:authenticated --wait --timeout 120s &
  helm=$!
  within 30 has_records acme news
  kill -0 "$helm"
  publish acme news news.acme.example
  owner_says_yes hello@news.acme.example
  wait "$helm"
  same "Ready of the address after helm install --wait" Ready "$(reason acme saddr/news)"
  helm uninstall acme-mail --namespace acme --wait
}

zenith_is_refused() {
  domain mail mail.acme.example | as zenith apply -f -
  address sales sales@mail.acme.example | as zenith apply -f -
  as zenith wait --for=condition=Stalled sdom/mail saddr/sales --timeout=60s
  same "zenith's reason" OwnedByAnotherTenant "$(reason zenith sdom/mail)"
  # No output reveals the owner to zenith.
  as zenith get sdom,saddr -o yaml | sed 's/mail\.acme\.example//g' >"$logs/zenith.yaml"
  same "words about acme in zenith's resources" 0 "$(grep -ciw acme "$logs/zenith.yaml" || true)"
  same "mails to the owner on behalf of zenith" 1 "$(sim GET 'mails?to=sales@mail.acme.example' | jq length)"
  as zenith delete sdom/mail saddr/sales --wait
}

viewer_only_looks() {
  as acme-viewer get sdom,saddr
  as acme-viewer get sdom/mail saddr/sales
  local kind
  for kind in senderdomains senderaddresses; do
    # A watch like a dashboard's; it ends automatically.
    as acme-viewer get --raw "/apis/sender-operator.io/v1alpha1/namespaces/acme/$kind?watch=true&timeoutSeconds=1"
  done
  refused forbidden as acme-viewer delete sdom mail
  refused forbidden as acme-viewer get --raw /apis/sender-operator.io/v1alpha1/senderclaims
}

drift_is_put_right() {
  local time
  for time in 1 2; do
    sim PATCH identities/mail.acme.example '{"signing_enabled": false}'
    within 60 signs mail.acme.example
  done
  as acme wait --for=condition=Ready sdom/mail saddr/sales --timeout=60s
}
signs() { sim GET "identities/$1" | jq -e .signing_enabled; }

delete_a_domain() {
  domain gone gone.acme.example | as acme create -f -
  within 30 at_ses gone.acme.example
  within 20 replaced domain gone gone.acme.example
  as acme delete sdom gone --wait
  kubectl get sclaim production.gone.acme.example
  within 60 gone_at_ses gone.acme.example
  within 60 no_claim production.gone.acme.example
  # Delete a collection in one request.
  address gone gone@mail.acme.example | as acme create -f -
  within 20 replaced address gone gone@mail.acme.example
  local kind
  for kind in senderdomains senderaddresses; do
    as acme get --raw "/apis/sender-operator.io/v1alpha1/namespaces/acme/$kind?watch=true&timeoutSeconds=1"
    as acme delete --raw "/apis/sender-operator.io/v1alpha1/namespaces/acme/$kind?labelSelector=none%3Dhere"
  done
  as acme delete saddr gone --wait
  still_ready
}
# Fails if a status was written in between, because kubectl replace reads first.
replaced() { "$@" | as acme replace -f -; }
no_claim() { [[ -z $(kubectl get sclaim "$1" --ignore-not-found -o name) ]]; }
