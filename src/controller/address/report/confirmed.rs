//! The condition `Confirmed`: words for where a claimant stands with the owner of the mailbox.

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
                "An administrator took {address} from this tenant. Ask your administrator; it can be had again when the order is withdrawn."
            ),
        ),
        Standing::NotOwned => {
            Said::unknown(Reason::NotOwned, "The owner of the mailbox is asked when this tenant holds the domain.")
        }
        Standing::Duplicate => Said::no(
            Reason::Duplicate,
            format!("Another SenderAddress of this tenant asks for {address}. Delete one of the two."),
        ),
        Standing::Answered(AnswerKind::Confirmed) => Said::yes(
            Reason::Confirmed,
            format!("The owner of {address} has confirmed; they can withdraw that at any time."),
        ),
        Standing::Answered(AnswerKind::Approved) => {
            Said::yes(Reason::Approved, format!("An administrator has approved {address} in place of its owner."))
        }
        Standing::Answered(kind) => declined(seen, kind),
        Standing::Expired => Said::no(
            Reason::Expired,
            format!(
                "The owner of {address} did not answer within 24 hours. Ask whether the mail arrived, and set the annotation {RESEND} to a new value for another one."
            ),
        ),
        Standing::Unacknowledged => Said::no(
            Reason::SendUnacknowledged,
            format!(
                "It is not known whether a mail to {address} was sent: SES did not answer. Set the annotation {RESEND} to a new value for another one."
            ),
        ),
        Standing::AwaitingOwner => Said::no(
            Reason::AwaitingOwner,
            format!("The owner of {address} was asked by a mail and has 24 hours to confirm."),
        ),
        Standing::HeldBack(held) => held_back(seen, held),
        Standing::SesTrouble(error) => ses_trouble(error),
        Standing::Asking => Said::no(Reason::Asking, format!("A mail to the owner of {address} is about to be sent.")),
    }
}

fn declined(seen: &Observation, kind: AnswerKind) -> Said {
    let address = &seen.address;
    let again = format!(
        "Ask them. When status.confirmation.nextAttemptTime is over, they can be asked again by a new value of the annotation {RESEND}."
    );
    if kind == AnswerKind::Withdrawn {
        return Said::no(Reason::Withdrawn, format!("The owner of {address} took the confirmation back. {again}"));
    }
    Said::no(Reason::Declined, format!("The owner of {address} declined. {again}"))
}

fn held_back(seen: &Observation, held: &HeldBack) -> Said {
    let address = &seen.address;
    match held {
        HeldBack::NotConfigured => Said::no(
            Reason::MailNotConfigured,
            "This installation can't ask owners of mailboxes yet: your administrator sets --confirmation-sender and --public-url.",
        ),
        HeldBack::Limit(limit, _) => {
            let what = match limit {
                Limit::Address => "this address has had its mails of a day",
                Limit::Tenant => "this tenant has had its mails of an hour",
                Limit::Domain => "the addresses of this domain have had their mails of an hour",
                Limit::All => "the installation has sent its mails of an hour",
            };
            Said::no(
                Reason::MailLimit,
                format!("The mail to {address} waits: {what}. It is sent after status.confirmation.nextAttemptTime."),
            )
        }
        HeldBack::Sender(SenderTrouble::NotVerified) => Said::no(
            Reason::SenderNotVerified,
            "SES does not send for the sender of confirmation mails: your administrator has to verify it. The mail is sent then.",
        ),
        HeldBack::Sender(SenderTrouble::Paused) => Said::no(
            Reason::SendingPaused,
            "AWS has paused sending for the account: your administrator sees why in the SES console. The mail is sent when that is over.",
        ),
        HeldBack::Sender(SenderTrouble::Sandbox) => Said::no(
            Reason::SandboxRecipient,
            format!(
                "The SES account is in its sandbox and sends to verified recipients only, and {address} is not verified. Your administrator can ask AWS for production access."
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
    Said::no(reason, format!("The mail was not sent: {error}. The operator keeps trying."))
}
