# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# The story: a platform team, two tenants, two environments, and the life of a release. Sourced by run.

operators=sender-operator

tell_the_story() {
  step "the cluster answers, and is free of what this suite makes" cluster_is_free
  step "the simulator of AWS and of the world's DNS" install_simulator
  step "helm install, with production's values" install_operator
  step "its pods: PodSecurity restricted, read-only root, no capabilities" pods_are_locked_down
  step "tenants get namespaces, users and nothing that is another's" make_tenants
  step "acme applies a domain and reads which records to publish" acme_applies_a_domain
  step "its DNS team publishes them: Ready" acme_publishes
  step "the platform team's own sender domain, the same way" platform_team_has_a_sender
  step "acme asks for an address, and its owner confirms through the Service" owner_confirms
  step "acme's own chart, by helm install --wait: done when both are Ready" a_chart_of_a_tenant_waits
  step "zenith wants the same domain and address, and gets neither" zenith_is_refused
  step "acme's viewer sees all and changes nothing" viewer_only_looks
  step "what somebody breaks at SES is put right, twice" drift_is_put_right
  step "a second release for another environment, each blind to the other" second_release
  step "helm upgrade with a changed setting: nothing is lost" upgrade
  step "the leader's pod is killed: the other one goes on" kill_the_leader
  step "helm rollback: the setting is as it was" rollback
  step "a deleted domain leaves SES after the delay, and its record after its time" delete_a_domain
  step "100 domains are Ready" hundred_domains
  step "newer CRDs, rollback, uninstall, install: all 100 Ready, no create or delete at SES" hundred_survive
  if [[ $cluster != none ]]; then
    step "rights: what was used is what was granted, for operator, tenant and viewer" used_is_granted
  fi
  step "everything is deleted, mass release approved; nothing is left behind" nothing_is_left
}
