# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The simulator's control API: AWS, public DNS and mailboxes, and the actions of people there. Sourced by run.

control=http://localhost:14579/control

# sim METHOD PATH [BODY]
sim() { curl -sSf --max-time 20 -X "$1" ${3+-d "$3"} "$control/$2"; }

install_simulator() {
  kubectl create namespace simulator
  kubectl label namespace simulator pod-security.kubernetes.io/enforce=restricted
  sed "s|image: ses-simulator:e2e|image: ${SIMULATOR_IMAGE:-ses-simulator:e2e}|" tests/e2e/simulator.yaml | kubectl apply -f -
  kubectl -n simulator rollout status deployment/simulator --timeout=90s
  forward simulator 14579 simulator simulator 4579
  sim GET clock
}

dns_of_simulator() { kubectl -n simulator get service simulator -o jsonpath='{.spec.clusterIP}:53'; }

# Number of SES calls of this operation.
calls() { sim GET journal | jq --arg operation "$1" '[.[] | select(.operation == $operation)] | length'; }

# Number of creations and deletions at SES.
changes_at_ses() { echo "$(calls CreateEmailIdentity) created, $(calls DeleteEmailIdentity) deleted"; }

at_ses() { sim GET "identities/$1" >/dev/null 2>&1; }
gone_at_ses() { ! at_ses "$1"; }

proof() { kubectl -n "$1" get sdom "$2" -o jsonpath='{.status.dnsRecords[?(@.purpose=="Ownership")].value}'; }
has_proof() { [[ -n $(proof "$1" "$2") ]]; }

# publish NAMESPACE NAME DOMAIN: publishes the records in a domain's status, as its DNS team would; the proof first,
# if the other records depend on it.
publish() {
  within 30 has_proof "$1" "$2"
  sim PUT "zone/_sender-operator-challenge.$3/TXT" "$(proof "$1" "$2")"
  within 30 at_ses "$3"
  sim PUT "identities/$3/dkim-records"
}

newest_mail() { sim GET "mails?to=$1" | jq -r 'last.message_id // empty'; }
mail_arrived() { [[ -n $(newest_mail "$1") ]]; }
