//! Proofs by DNS: the TXT record in an object's status, published and removed.

use sender_operator::{
    api::domain::{DnsRecord, Purpose, Requirement},
    controller::Config,
    model::{
        name::Domain,
        proof_policy::{Delegations, Mode},
        tenant::Tenant,
    },
};

use super::{HOUR, MINUTE, Operator, Simulation};

/// A delegation table: zones, each with the tenants that hold it.
pub fn table(rows: &[(&str, &[&str])]) -> Delegations {
    let tenants = |names: &[&str]| names.iter().map(|name| Tenant::Label((*name).to_owned())).collect();
    rows.iter().map(|(zone, names)| (Domain::parse(zone).unwrap(), tenants(names))).collect()
}

impl Simulation {
    /// Starts an operator that requires a TXT record. Its slow checks are slower than others': these stories take
    /// weeks.
    pub fn start_proving(&self) -> Operator {
        self.start_proving_with(|_| {})
    }

    /// The same with other settings.
    pub fn start_proving_with(&self, change: impl FnOnce(&mut Config)) -> Operator {
        self.start_with(|config| {
            config.policy.mode = Mode::DnsChallenge;
            (config.recheck_interval, config.sweep_interval, config.refresh_interval) =
                (30 * MINUTE, 30 * MINUTE, 6 * HOUR);
            change(config);
        })
    }

    /// The record that would prove the domain for the tenant of the object.
    pub fn challenge(&self, object: &str) -> Option<DnsRecord> {
        self.status(object).dns_records.into_iter().find(|record| record.purpose == Purpose::Ownership)
    }

    /// The current requirement of that record.
    pub fn challenge_is(&self, object: &str) -> Option<Requirement> {
        self.challenge(object).map(|record| record.requirement)
    }

    /// The same once it is in the object's status.
    pub async fn until_challenged(&self, object: &str) -> DnsRecord {
        self.until(&format!("{object} has its record in the status"), || self.challenge(object).is_some()).await;
        self.challenge(object).unwrap()
    }

    /// Publishes the record in the object's status, once it is there.
    pub async fn prove(&self, object: &str) -> DnsRecord {
        let record = self.until_challenged(object).await;
        self.set_text(&record.name, &record.value);
        record
    }

    /// Removes the record in the object's status from DNS.
    pub fn unprove(&self, object: &str) -> DnsRecord {
        let record = self.challenge(object).unwrap();
        self.remove_text(&record.name, &record.value);
        record
    }

    pub fn set_text(&self, name: &str, value: &str) {
        self.change_texts(name, |texts| texts.push(value.to_owned()));
    }

    pub fn remove_text(&self, name: &str, value: &str) {
        self.change_texts(name, |texts| texts.retain(|text| text.trim_matches('"') != value));
    }

    fn change_texts(&self, name: &str, change: impl FnOnce(&mut Vec<String>)) {
        self.with_zone(|zone| zone.records.change(name, "TXT", change).unwrap());
    }

    /// Applies `<tenant>/mail` for a domain and awaits its first status.
    pub async fn asking(&self, tenant: &str, domain: &str) -> String {
        let object = format!("{tenant}/mail");
        self.tenant(tenant);
        self.apply(&object, domain);
        self.until(&format!("{object} has a status"), || self.status(&object).observed_generation > 0).await;
        object
    }

    /// Creates `<tenant>/mail` for a domain, publishes all its records and awaits that it is Ready.
    pub async fn proven(&self, tenant: &str, domain: &str) -> String {
        self.publish(domain);
        let object = self.asking(tenant, domain).await;
        self.prove(&object).await;
        self.until_ready(&object).await;
        object
    }

    /// Awaits the status that the object's proof is gone.
    pub async fn until_lost(&self, object: &str) {
        self.until_says_within(HOUR, object, &["Owned True ProofLost"]).await;
    }

    pub fn addresses_at_ses(&self, addresses: &[&str]) {
        for address in addresses {
            self.create_at_ses(address, &[]);
        }
    }

    /// Neither the object's status nor its claim changes for a while.
    pub async fn stays(&self, object: &str, wanted: &[&str]) {
        let fine = || self.is_saying(object, wanted);
        assert!(fine(), "{:?}", self.says(object));
        self.never_within(20 * MINUTE, &format!("{object} no longer has {wanted:?}"), || !fine()).await;
    }
}
