# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The API server's audit log of the whole story, compared with the rights that the chart gives. Sourced by run.

# Rights as lines of group, resource and verb.
granted() { # KIND NAME...
  kubectl -n "$operators" get "$@" -o json | jq -r '(.items // [.])[].rules[] |
    .apiGroups[] as $group | .resources[] as $resource | .verbs[] as $verb | "\($group) \($resource) \($verb)"' | sort -u
}

# What was asked for and answered: used FILTER, a jq condition on an audit event whose asker is $who.
used() {
  jq -r "(.impersonatedUser.username // .user.username) as \$who | select($1) | select(.objectRef != null and .responseStatus.code < 400) |
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
  local operator='$who | startswith("system:serviceaccount:sender-operator")'
  # The operator never asks for what it may not.
  same "requests of the operator that were forbidden" 0 \
    "$(jq -r "(.impersonatedUser.username // .user.username) as \$who | select($operator) | select(.responseStatus.code == 403) | .requestURI" "$logs/audit.log" | tee /dev/stderr | wc -l)"
  { granted clusterrole sender-operator; granted role sender-operator; } | sort -u >"$logs/granted.txt"
  used "$operator" >"$logs/used.txt"
  compare "the operator"
  granted clusterrole sender-operator-tenant-admin >"$logs/granted.txt"
  used '.objectRef.apiGroup == "sender-operator.io" and ($who == "acme" or $who == "zenith" or $who == "platform")' >"$logs/used.txt"
  compare "tenants"
  granted clusterrole sender-operator-tenant-viewer >"$logs/granted.txt"
  used '.objectRef.apiGroup == "sender-operator.io" and $who == "acme-viewer"' >"$logs/used.txt"
  compare "viewers"
}
