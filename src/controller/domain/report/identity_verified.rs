//! The condition `IdentityVerified`, and the state that SES reports for the identity.

use crate::{
    api::{
        conditions::Said,
        domain::{IdentityStatus, SoaSeen},
        reasons::Reason,
    },
    controller::domain::decide::assess::{Assessment, IdentityState},
    ses::{Identity, SesError, Status},
};

/// Whether SES has verified the domain and sends for it.
pub fn identity_verified(assessed: &Assessment<'_>) -> Said {
    let seen = assessed.seen;
    let lasting = assessed.lasting_trouble().map(trouble);
    if let Some(trouble) = lasting.as_ref().filter(|_| seen.was_verified()) {
        return still_verified(trouble);
    }
    let now = assessed.ses_trouble.map(trouble);
    match assessed.identity {
        IdentityState::Unknown | IdentityState::Stale if seen.was_verified() => verified(assessed),
        IdentityState::Unknown | IdentityState::Absent if now.is_none() && assessed.room_for_creation().is_some() => {
            Said::no(
                Reason::CreationLimit,
                "This tenant reached its hourly limit of new SES identities. This one is created when the limit allows. Your administrator can raise it (--creations-per-tenant).",
            )
        }
        IdentityState::Unknown | IdentityState::Stale => {
            now.unwrap_or_else(|| Said::unknown(Reason::NotChecked, "The SES identity has not been read yet."))
        }
        IdentityState::Absent => match now {
            Some(trouble) => not_created(&trouble),
            None => Said::no(Reason::NotCreated, "The SES identity has not been created yet."),
        },
        IdentityState::Foreign(_) => Said::no(
            Reason::ForeignIdentity,
            format!(
                "SES has an identity {domain} that this operator did not create, so it is left unchanged. Delete it at SES, or ask its owner.",
                domain = seen.domain
            ),
        ),
        IdentityState::Ours(identity) => {
            let said = by_status(assessed, identity);
            match lasting {
                Some(trouble) => last_known(&trouble, &said),
                None => said,
            }
        }
    }
}

fn still_verified(trouble: &Said) -> Said {
    Said::yes(trouble.reason, format!("{} The last known state still applies.", trouble.message))
}

fn not_created(trouble: &Said) -> Said {
    Said::no(trouble.reason, format!("The SES identity could not be created. {}", trouble.message))
}

fn last_known(trouble: &Said, said: &Said) -> Said {
    let message = format!("{} Last known state: {}", trouble.message, said.message);
    Said { truth: said.truth, reason: trouble.reason, message }
}

/// The error of the last call to SES.
fn trouble(error: &SesError) -> Said {
    let reason = match error {
        SesError::Denied { .. } => Reason::AccessDenied,
        SesError::LimitExceeded { .. } => Reason::LimitExceeded,
        _ => Reason::SesUnavailable,
    };
    Said::unknown(reason, format!("{error}. The operator retries.", error = capital(&error.to_string())))
}

fn verified(assessed: &Assessment<'_>) -> Said {
    Said::yes(Reason::Verified, format!("SES has verified {domain}.", domain = assessed.seen.domain))
}

fn by_status(assessed: &Assessment<'_>, identity: &Identity) -> Said {
    match &identity.verification {
        Status::Success if identity.sends() => verified(assessed),
        Status::Success => Said::no(Reason::Pending, "SES has verified the domain but does not send for it yet. Wait."),
        Status::TemporaryFailure if identity.sends() => Said::yes(
            Reason::TemporaryFailure,
            "SES no longer finds the DKIM records. It still sends, and looks for them for 72 hours. Publish missing records again.",
        ),
        Status::Failed => Said::no(
            Reason::VerificationFailed,
            "SES did not find the DKIM records within 72 hours and stopped looking. Publish them: the operator then restarts the verification.",
        ),
        _ => Said::no(Reason::Pending, "SES is looking for the DKIM records."),
    }
}

/// The state that SES reports for the identity, for the status.
pub fn identity_status(assessed: &Assessment<'_>, identity: &Identity) -> IdentityStatus {
    let caller = &assessed.config.caller;
    let soa = SoaSeen {
        primary_name_server: identity.diagnosis.soa_primary.as_deref().map(shown),
        admin_email: identity.diagnosis.soa_admin.as_deref().map(shown),
    };
    IdentityStatus {
        arn: caller.identity_arn(&assessed.seen.domain),
        region: caller.region.clone(),
        verification_status: identity.verification.as_str().to_owned(),
        dkim_status: identity.dkim.status.as_str().to_owned(),
        signing_enabled: identity.dkim.signing_enabled,
        error_type: identity.diagnosis.error_type.clone(),
        soa: (soa.primary_name_server.is_some() || soa.admin_email.is_some()).then_some(soa),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Text from outside, escaped and truncated.
fn shown(text: &str) -> String {
    text.escape_default().take(256).collect()
}
