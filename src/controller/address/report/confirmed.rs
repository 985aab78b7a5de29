//! The condition `Confirmed`: reason and message for the standing of a claimant.

use crate::{
    api::{conditions::Said, reasons::Reason},
    controller::address::{
        decide::assess::{Assessment, Standing},
        observe::observation::{Claimant, HeldBack, Observation, SenderTrouble},
    },
    model::confirmation::{AnswerKind, asking::RESEND, limits::Limit},
    ses::SesError,
};

/// Whether the owner of the mailbox allows the claimant's tenant to send as the address.
pub fn confirmed(assessed: &Assessment<'_>, claimant: &Claimant) -> Said {
    let (seen, address) = (assessed.seen, &assessed.seen.address);
    match assessed.standing(claimant) {
        Standing::ForceReleased => Said::no(
            Reason::ForceReleased,
            format!(
                "An administrator took {address} from this tenant. Ask your administrator. The tenant can claim it again after the annotation on the claim is removed."
            ),
        ),
        Standing::NotOwned => Said::unknown(
            Reason::NotOwned,
            "The owner of the mailbox is not asked until this tenant holds the domain of the address.",
        ),
        Standing::Duplicate => Said::no(
            Reason::Duplicate,
            format!("Another SenderAddress of this tenant claims {address}. Delete one of the two."),
        ),
        Standing::Answered(AnswerKind::Confirmed) => Said::yes(
            Reason::Confirmed,
            format!("The owner of {address} has confirmed, and can withdraw the confirmation at any time."),
        ),
        Standing::Answered(AnswerKind::Approved) => {
            Said::yes(Reason::Approved, format!("An administrator approved {address} in place of its owner."))
        }
        Standing::Answered(kind) => declined(seen, kind),
        Standing::Expired => Said::no(
            Reason::Expired,
            format!(
                "The owner of {address} did not answer within 24 hours. Check that the mail arrived. To send another one, set the annotation {RESEND} to a new value."
            ),
        ),
        Standing::Unacknowledged => Said::no(
            Reason::SendUnacknowledged,
            format!(
                "SES did not answer, so a mail to {address} may or may not have been sent. To send another one, set the annotation {RESEND} to a new value."
            ),
        ),
        Standing::AwaitingOwner => Said::no(
            Reason::AwaitingOwner,
            format!("A mail was sent to the owner of {address}. The owner has 24 hours to confirm."),
        ),
        Standing::HeldBack(held) => held_back(seen, held),
        Standing::SesTrouble(error) => ses_trouble(error),
        Standing::Asking => Said::no(Reason::Asking, format!("A mail to the owner of {address} is about to be sent.")),
    }
}

fn declined(seen: &Observation, kind: AnswerKind) -> Said {
    let address = &seen.address;
    if kind == AnswerKind::Withdrawn {
        return Said::no(
            Reason::Withdrawn,
            format!(
                "The owner of {address} withdrew the confirmation. Talk to the owner. To send another mail after status.confirmation.nextAttemptTime, set the annotation {RESEND} to a new value."
            ),
        );
    }
    Said::no(
        Reason::Declined,
        format!(
            "The owner of {address} declined. Talk to the owner. To send another mail after status.confirmation.nextAttemptTime, set the annotation {RESEND} to a new value."
        ),
    )
}

fn held_back(seen: &Observation, held: &HeldBack) -> Said {
    let address = &seen.address;
    match held {
        HeldBack::NotConfigured => Said::no(
            Reason::MailNotConfigured,
            "This environment cannot send mails to owners of mailboxes yet. Ask your administrator to set --confirmation-sender and --public-url.",
        ),
        HeldBack::Limit(limit, _) => {
            let limit = match limit {
                Limit::Address => "this address has reached its limit of mails in 24 hours",
                Limit::Tenant => "this tenant has reached its limit of mails in one hour",
                Limit::Domain => "the addresses of this domain have reached their limit of mails in one hour",
                Limit::All => "this environment has reached its limit of mails in one hour",
            };
            Said::no(
                Reason::MailLimit,
                format!(
                    "The mail to {address} is held back: {limit}. Wait: it is sent after status.confirmation.nextAttemptTime."
                ),
            )
        }
        HeldBack::Sender(SenderTrouble::NotVerified) => Said::no(
            Reason::SenderNotVerified,
            "SES does not send for the sender of confirmation mails. Ask your administrator to verify the sender. The mail is sent then.",
        ),
        HeldBack::Sender(SenderTrouble::Paused) => Said::no(
            Reason::SendingPaused,
            "AWS has paused sending for the account. Ask your administrator to check the SES console. The mail is sent when sending is resumed.",
        ),
        HeldBack::Sender(SenderTrouble::Sandbox) => Said::no(
            Reason::SandboxRecipient,
            format!(
                "The SES account is in the sandbox and sends to verified recipients only, and {address} is not verified. Ask your administrator to request production access from AWS."
            ),
        ),
        HeldBack::Ses(error) => ses_trouble(error),
    }
}

fn ses_trouble(error: &SesError) -> Said {
    let reason = match error {
        SesError::Denied { .. } => Reason::AccessDenied,
        SesError::LimitExceeded { .. } => Reason::LimitExceeded,
        SesError::Rejected { .. } | SesError::Refused { .. } | SesError::NotVerified => Reason::MailRejected,
        SesError::SendingPaused => Reason::SendingPaused,
        _ => Reason::SesUnavailable,
    };
    Said::no(reason, format!("The mail was not sent: {error}. The operator retries."))
}
