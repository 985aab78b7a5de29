//! The condition `IdentityVerified`, and the state that SES reports for the identity.

use crate::{
    api::{
        conditions::ConditionValue,
        domain::{IdentityStatus, SoaRecord},
        reasons::Reason,
    },
    controller::domain::decide::assess::{Assessment, IdentityState},
    ses::{Identity, SesError, Status},
};

/// Whether SES has verified the domain and sends for it.
pub fn identity_verified(assessed: &Assessment<'_>) -> ConditionValue {
    let observation = assessed.observation;
    let lasting = assessed.lasting_ses_error().map(failure);
    if let Some(failure) = lasting.as_ref().filter(|_| observation.was_verified()) {
        return still_verified(failure);
    }
    let now = assessed.ses_error.map(failure);
    match assessed.identity {
        IdentityState::Unknown | IdentityState::Stale if observation.was_verified() => verified(assessed),
        IdentityState::Unknown | IdentityState::Absent if now.is_none() && assessed.room_for_creation().is_some() => {
            ConditionValue::no(
                Reason::CreationLimit,
                "This tenant reached its hourly limit for new SES identities. This one is created when the limit allows. Your administrator can raise it (--creations-per-tenant).",
            )
        }
        IdentityState::Unknown | IdentityState::Stale => now
            .unwrap_or_else(|| ConditionValue::unknown(Reason::NotChecked, "The SES identity has not been read yet.")),
        IdentityState::Absent => match now {
            Some(failure) => not_created(&failure),
            None => ConditionValue::no(Reason::NotCreated, "The SES identity has not been created yet."),
        },
        IdentityState::Foreign(_) => ConditionValue::no(
            Reason::ForeignIdentity,
            format!(
                "SES has an identity {domain} that this operator did not create, so it is left unchanged. Delete it in SES, or ask its owner.",
                domain = observation.domain
            ),
        ),
        IdentityState::Ours(identity) => {
            let value = by_status(assessed, identity);
            match lasting {
                Some(failure) => last_known(&failure, &value),
                None => value,
            }
        }
    }
}

fn still_verified(failure: &ConditionValue) -> ConditionValue {
    ConditionValue::yes(failure.reason, format!("{} The last known state still applies.", failure.message))
}

fn not_created(failure: &ConditionValue) -> ConditionValue {
    ConditionValue::no(failure.reason, format!("The SES identity could not be created. {}", failure.message))
}

fn last_known(failure: &ConditionValue, value: &ConditionValue) -> ConditionValue {
    let message = format!("{} Last known state: {}", failure.message, value.message);
    ConditionValue { status: value.status, reason: failure.reason, message }
}

/// The error of the last call to SES.
fn failure(error: &SesError) -> ConditionValue {
    let reason = match error {
        SesError::Denied { .. } => Reason::AccessDenied,
        SesError::LimitExceeded { .. } => Reason::LimitExceeded,
        _ => Reason::SesUnavailable,
    };
    ConditionValue::unknown(reason, format!("{error}. The operator retries.", error = capital(&error.to_string())))
}

fn verified(assessed: &Assessment<'_>) -> ConditionValue {
    ConditionValue::yes(Reason::Verified, format!("SES has verified {domain}.", domain = assessed.observation.domain))
}

fn by_status(assessed: &Assessment<'_>, identity: &Identity) -> ConditionValue {
    match &identity.verification {
        Status::Success if identity.sends() => verified(assessed),
        Status::Success => {
            ConditionValue::no(Reason::Pending, "SES has verified the domain but does not send mail from it yet. Wait.")
        }
        Status::TemporaryFailure if identity.sends() => ConditionValue::yes(
            Reason::TemporaryFailure,
            "SES no longer finds the DKIM records. It still sends mail and keeps looking for 72 hours. Publish the missing records again.",
        ),
        Status::Failed => ConditionValue::no(
            Reason::VerificationFailed,
            "SES did not find the DKIM records within 72 hours and stopped looking. Publish them. The operator then restarts the verification.",
        ),
        _ => ConditionValue::no(Reason::Pending, "SES is looking for the DKIM records."),
    }
}

/// The state that SES reports for the identity, for the status.
pub fn identity_status(assessed: &Assessment<'_>, identity: &Identity) -> IdentityStatus {
    let caller = &assessed.config.caller;
    let soa = SoaRecord {
        primary_name_server: identity.diagnosis.soa_primary.as_deref().map(shown),
        admin_email: identity.diagnosis.soa_admin.as_deref().map(shown),
    };
    IdentityStatus {
        arn: caller.identity_arn(&assessed.observation.domain),
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
