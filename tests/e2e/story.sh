# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The story: a platform team, two tenants, two environments, and the life of a release. Sourced by run.

operators=sender-operator

tell_the_story() {
  step "the cluster responds and has no leftovers of this suite" cluster_is_free
  step "install the simulator of AWS and DNS" install_simulator
  step "helm install with production values" install_operator
  step "its pods: PodSecurity restricted, read-only root, no capabilities" pods_are_locked_down
  step "tenants get namespaces and users, and no access to other tenants" make_tenants
  step "acme applies a domain and reads the records to publish" acme_applies_a_domain
  step "the DNS team publishes them: the domain is Ready" acme_publishes
  step "the platform team's own sender domain, the same way" platform_team_has_a_sender
  step "acme requests an address, and its owner confirms through the Service" owner_confirms
  step "acme's own chart: helm install --wait returns when both are Ready" a_chart_of_a_tenant_waits
  step "zenith requests the same domain and address and gets neither" zenith_is_refused
  step "acme's viewer can read everything and change nothing" viewer_only_looks
  step "drift in SES is repaired, twice" drift_is_put_right
  step "a second release for another environment: neither affects the other" second_release
  step "helm upgrade with a changed setting: nothing is lost" upgrade
  step "the leader's pod is killed: the standby takes over" kill_the_leader
  step "helm rollback restores the setting" rollback
  step "a deleted domain leaves SES after the release delay, and its claim after the retention" delete_a_domain
  step "100 domains are Ready" hundred_domains
  step "newer CRDs, rollback, uninstall, install: all 100 Ready, no create or delete in SES" hundred_survive
  if [[ $cluster != none ]]; then
    step "rights used equal rights granted, for operator, tenant and viewer" used_is_granted
  fi
  step "delete everything, approve the mass release: nothing is left" nothing_is_left
}
