//! The condition `DkimReady`: its message names the first thing to do.

use super::facts::{Installation, Observed, Sight};
use crate::{
    api::{conditions::Said, reasons::Reason},
    model::records::{Judgement, RecordState, Wanted},
    ses::Status,
};

/// Whether SES signs with DKIM and receivers can check it.
pub(super) fn dkim_ready(me: &Installation, seen: &Observed) -> Said {
    let Some(identity) = seen.identity() else { return without_identity(seen) };
    if !seen.is_ours(me, identity) {
        return Said::unknown(Reason::ForeignIdentity, "DKIM of an identity that is not ours is not looked at.");
    }
    if !identity.dkim.easy {
        return Said::no(
            Reason::SigningDisabled,
            "DKIM was switched to other keys at SES; the operator puts Easy DKIM back.",
        );
    }
    if !identity.dkim.signing_enabled {
        return Said::no(
            Reason::SigningDisabled,
            "DKIM signing was turned off at SES; the operator turns it on again.",
        );
    }
    let judged = seen.judged(me);
    if judged.is_empty() {
        return Said::no(Reason::Pending, "SES has not issued the DKIM records yet.");
    }
    if seen.memory.looked_up.is_none() && !seen.was_verified() {
        return Said::unknown(Reason::NotChecked, "The DKIM records have not been looked up yet.");
    }
    if let Some(said) = first_fault(&judged) {
        return said;
    }
    let doubtful = judged.iter().find(|(_, judgement)| judgement.state == RecordState::Unknown);
    match (&identity.dkim.status, doubtful) {
        // One answer that did not come is no reason to doubt what SES and earlier look-ups have confirmed.
        (Status::Success, Some(_)) if seen.was_verified() => signing(),
        (_, Some((wanted, judgement))) => Said::no(
            Reason::RecordsUnknown,
            format!("{} could not be looked up. {}", wanted.name, judgement.finding.as_deref().unwrap_or_default())
                .trim_end()
                .to_owned(),
        ),
        (Status::Success, None) => signing(),
        (Status::TemporaryFailure, None) => Said::no(
            Reason::TemporaryFailure,
            "All DKIM records are published again, but SES did not find them at its last look. It looks again by itself.",
        ),
        (Status::Failed, None) => Said::no(
            Reason::VerificationFailed,
            "All DKIM records are published; SES had given up and is started again.",
        ),
        (_, None) => Said::no(
            Reason::Pending,
            "All DKIM records are published. SES has yet to find them, mostly within minutes, at times within 72 hours.",
        ),
    }
}

fn signing() -> Said {
    Said::yes(Reason::Signing, "SES signs with DKIM and all records are published.")
}

fn without_identity(seen: &Observed) -> Said {
    match &seen.memory.identity {
        Sight::Absent(_) => Said::no(Reason::NotCreated, "DKIM starts when the SES identity has been created."),
        _ if seen.was_verified() => signing(),
        _ => Said::unknown(Reason::NotChecked, "SES has not been asked yet."),
    }
}

/// The first record that is wrong, before the first that is missing: a wrong one was published by somebody who
/// believes to be done.
fn first_fault(judged: &[(Wanted, Judgement)]) -> Option<Said> {
    let faults = |state| judged.iter().filter(move |(_, judgement)| judgement.state == state);
    let (wanted, judgement) = faults(RecordState::Mismatch).next().or_else(|| faults(RecordState::Missing).next())?;
    let all = faults(RecordState::Mismatch).count() + faults(RecordState::Missing).count();
    let finding = judgement.finding.as_deref().unwrap_or_default();
    let others = match all {
        1 => String::new(),
        n => format!(" ({} more in status.dnsRecords)", n - 1),
    };
    let message = match judgement.state {
        RecordState::Mismatch => format!(
            "Wrong record: {} CNAME is {}, but must be {}. {finding}{others}",
            wanted.name,
            judgement.observed.as_deref().unwrap_or("another value"),
            wanted.value,
        ),
        _ => format!("Missing record: {} CNAME {}. {finding}{others}", wanted.name, wanted.value),
    };
    Some(Said::no(Reason::RecordsMissing, message))
}
