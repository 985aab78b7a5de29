//! The condition `Confirmed`: reason and message for the standing of a claimant.

use crate::{
    api::{conditions::ConditionValue, reasons::Reason},
    controller::address::{
        decide::assess::{AddressStanding, Assessment},
        observe::observation::{AddressResource, HeldBack, Observation, SenderProblem},
    },
    model::confirmation::{AnswerKind, limits::Limit, request::RESEND},
    ses::SesError,
};

/// Whether the owner of the mailbox allows the claimant's tenant to send as the address.
pub fn confirmed(assessed: &Assessment<'_>, resource: &AddressResource) -> ConditionValue {
    let (observation, address) = (assessed.observation, &assessed.observation.address);
    match assessed.standing(resource) {
        AddressStanding::ForceReleased => ConditionValue::no(
            Reason::ForceReleased,
            format!(
                "An administrator revoked this tenant's claim on {address}. Ask your administrator. The tenant can claim it again after the annotation on the claim is removed."
            ),
        ),
        AddressStanding::NotOwned => ConditionValue::unknown(
            Reason::NotOwned,
            "The mailbox owner is not asked until this tenant holds the domain of the address.",
        ),
        AddressStanding::Duplicate => ConditionValue::no(
            Reason::Duplicate,
            format!("Another SenderAddress of this tenant claims {address}. Delete one of the two."),
        ),
        AddressStanding::Answered(AnswerKind::Confirmed) => ConditionValue::yes(
            Reason::Confirmed,
            format!("The owner of {address} has confirmed it and can withdraw the confirmation at any time."),
        ),
        AddressStanding::Answered(AnswerKind::Approved) => {
            ConditionValue::yes(Reason::Approved, format!("An administrator approved {address} in place of its owner."))
        }
        AddressStanding::Answered(kind) => declined(observation, kind),
        AddressStanding::Expired => ConditionValue::no(
            Reason::Expired,
            format!(
                "The owner of {address} did not answer within 24 hours. Check that the email arrived. To send another one, set the annotation {RESEND} to a new value."
            ),
        ),
        AddressStanding::Unacknowledged => ConditionValue::no(
            Reason::SendUnacknowledged,
            format!(
                "SES did not respond, so an email to {address} may or may not have been sent. To send another one, set the annotation {RESEND} to a new value."
            ),
        ),
        AddressStanding::AwaitingOwner => ConditionValue::no(
            Reason::AwaitingOwner,
            format!("An email was sent to the owner of {address}. The owner has 24 hours to confirm."),
        ),
        AddressStanding::HeldBack(held) => held_back(observation, held),
        AddressStanding::SesFailed(error) => ses_failed(error),
        AddressStanding::Asking => {
            ConditionValue::no(Reason::Asking, format!("An email to the owner of {address} is about to be sent."))
        }
    }
}

fn declined(observation: &Observation, kind: AnswerKind) -> ConditionValue {
    let address = &observation.address;
    if kind == AnswerKind::Withdrawn {
        return ConditionValue::no(
            Reason::Withdrawn,
            format!(
                "The owner of {address} withdrew the confirmation. Talk to the owner. To send another email after status.confirmation.nextAttemptTime, set the annotation {RESEND} to a new value."
            ),
        );
    }
    ConditionValue::no(
        Reason::Declined,
        format!(
            "The owner of {address} declined. Talk to the owner. To send another email after status.confirmation.nextAttemptTime, set the annotation {RESEND} to a new value."
        ),
    )
}

fn held_back(observation: &Observation, held: &HeldBack) -> ConditionValue {
    let address = &observation.address;
    match held {
        HeldBack::NotConfigured => ConditionValue::no(
            Reason::MailNotConfigured,
            "This environment cannot send emails to mailbox owners yet. Ask your administrator to set --confirmation-sender and --public-url.",
        ),
        HeldBack::Limit(limit, _) => {
            let limit = match limit {
                Limit::Address => "this address has reached its limit of emails in 24 hours",
                Limit::Tenant => "this tenant has reached its hourly limit of emails",
                Limit::Domain => "the addresses of this domain have reached their hourly limit of emails",
                Limit::All => "this environment has reached its hourly limit of emails",
            };
            ConditionValue::no(
                Reason::MailLimit,
                format!(
                    "The email to {address} is held back: {limit}. Wait. It is sent after status.confirmation.nextAttemptTime."
                ),
            )
        }
        HeldBack::Sender(SenderProblem::NotVerified) => ConditionValue::no(
            Reason::SenderNotVerified,
            "The sender of confirmation emails is not verified in SES. Ask your administrator to verify it. The email is then sent.",
        ),
        HeldBack::Sender(SenderProblem::Paused) => ConditionValue::no(
            Reason::SendingPaused,
            "AWS has paused sending for the account. Ask your administrator to check the SES console. The email is sent when sending resumes.",
        ),
        HeldBack::Sender(SenderProblem::Sandbox) => ConditionValue::no(
            Reason::SandboxRecipient,
            format!(
                "The SES account is in the sandbox and can send only to verified recipients, and {address} is not verified. Ask your administrator to request production access from AWS."
            ),
        ),
        HeldBack::Ses(error) => ses_failed(error),
    }
}

fn ses_failed(error: &SesError) -> ConditionValue {
    let reason = match error {
        SesError::Denied { .. } => Reason::AccessDenied,
        SesError::LimitExceeded { .. } => Reason::LimitExceeded,
        SesError::Rejected { .. } | SesError::Refused { .. } | SesError::NotVerified => Reason::MailRejected,
        SesError::SendingPaused => Reason::SendingPaused,
        _ => Reason::SesUnavailable,
    };
    ConditionValue::no(reason, format!("The email was not sent: {error}. The operator retries."))
}
