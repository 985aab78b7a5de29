//! The condition `DkimReady`: its message names the first thing to do.

use crate::{
    api::{conditions::ConditionValue, reasons::Reason},
    controller::domain::decide::assess::{Assessment, IdentityState},
    model::records::RecordState,
    ses::{Identity, Status},
};

/// Whether SES signs with DKIM and receivers can check it.
pub fn dkim_ready(assessed: &Assessment<'_>) -> ConditionValue {
    match assessed.identity {
        IdentityState::Absent => {
            ConditionValue::no(Reason::NotCreated, "DKIM is set up after the SES identity is created.")
        }
        IdentityState::Unknown | IdentityState::Stale if assessed.observation.was_verified() => signing(),
        IdentityState::Unknown | IdentityState::Stale => {
            ConditionValue::unknown(Reason::NotChecked, "The SES identity has not been read yet.")
        }
        IdentityState::Foreign(_) => ConditionValue::unknown(
            Reason::ForeignIdentity,
            "DKIM is not checked, because this operator did not create the SES identity.",
        ),
        IdentityState::Ours(identity) if !identity.dkim.easy => ConditionValue::no(
            Reason::SigningDisabled,
            "DKIM was switched to other keys in SES. The operator restores Easy DKIM.",
        ),
        IdentityState::Ours(identity) if !identity.dkim.signing_enabled => ConditionValue::no(
            Reason::SigningDisabled,
            "DKIM signing was turned off in SES. The operator turns it back on.",
        ),
        IdentityState::Ours(identity) => by_records(assessed, identity),
    }
}

fn by_records(assessed: &Assessment<'_>, identity: &Identity) -> ConditionValue {
    let observation = assessed.observation;
    if assessed.records.is_empty() {
        return ConditionValue::no(Reason::Pending, "SES has not issued the DKIM records yet.");
    }
    if observation.cache.looked_up.is_none() && !observation.was_verified() {
        return ConditionValue::unknown(Reason::NotChecked, "The DKIM records have not been looked up yet.");
    }
    if let Some(value) = first_fault(assessed) {
        return value;
    }
    match (&identity.dkim.status, assessed.doubtful_record()) {
        // One missing answer does not contradict SES and earlier lookups.
        (Status::Success, Some(_)) if observation.was_verified() => signing(),
        (_, Some((wanted, judgement))) => ConditionValue::no(
            Reason::RecordsUnknown,
            format!(
                "The CNAME record {name} could not be looked up. The operator retries. {finding}",
                name = wanted.name,
                finding = judgement.finding.as_deref().unwrap_or_default()
            )
            .trim_end()
            .to_owned(),
        ),
        (Status::Success, None) => signing(),
        (Status::TemporaryFailure, None) => ConditionValue::no(
            Reason::TemporaryFailure,
            "All DKIM records are published again, but SES has not found them yet. Wait. SES checks again automatically.",
        ),
        (Status::Failed, None) => ConditionValue::no(
            Reason::VerificationFailed,
            "All DKIM records are published, but SES has stopped looking for them. The operator restarts the verification.",
        ),
        (_, None) => ConditionValue::no(
            Reason::Pending,
            "All DKIM records are published, but SES has not found them yet. This usually takes a few minutes, at most 72 hours.",
        ),
    }
}

fn signing() -> ConditionValue {
    ConditionValue::yes(Reason::Signing, "SES signs with DKIM, and all records are published.")
}

/// The first record that is wrong or missing, and the action for it.
fn first_fault(assessed: &Assessment<'_>) -> Option<ConditionValue> {
    let ((wanted, judgement), all) = assessed.first_fault()?;
    let (name, value) = (&wanted.name, &wanted.value);
    let finding = judgement.finding.as_deref().unwrap_or_default();
    let more = if all > 1 { " More records are missing or wrong: see status.dnsRecords." } else { "" };
    let message = match judgement.state {
        RecordState::Mismatch => {
            let observed = judgement.observed.as_deref().unwrap_or("another value");
            format!("Wrong record: {name} CNAME is {observed}, but must be {value}. {finding}{more}")
        }
        _ => format!("Missing record: {name} CNAME {value}. {finding}{more}"),
    };
    Some(ConditionValue::no(Reason::RecordsMissing, message))
}
