//! Invariants of every write in every scenario.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sender_operator::{
    cluster::store::ObservedNamespace,
    model::{
        claim::{Claim, State, StoredClaim},
        proof::ProofKind,
        tenant::TENANT_LABEL,
    },
    ses::CLAIM_TAG,
};

use super::{
    account::{Account, SesCall},
    addresses_invariants, challenges_invariants,
    challenges_known::removes_foreign_settings,
    operator::Link,
};

/// Names of tenants in scenarios that occur in no other text.
const NAMES: [&str; 4] = ["acme", "rival", "thief", "victim"];

/// A tenant's status and events name no other tenant.
pub fn names_nobody(namespace: &str, facts: Option<&ObservedNamespace>, domain: &str, text: &str) -> Vec<String> {
    let label = facts.and_then(|facts| facts.labels.get(TENANT_LABEL)).map(String::as_str).unwrap_or_default();
    let text = text.replace(domain, "");
    let others = NAMES.iter().filter(|name| !namespace.contains(*name) && label != **name);
    others.filter(|name| text.contains(*name)).map(|name| format!("{namespace} can read {name}: {text}")).collect()
}

pub type Claims = BTreeMap<String, StoredClaim>;

/// A change of a claim by an operator.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    pub name: &'a str,
    /// The claim before, if there was one.
    pub before: Option<&'a StoredClaim>,
    /// The claim after, if there is one.
    pub after: Option<&'a StoredClaim>,
    /// All claims after.
    pub all: &'a Claims,
    pub now: Timestamp,
    /// A domain changed so recently that the operator could not know.
    pub fresh: bool,
}

impl Change<'_> {
    pub fn of_domain(&self) -> bool {
        self.before.or(self.after).is_some_and(|stored| stored.claim.subject.address.is_none())
    }

    /// The faults of the change.
    pub fn faults(self, link: &Link) -> Vec<String> {
        let old = self.before.map(|old| &old.claim);
        let mut faults = Vec::new();
        match (self.after, old) {
            (Some(stored), old) if old == Some(&stored.claim) => {}
            (Some(stored), old) if self.of_domain() => {
                let claim = &stored.claim;
                if !step_is_lawful(old.map(|old| old.state), claim.state) {
                    faults.push(format!("from {:?} to {:?}", old.map(|old| old.state), claim.state));
                }
                faults.extend(shape(claim).into_iter().map(ToOwned::to_owned));
                faults.extend(if claim.state == State::Held { rivals(claim, self.all) } else { Vec::new() });
                faults.extend(challenges_invariants::step(link, self, stored));
            }
            (Some(stored), _) => faults.extend(addresses_invariants::step(link, self, stored)),
            (None, Some(old)) if old.state != State::Released => {
                faults.push(format!("forgotten while {:?}", old.state));
            }
            (None, Some(old)) if self.of_domain() && !old.history.is_empty() => {
                faults.push("forgotten, and with it which records are no longer valid".to_owned());
            }
            (None, _) => {}
        }
        let barred =
            self.after.filter(|stored| stored.claim.state == State::Held && stored.claim.barred_tenant.is_some());
        if barred.is_some_and(|stored| stored.claim.barred_tenant == stored.claim.tenant) {
            faults.push("Held by a tenant from which an administrator took it".to_owned());
        }
        faults.into_iter().map(|fault| format!("{}: {fault}", self.name)).collect()
    }
}

fn step_is_lawful(from: Option<State>, to: State) -> bool {
    use State::{Held, Provisional, Released, Releasing};
    let next: &[State] = match from {
        None => &[Provisional],
        Some(Provisional) => &[Provisional, Held, Released, Releasing],
        Some(Held) => &[Held, Releasing],
        Some(Releasing) => &[Releasing, Held, Released, Provisional],
        // A proof needs no Provisional claim before it.
        Some(Released) => &[Released, Provisional, Releasing, Held],
    };
    next.contains(&to)
}

