//! The result of a story without parts that differ between runs: times, versions, uids.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use kube::ResourceExt;
use sender_operator::{
    api::{SenderAddress, SenderDomain},
    model::claim::StoredClaim,
    ses::CLAIM_TAG,
};
use serde_json::Value;

use super::{Simulation, account::SesCall, identity::Held, queries::said};

impl Simulation {
    /// One line for each current claim, identity and status, and for each identity that operators created or deleted,
    /// sorted.
    pub fn outcome(&self) -> Vec<String> {
        let mut lines = self.claims_shown();
        lines.extend(self.statuses_shown());
        let account = self.account();
        lines.extend(account.domains().map(|(domain, held)| format!("identity {domain}: {}", shown(&held))));
        lines.extend(account.created.iter().map(|domain| format!("created {domain}")));
        lines.extend(account.deleted.iter().map(|domain| format!("deleted {domain}")));
        lines.sort();
        lines
    }

    pub fn created(&self) -> usize {
        self.account().created.len()
    }

    /// Number of calls of this kind to SES, answered or not.
    pub fn ses_calls_of(&self, call: SesCall) -> usize {
        self.account().journal.iter().filter(|made| made.operation == call).count()
    }

    /// Identities of ours without a claim: nothing would ever delete them.
    pub fn orphans(&self) -> Vec<String> {
        let (cluster, account) = (self.cluster(), self.account());
        let ours = account.domains().filter(|(_, held)| held.owner().is_some());
        let orphans = ours.filter(|(domain, held)| {
            let name = format!("{}.{domain}", held.environment().map(String::as_str).unwrap_or_default());
            let facts = cluster.claims.get(&name).map(|stored| &stored.claim.identity);
            facts.is_none_or(|facts| facts.created_time.is_none() && !facts.adopted)
        });
        orphans.map(|(domain, _)| domain).collect()
    }

    fn claims_shown(&self) -> Vec<String> {
        let cluster = self.cluster();
        let domains = cluster.domains.values().map(|object| (object.uid(), named(object)));
        let objects = domains.chain(cluster.addresses.values().map(|object| (object.uid(), named(object))));
        let objects = objects.map(|(uid, name)| (uid.unwrap_or_default(), name));
        let namespaces = cluster.namespaces.iter().map(|(name, facts)| (facts.uid.clone(), name.clone()));
        let names: HashMap<String, String> = objects.chain(namespaces).collect();
        let shown = |(name, stored): (&String, &StoredClaim)| {
            let mut record = serde_json::to_value(&stored.claim).unwrap();
            without_chance(&mut record, &names);
            without_mails(&mut record);
            format!("claim {name}: {record}")
        };
        cluster.claims.iter().map(shown).collect()
    }

    pub fn mails_shown(&self) -> BTreeMap<String, usize> {
        let mut shown = BTreeMap::new();
        for mailed in self.mails() {
            *shown.entry(mailed.mail.to.to_string()).or_default() += 1;
        }
        shown
    }

    fn statuses_shown(&self) -> Vec<String> {
        let of_domain = |object: &SenderDomain| {
            let status = object.status.clone().unwrap_or_default();
            (status.observed_generation, format!("{:?} {:?}", said(&status.conditions), self.records(&named(object))))
        };
        let of_address = |object: &SenderAddress| {
            let status = object.status.clone().unwrap_or_default();
            let kept =
                status.confirmation.map(|kept| (kept.attempt, kept.confirmed_time.is_some(), kept.last_handled_resend));
            (status.observed_generation, format!("{:?} {kept:?} {:?}", said(&status.conditions), status.from))
        };
        let (domains, addresses) = (self.all_objects(), self.all_addresses());
        let domains = domains.iter().map(|object| (named(object), object.metadata.generation, of_domain(object)));
        let addresses = addresses.iter().map(|object| (named(object), object.metadata.generation, of_address(object)));
        let all = domains.chain(addresses);
        all.map(|(name, generation, (observed, said))| {
            format!("status {name}: {said}, {} generations old", generation.unwrap_or_default() - observed)
        })
        .collect()
    }
}

/// `namespace/name`.
fn named(object: &impl ResourceExt) -> String {
    format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any())
}

/// Removes the number of mails and whether they were acknowledged; [`Simulation::mails_shown`] has them.
fn without_mails(record: &mut Value) {
    let Some(confirmation) = record.get_mut("confirmation").and_then(Value::as_object_mut) else { return };
    confirmation.remove("mails");
    if let Some(attempt) = confirmation.get_mut("request").and_then(|request| request.get_mut("attempt")) {
        *attempt = attempt["number"].take();
    }
    if let Some(Value::Array(evidence)) = confirmation.get_mut("evidence") {
        evidence.retain(|entry| entry["event"] != "Sent");
    }
}

/// Replaces times with the word "time", and uids with the current names of their objects.
fn without_chance(value: &mut Value, names: &HashMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                match field {
                    Value::String(text) if key.to_lowercase().ends_with("uid") => {
                        *text = names.get(text).cloned().unwrap_or_else(|| "gone".to_owned());
                    }
                    Value::String(id) if ["tenureID", "id"].contains(&key.as_str()) && id.len() == 32 => {
                        "id".clone_into(id);
                    }
                    other => without_chance(other, names),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| without_chance(item, names)),
        Value::String(text) if text.parse::<Timestamp>().is_ok() => "time".clone_into(text),
        _ => {}
    }
}

fn shown(held: &Held) -> String {
    let (verification, dkim) = (held.verification.as_str(), held.dkim.as_str());
    let tags = held.tags.iter().filter(|(key, _)| *key != CLAIM_TAG);
    let tags: Vec<String> = tags.map(|(key, value)| format!("{key}={value}")).collect();
    let (signing, easy, set_up, tenants) = (held.signing, held.easy, &held.set_up, &held.associations);
    format!("{verification} {dkim} signing: {signing} easy: {easy} {} {set_up:?} {tenants:?}", tags.join(" "))
}
