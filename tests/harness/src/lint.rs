//! The linter for statuses: every status that any test sees goes through it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use sender_operator::api::{SenderAddress, SenderAddressStatus, SenderDomain, SenderDomainStatus, reasons::Reason};

/// Condition types that stand in every status, in this order.
const ALWAYS: [&str; 4] = ["Owned", "IdentityVerified", "DkimReady", "Ready"];
/// The same for addresses.
const ALWAYS_OF_ADDRESSES: [&str; 3] = ["DomainReady", "Confirmed", "Ready"];

/// Reasons for which a resource is neither Ready nor Reconciling nor Stalled.
const QUIET: [Reason; 2] = [Reason::Suspended, Reason::DryRun];

/// What is wrong with the status of this object; empty if nothing is. A status that no operator has written yet
/// (`observedGeneration: -1`) is left out.
pub fn lint(object: &SenderDomain) -> Vec<String> {
    let Some(status) = &object.status else { return Vec::new() };
    if status.observed_generation == -1 {
        return Vec::new();
    }
    let mut faults = Vec::new();
    if status.observed_generation > object.metadata.generation.unwrap_or_default() {
        faults.push("observedGeneration is ahead of the object".to_owned());
    }
    if status.dns_records.len() > 24 {
        faults.push("more than 24 dnsRecords".to_owned());
    }
    lint_conditions(&status.conditions, status.observed_generation, &ALWAYS, &mut faults);
    faults
}

/// The same of a `SenderAddress`.
pub fn lint_address(object: &SenderAddress) -> Vec<String> {
    let Some(status) = &object.status else { return Vec::new() };
    if status.observed_generation == -1 {
        return Vec::new();
    }
    let mut faults = Vec::new();
    if status.observed_generation > object.metadata.generation.unwrap_or_default() {
        faults.push("observedGeneration is ahead of the object".to_owned());
    }
    lint_conditions(&status.conditions, status.observed_generation, &ALWAYS_OF_ADDRESSES, &mut faults);
    faults
}

fn lint_conditions(conditions: &[Condition], generation: i64, always: &[&str], faults: &mut Vec<String>) {
    lint_set(conditions, always, faults);
    for condition in conditions {
        lint_one(condition, generation, faults);
    }
    lint_summary(conditions, faults);
}

/// What is wrong between two statuses of one `SenderAddress` that follow each other.
pub fn lint_address_change(before: &SenderAddressStatus, after: &SenderAddressStatus) -> Vec<String> {
    let mut faults = Vec::new();
    if after.observed_generation < before.observed_generation {
        faults.push("observedGeneration went back".to_owned());
    }
    lint_transitions(&before.conditions, &after.conditions, &mut faults);
    faults
}

/// What is wrong between two statuses of one object that follow each other.
pub fn lint_change(before: &SenderDomainStatus, after: &SenderDomainStatus) -> Vec<String> {
    let mut faults = Vec::new();
    if after.observed_generation < before.observed_generation {
        faults.push("observedGeneration went back".to_owned());
    }
    lint_transitions(&before.conditions, &after.conditions, &mut faults);
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
    if !Reason::ALL.iter().any(|reason| reason.as_str() == condition.reason) {
        fault("the reason is not of the closed set");
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
    let quiet = QUIET.iter().any(|reason| reason.as_str() == ready.reason);
    if ready.status == "False" && extras != usize::from(!quiet) {
        faults.push(format!("not Ready for {} with {extras} of Reconciling and Stalled", ready.reason));
    }
    for needed in ["Owned", "DomainReady", "Confirmed"] {
        if find(needed).is_some_and(|condition| condition.status != "True") && ready.status == "True" {
            faults.push(format!("Ready without {needed}"));
        }
    }
}
