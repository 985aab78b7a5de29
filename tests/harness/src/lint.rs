//! The linter for statuses: every status in any test passes through it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{ResourceExt, core::object::HasStatus};
use sender_operator::{
    api::{SenderAddressStatus, SenderDomainStatus, reasons::Reason},
    cluster::store::PendingEvent,
};

/// A status that the linter can read.
pub trait Linted {
    /// Condition types in every such status, in this order.
    const ALWAYS: &[&str];

    /// The generation that the operator observed; -1: none.
    fn observed_generation(&self) -> i64;
    fn conditions(&self) -> &[Condition];
    /// Faults outside of the conditions.
    fn other_faults(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Linted for SenderDomainStatus {
    const ALWAYS: &[&str] = &SenderDomainStatus::CONDITIONS;

    fn observed_generation(&self) -> i64 {
        self.observed_generation
    }

    fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    fn other_faults(&self) -> Vec<String> {
        let many = self.dns_records.len() > 24;
        many.then(|| "more than 24 dnsRecords".to_owned()).into_iter().collect()
    }
}

impl Linted for SenderAddressStatus {
    const ALWAYS: &[&str] = &SenderAddressStatus::CONDITIONS;

    fn observed_generation(&self) -> i64 {
        self.observed_generation
    }

    fn conditions(&self) -> &[Condition] {
        &self.conditions
    }
}

/// Faults in the status of this object. A status that no operator has written (`observedGeneration: -1`) is skipped.
pub fn lint<K: ResourceExt + HasStatus<Status: Linted>>(object: &K) -> Vec<String> {
    let Some(status) = object.status().filter(|status| status.observed_generation() != -1) else { return Vec::new() };
    let mut faults = status.other_faults();
    if status.observed_generation() > object.meta().generation.unwrap_or_default() {
        faults.push("observedGeneration is ahead of the object".to_owned());
    }
    lint_set(status.conditions(), K::Status::ALWAYS, &mut faults);
    for condition in status.conditions() {
        lint_one(condition, status.observed_generation(), &mut faults);
    }
    lint_summary(status.conditions(), &mut faults);
    faults
}

/// Faults between two consecutive statuses of one object.
pub fn lint_change<S: Linted>(before: &S, after: &S) -> Vec<String> {
    let mut faults = Vec::new();
    if after.observed_generation() < before.observed_generation() {
        faults.push("observedGeneration went back".to_owned());
    }
    lint_transitions(before.conditions(), after.conditions(), &mut faults);
    faults
}

/// Faults of an event.
pub fn lint_event(notice: &PendingEvent) -> Vec<String> {
    let mut faults = Vec::new();
    let (reason, note) = (notice.reason, &notice.note);
    let place = format!("{} {}", notice.regarding.kind.as_str(), if notice.warning { "Warning" } else { "Normal" });
    if !reason.doc().places.split(", ").any(|declared| declared == place) {
        faults.push(format!("src/api/reasons.rs does not declare the event {} for {place}", reason.as_str()));
    }
    if note.contains('\n') || note.len() > 1024 || !note.ends_with(['.', ')']) {
        faults.push(format!("the event {} has no message of one line: {note:?}", reason.as_str()));
    }
    faults
}

fn lint_transitions(before: &[Condition], after: &[Condition], faults: &mut Vec<String>) {
    for new in after {
        let Some(old) = before.iter().find(|old| old.type_ == new.type_) else { continue };
        let moved = old.last_transition_time != new.last_transition_time;
        if moved && old.status == new.status {
            faults.push(format!("{}: the transition time moved without a change of status", new.type_));
        }
    }
}

fn lint_set(conditions: &[Condition], always: &[&str], faults: &mut Vec<String>) {
    let types: Vec<&str> = conditions.iter().map(|condition| condition.type_.as_str()).collect();
    if !types.starts_with(always) {
        faults.push(format!("conditions must begin with {always:?}, but are {types:?}"));
    }
    for extra in types.iter().skip(always.len()) {
        if !["Reconciling", "Stalled"].contains(extra) {
            faults.push(format!("unknown condition {extra}"));
        }
    }
}

fn lint_one(condition: &Condition, generation: i64, faults: &mut Vec<String>) {
    let type_ = &condition.type_;
    let mut fault = |what: &str| faults.push(format!("{type_}: {what}"));
    if condition.observed_generation != Some(generation) {
        fault("observedGeneration differs from that of the status");
    }
    if !["True", "False", "Unknown"].contains(&condition.status.as_str()) {
        fault("status is not True, False or Unknown");
    }
    let place = format!("{type_} {}", condition.status);
    match Reason::ALL.iter().find(|reason| reason.as_str() == condition.reason) {
        None => fault("the reason is not of the closed set"),
        // These repeat the reason of another condition.
        Some(_) if ["Ready False", "Reconciling True", "Stalled True"].contains(&place.as_str()) => {}
        Some(reason) if reason.doc().places.split(", ").any(|declared| declared == place) => {}
        Some(reason) => fault(&format!("src/api/reasons.rs does not declare {} for {place}", reason.as_str())),
    }
    let message = &condition.message;
    if message.is_empty() || message.contains('\n') || message.len() > 1024 || !message.ends_with(['.', ')']) {
        fault(&format!("the message is no sentence of one line: {message:?}"));
    }
    if ["tenant/", "namespace/", "RequestId", "request id"].iter().any(|word| message.contains(word)) {
        fault(&format!("the message names what it must not: {message:?}"));
    }
    if condition.last_transition_time.0.subsec_nanosecond() != 0 {
        fault("the transition time has fractions of a second");
    }
    if ["Reconciling", "Stalled"].contains(&type_.as_str()) && condition.status != "True" {
        fault("stands only while it is True");
    }
}

fn lint_summary(conditions: &[Condition], faults: &mut Vec<String>) {
    let find = |type_: &str| conditions.iter().find(|condition| condition.type_ == type_);
    let Some(ready) = find("Ready") else { return };
    let extras = [find("Reconciling"), find("Stalled")].into_iter().flatten().count();
    match ready.status.as_str() {
        "True" if extras > 0 => faults.push("Ready together with Reconciling or Stalled".to_owned()),
        "True" | "False" => {}
        _ => faults.push("Ready is Unknown".to_owned()),
    }
    let stalls = Reason::ALL.iter().any(|reason| reason.as_str() == ready.reason && reason.stalls());
    if ready.status == "False" && stalls != find("Stalled").is_some() {
        faults.push(format!(
            "not Ready for {}, which src/api/reasons.rs declares otherwise: stalled or not",
            ready.reason
        ));
    }
    let quiet = Reason::ALL.iter().any(|reason| reason.is_quiet() && reason.as_str() == ready.reason);
    if ready.status == "False" && extras != usize::from(!quiet) {
        faults.push(format!("not Ready for {} with {extras} of Reconciling and Stalled", ready.reason));
    }
    for needed in ["Owned", "DomainReady", "Confirmed"] {
        if find(needed).is_some_and(|condition| condition.status != "True") && ready.status == "True" {
            faults.push(format!("Ready without {needed}"));
        }
    }
}
