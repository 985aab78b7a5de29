//! The condition `IdentityVerified`, and what SES itself says of the identity.

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
        return Said::yes(trouble.reason, format!("{} What SES said last still stands.", trouble.message));
    }
    let now = assessed.ses_trouble.map(trouble);
    match assessed.identity {
        IdentityState::Unknown | IdentityState::Stale if seen.was_verified() => {
            Said::yes(Reason::Verified, verified_message(assessed))
        }
        IdentityState::Unknown | IdentityState::Absent if now.is_none() && assessed.room_for_creation().is_some() => {
            Said::no(
                Reason::CreationLimit,
                "As many SES identities were created for this tenant within the last hour as may be; this one is created after that. Your administrator can raise the limit (--creations-per-tenant).",
            )
        }
        IdentityState::Unknown | IdentityState::Stale => {
            now.unwrap_or_else(|| Said::unknown(Reason::NotChecked, "SES has not been asked yet."))
        }
        IdentityState::Absent => match now {
            Some(trouble) => {
                Said::no(trouble.reason, format!("The SES identity could not be created. {}", trouble.message))
            }
            None => Said::no(Reason::NotCreated, "The SES identity has not been created yet."),
        },
        IdentityState::Foreign(_) => Said::no(
            Reason::ForeignIdentity,
            format!(
                "SES has an identity {} that this operator did not make. It is left alone: delete it at SES, or ask whoever made it.",
                seen.domain
            ),
        ),
        IdentityState::Ours(identity) => {
            let said = by_status(assessed, identity);
            match lasting {
                Some(trouble) => Said {
                    message: format!("{} Last seen: {}", trouble.message, said.message),
                    truth: said.truth,
                    ..trouble
                },
                None => said,
            }
        }
    }
}

/// What SES failed with.
fn trouble(error: &SesError) -> Said {
    let reason = match error {
        SesError::Denied { .. } => Reason::AccessDenied,
        SesError::LimitExceeded { .. } => Reason::LimitExceeded,
        _ => Reason::SesUnavailable,
    };
    Said::unknown(reason, format!("{}. The operator keeps trying.", capital(&error.to_string())))
}

fn verified_message(assessed: &Assessment<'_>) -> String {
    format!("SES has verified {}.", assessed.seen.domain)
}

fn by_status(assessed: &Assessment<'_>, identity: &Identity) -> Said {
    match &identity.verification {
        Status::Success if identity.sends() => Said::yes(Reason::Verified, verified_message(assessed)),
        Status::Success => {
            Said::no(Reason::Pending, "SES has verified the domain, but says that it does not send for it yet.")
        }
        Status::TemporaryFailure if identity.sends() => Said::yes(
            Reason::TemporaryFailure,
            "SES no longer finds the DKIM records. It still sends, and looks for them for 72 hours.",
        ),
        Status::Failed => Said::no(
            Reason::VerificationFailed,
            "SES looked for the DKIM records for 72 hours and gave up. Publish them: the operator starts SES again when it sees them.",
        ),
        _ => Said::no(Reason::Pending, "SES is looking for the DKIM records."),
    }
}

/// What SES says of the identity, as it goes into the status.
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

/// A stranger's text, escaped and cut.
fn shown(text: &str) -> String {
    text.escape_default().take(256).collect()
}
