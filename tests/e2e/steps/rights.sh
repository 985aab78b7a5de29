# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# Compares the API server's audit log of the whole story with the rights that the chart grants. Sourced by run.

# Rights as lines of group, resource and verb.
granted() { # KIND NAME...
  kubectl -n "$operators" get "$@" -o json | jq -r '(.items // [.])[].rules[] |
    .apiGroups[] as $group | .resources[] as $resource | .verbs[] as $verb | "\($group) \($resource) \($verb)"' | sort -u
}

# asked FILTER: the requested rights as such lines. FILTER is a jq condition on an audit event; $who is its user, $code
# its response code.
asked() {
  jq -r "(.impersonatedUser.username // .user.username) as \$who | .responseStatus.code as \$code | select(.objectRef != null and ($1)) |
    [.objectRef.apiGroup // \"\", .objectRef.resource + (if .objectRef.subresource then \"/\" + .objectRef.subresource else \"\" end), .verb] |
    join(\" \")" "$logs/audit.log" | sort -u
}

compare() { # WHO
  echo "$1: group, resource, verb"
  sed 's/^/  /' "$logs/used.txt"
  diff --label "granted to $1" --label "used by $1" -U 0 "$logs/granted.txt" "$logs/used.txt"
}

used_is_granted() {
  docker exec "$node" cat /var/log/kubernetes/audit.log >"$logs/audit.log"
  local operator='($who | startswith("system:serviceaccount:sender-operator"))' ours='.objectRef.apiGroup == "sender-operator.io" and $code < 400'
  { granted clusterrole sender-operator; granted role sender-operator; } | sort -u >"$logs/granted.txt"
  asked "$operator and \$code < 400" >"$logs/used.txt"
  compare "the operator"
  # The operator never sends a forbidden request. (During an uninstall, pods briefly outlive their rights.)
  asked "$operator and \$code == 403" >"$logs/forbidden.txt"
  same "what the operator asked for and may not" "" "$(comm -23 "$logs/forbidden.txt" "$logs/granted.txt")"
  granted clusterrole sender-operator-tenant-admin >"$logs/granted.txt"
  asked "$ours and (\$who == \"acme\" or \$who == \"zenith\" or \$who == \"platform\")" >"$logs/used.txt"
  compare "tenants"
  granted clusterrole sender-operator-tenant-viewer >"$logs/granted.txt"
  asked "$ours and \$who == \"acme-viewer\"" >"$logs/used.txt"
  compare "viewers"
}