fn shape(claim: &Claim) -> Vec<&'static str> {
    let owned = claim.tenant.is_some() && claim.holder.is_some() && claim.proof.is_some();
    let free = claim.tenant.is_none() && claim.holder.is_none() && claim.proof.is_none();
    let mut faults = Vec::new();
    match claim.state {
        State::Held if !owned || claim.pending_tenant.is_some() => faults.push("Held without an owner"),
        State::Held if claim.identity.delete_time.is_some() => faults.push("Held although its deletion was begun"),
        State::Held if claim.releasing_time.is_some() => faults.push("Held with a releasing time"),
        State::Provisional if !free || claim.pending_tenant.is_none() => faults.push("Provisional with an owner"),
        State::Released if !free || claim.pending_tenant.is_some() => faults.push("Released with an owner"),
        State::Released if claim.released_time.is_none() => faults.push("Released at no time"),
        State::Releasing if claim.releasing_time.is_none() => faults.push("Releasing since no time"),
        _ => {}
    }
    faults
}

/// Without proofs, two tenants of one environment never hold a domain and its parent or subdomain.
fn rivals(claim: &Claim, all: &Claims) -> Vec<String> {
    let unproven = |claim: &Claim| claim.proof.as_ref().is_some_and(|proof| proof.kind == ProofKind::None);
    let rival = |other: &&StoredClaim| {
        other.claim.state == State::Held
            && unproven(claim)
            && unproven(&other.claim)
            && other.claim.environment == claim.environment
            && other.claim.tenant != claim.tenant
            && other.claim.subject.domain.is_related(&claim.subject.domain)
    };
    let found = all.values().filter(rival);
    found.map(|other| format!("Held together with {}", other.claim.subject.domain)).collect()
}

/// Faults of a call to SES at this moment.
pub fn ses_call(link: &Link, claims: &Claims, account: &Account, call: SesCall, domain: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !call.is_write() {
        return faults;
    }
    let mut fault = |what: &str| faults.push(format!("{call:?} of {domain}: {what}"));
    if link.config.dry_run {
        fault("in a dry run");
    }
    if (removes_foreign_settings(call) || matches!(call, SesCall::Delete | SesCall::Untag))
        && !link.known.has_seen(domain)
    {
        fault("no read has shown it after the last write about it");
    }
    let stored = claims.get(&format!("{}.{domain}", link.config.environment));
    let claim = stored.map(|stored| &stored.claim);
    let state = claim.map(|claim| claim.state);
    let held = account.held(domain);
    let adopts = call == SesCall::Tag && claim.is_some_and(|claim| claim.identity.adopted);
    let wanted: &[State] = match call {
        SesCall::Tag if adopts => &[State::Held, State::Releasing],
        SesCall::Delete | SesCall::Tag => &[State::Releasing],
        SesCall::Create => &[State::Provisional, State::Held],
        SesCall::Disassociate => &[State::Held, State::Releasing],
        _ => &[State::Held],
    };
    if !state.is_some_and(|state| wanted.contains(&state)) {
        fault(&format!("while its claim is {state:?}"));
    }
    if call == SesCall::Delete {
        let facts = claim.map(|claim| claim.identity.clone()).unwrap_or_default();
        if facts.delete_time.is_none() || facts.created_time.is_none() {
            fault("without a record of the deletion, or of having created it");
        }
        let uid = stored.map(|stored| &stored.uid);
        let made = held.as_ref().is_none_or(|held| held.tags.get(CLAIM_TAG) == uid);
        if !made && claim.is_none_or(|claim| claim.tenant.is_none()) {
            fault("which was created for another claim, by an unproven tenant");
        }
    }
    let owners = [Some(&link.config.owner_id), claim.map(|claim| &claim.account.owner_id)];
    let untagged = held.as_ref().is_some_and(|held| held.owner().is_none());
    if call != SesCall::Create
        && !(adopts && untagged)
        && let Some(held) = &held
        && !(owners.contains(&held.owner()) && held.environment() == Some(&link.config.environment))
    {
        fault("which is not ours");
    }
    faults
}
