//! The condition `DkimReady`: its message names the first thing to do.

use crate::{
    api::{conditions::Said, reasons::Reason},
    controller::domain::decide::assess::{Assessment, IdentityState},
    model::records::RecordState,
    ses::{Identity, Status},
};

/// Whether SES signs with DKIM and receivers can check it.
pub fn dkim_ready(assessed: &Assessment<'_>) -> Said {
    match assessed.identity {
        IdentityState::Absent => Said::no(Reason::NotCreated, "DKIM starts when the SES identity has been created."),
        IdentityState::Unknown | IdentityState::Stale if assessed.seen.was_verified() => signing(),
        IdentityState::Unknown | IdentityState::Stale => {
            Said::unknown(Reason::NotChecked, "SES has not been asked yet.")
        }
        IdentityState::Foreign(_) => {
            Said::unknown(Reason::ForeignIdentity, "DKIM of an identity that is not ours is not looked at.")
        }
        IdentityState::Ours(identity) if !identity.dkim.easy => Said::no(
            Reason::SigningDisabled,
            "DKIM was switched to other keys at SES; the operator puts Easy DKIM back.",
        ),
        IdentityState::Ours(identity) if !identity.dkim.signing_enabled => {
            Said::no(Reason::SigningDisabled, "DKIM signing was turned off at SES; the operator turns it on again.")
        }
        IdentityState::Ours(identity) => by_records(assessed, identity),
    }
}

fn by_records(assessed: &Assessment<'_>, identity: &Identity) -> Said {
    let seen = assessed.seen;
    if assessed.records.is_empty() {
        return Said::no(Reason::Pending, "SES has not issued the DKIM records yet.");
    }
    if seen.cache.looked_up.is_none() && !seen.was_verified() {
        return Said::unknown(Reason::NotChecked, "The DKIM records have not been looked up yet.");
    }
    if let Some(said) = first_fault(assessed) {
        return said;
    }
    match (&identity.dkim.status, assessed.doubtful_record()) {
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

/// What to do about the first record that is wrong or missing.
fn first_fault(assessed: &Assessment<'_>) -> Option<Said> {
    let ((wanted, judgement), all) = assessed.first_fault()?;
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
