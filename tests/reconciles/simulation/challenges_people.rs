//! DNS teams that publish challenges, and administrators.

use sender_operator::{
    api::SenderDomain,
    model::{
        admin_annotations::{ActionKind, RequestedAction, RequestedActions},
        challenge::{Bearer, record_name, record_value},
        claim::StoredClaim,
        name::Domain,
        tenant::Tenant,
    },
};

use super::{Simulation, lock};

/// The DNS team.
impl Simulation {
    /// The token that proves the domain for the tenant now, in the default environment.
    pub fn token_of(&self, tenant: &str, domain: &str) -> String {
        let (tenant, domain): (Tenant, Domain) = (tenant.parse().unwrap(), Domain::parse(domain).unwrap());
        let tenure = self.claim(domain.as_str()).map_or(0, |claim| claim.history.tenure(&tenant));
        Self::settings().keys.token(Bearer { environment: "default", tenant: &tenant, domain: &domain, tenure })
    }

    /// Publishes the record that proves the domain for the tenant, beside others at the name.
    pub fn publish_proof(&self, tenant: &str, domain: &str) {
        let (name, value) =
            (record_name(&Domain::parse(domain).unwrap()), record_value(&self.token_of(tenant, domain)));
        self.remove_text(&name, &value);
        self.set_text(&name, &value);
    }

    /// Publishes the current challenge of each domain for each of these tenants.
    pub fn prove_everything(&self, tenants: &[&str], domains: &[&str]) {
        for (tenant, domain) in tenants.iter().flat_map(|tenant| domains.iter().map(move |domain| (tenant, domain))) {
            self.publish_proof(&format!("tenant/{tenant}"), domain);
        }
    }

    /// Removes every record that proves the domain, for any tenant.
    pub fn unpublish_proofs(&self, domain: &str) {
        self.with_zone(|zone| zone.records.remove(&record_name(&Domain::parse(domain).unwrap()), "TXT").unwrap());
    }
}

/// Administrators.
impl Simulation {
    /// Annotates the claim with an admin action. Returns whether there is a claim.
    pub fn request_action(&self, domain: &str, action: ActionKind, value: &str) -> bool {
        self.withdraw(domain, action);
        let requested = RequestedAction { action, value: value.to_owned() };
        self.change_requested_actions(domain, |all| all.actions.push(requested))
    }

    /// Removes the annotation of an admin action.
    pub fn withdraw(&self, domain: &str, action: ActionKind) -> bool {
        self.change_requested_actions(domain, |all| all.actions.retain(|requested| requested.action != action))
    }

    fn change_requested_actions(&self, domain: &str, change: impl FnOnce(&mut RequestedActions)) -> bool {
        let name = format!("default.{domain}");
        let there = self.cluster().claims.contains_key(&name);
        if there {
            self.change_claim(&name, |stored| change(&mut stored.requested_actions));
        }
        there
    }
}

/// State that a random scenario needs.
impl Simulation {
    pub fn exists(&self, object: &str) -> bool {
        self.cluster().domains.contains_key(&super::people::key(object))
    }

    pub fn all_objects(&self) -> Vec<SenderDomain> {
        self.cluster().domains.values().cloned().collect()
    }

    pub fn all_claims(&self) -> Vec<(String, StoredClaim)> {
        self.cluster().claims.iter().map(|(name, stored)| (name.clone(), stored.clone())).collect()
    }

    /// Every status and event that tenants could read, each with its namespace.
    pub fn told_to_tenants(&self) -> Vec<(String, String)> {
        let requests = self.requests();
        let statuses = requests
            .applied
            .iter()
            .map(|applied| (applied.key.0.clone(), serde_json::to_string(&applied.status).unwrap()));
        let events = requests
            .told
            .iter()
            .filter_map(|(_, event)| Some((event.regarding.namespace.clone()?, event.note.clone())));
        statuses.chain(events).collect()
    }

    pub fn has_no_fault(&self) -> bool {
        lock(&self.shared.faults).is_empty()
    }

    pub fn faults_so_far(&self) -> Vec<String> {
        lock(&self.shared.faults).clone()
    }

    /// Adds a fault that no invariant finds.
    pub fn blame(&self, what: String) {
        self.shared.fault(what);
    }

    /// Clears the faults: they were reported elsewhere.
    pub fn forgive(&self) {
        lock(&self.shared.faults).clear();
    }
}
