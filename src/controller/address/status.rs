//! What each object that asks for an address is told. Pure.
//!
//! | situation | Ready | extra |
//! | --- | --- | --- |
//! | domain missing or not Ready; awaiting the owner; held back by a limit; the sender or SES in trouble | False | Reconciling |
//! | declined, withdrawn, expired, sends never acknowledged, another tenant's domain, duplicate, force-released | False | Stalled |
//! | dry run with a plan | False | |

use jiff::Timestamp;

use super::{
    decide::what_is_due,
    facts::{Candidate, HeldBack, Observed, SenderTrouble},
};
use crate::{
    api::{
        SenderAddressStatus,
        address::ConfirmationStatus,
        conditions::{Said, build},
        reasons::Reason,
    },
    model::{
        claim::State,
        confirmation::{
            AnswerKind, Request,
            asking::{Due, RESEND},
            limits::Limit,
        },
        coverage::Cover,
    },
    ses::SesError,
};

/// The status of one candidate.
pub fn status(seen: &Observed, candidate: &Candidate, now: Timestamp) -> SenderAddressStatus {
    let previous = candidate.object.status.clone().unwrap_or_default();
    let generation = candidate.object.metadata.generation.unwrap_or_default();
    let domain = domain_ready(seen, candidate);
    let confirmed = confirmed(seen, candidate, now);
    let ready = ready(seen, &domain, &confirmed);
    let mut said = vec![("DomainReady", domain), ("Confirmed", confirmed), ("Ready", ready.clone())];
    if !ready.holds() && ready.reason != Reason::DryRun {
        let extra = if is_stalled(ready.reason) { "Stalled" } else { "Reconciling" };
        said.push((extra, Said::yes(ready.reason, ready.message.clone())));
    }
    SenderAddressStatus {
        observed_generation: generation,
        conditions: build(&said, &previous.conditions, generation, now),
        confirmation: confirmation(seen, candidate, now),
        from: ready.holds().then(|| seen.address.to_string()),
    }
}

fn is_stalled(reason: Reason) -> bool {
    use Reason::{
        Declined, DomainOwnedByAnotherTenant, Duplicate, Expired, ForceReleased, SendUnacknowledged, Withdrawn,
    };
    let stalled =
        [Declined, DomainOwnedByAnotherTenant, Duplicate, Expired, ForceReleased, SendUnacknowledged, Withdrawn];
    stalled.contains(&reason)
}

fn domain_ready(seen: &Observed, candidate: &Candidate) -> Said {
    let at = seen.address.domain();
    match seen.suffixes.cover(&candidate.asker.tenant) {
        Cover::Missing => Said::no(
            Reason::DomainMissing,
            format!(
                "Nobody holds {at} or a domain above it. Apply a SenderDomain for {at}; this goes on when it is held."
            ),
        ),
        Cover::AnotherTenant(domain) => Said::no(
            Reason::DomainOwnedByAnotherTenant,
            format!(
                "{domain} is owned by another tenant. Only that tenant can send from its addresses; this is looked at again when that changes."
            ),
        ),
        Cover::Own { under, releasing: true, .. } => Said::no(
            Reason::DomainReleasing,
            format!("The SenderDomain for {} was deleted. Apply it again to go on.", under.domain),
        ),
        Cover::Own { under, .. } if seen.domain_suspended => {
            Said::no(Reason::DomainNotReady, format!("The SenderDomain for {} is suspended.", under.domain))
        }
        Cover::Own { under, verified: false, .. } => Said::no(
            Reason::DomainNotReady,
            format!("The SenderDomain for {} is not Ready: its status says what is missing.", under.domain),
        ),
        Cover::Own { under, .. } => {
            Said::yes(Reason::Ready, format!("{} is held by this tenant and Ready.", under.domain))
        }
    }
}

fn confirmed(seen: &Observed, candidate: &Candidate, now: Timestamp) -> Said {
    let address = &seen.address;
    let tenant = &candidate.asker.tenant;
    let claim = seen.claim.as_ref().map(|stored| &stored.claim);
    if claim.is_some_and(|claim| claim.barred.as_ref() == Some(tenant)) {
        return Said::no(
            Reason::ForceReleased,
            format!(
                "An administrator took {address} from this tenant. Ask your administrator; it can be had again when the order is withdrawn."
            ),
        );
    }
    let mine = claim.is_some_and(|claim| claim.state == State::Held && claim.tenant.as_ref() == Some(tenant));
    let Some(request) = seen.request().filter(|_| mine) else {
        if seen.declined_until(tenant, now).is_some() {
            return declined(seen, AnswerKind::Declined);
        }
        return Said::unknown(Reason::NotOwned, "The owner of the mailbox is asked when this tenant holds the domain.");
    };
    if seen.holder().is_none_or(|holder| holder.asker.object.uid != candidate.asker.object.uid) {
        return Said::no(
            Reason::Duplicate,
            format!("Another SenderAddress of this tenant asks for {address}. Delete one of the two."),
        );
    }
    match request.answer.map(|answer| answer.kind) {
        Some(AnswerKind::Confirmed) => Said::yes(
            Reason::Confirmed,
            format!("The owner of {address} has confirmed; they can withdraw that at any time."),
        ),
        Some(AnswerKind::Approved) => {
            Said::yes(Reason::Approved, format!("An administrator has approved {address} in place of its owner."))
        }
        Some(kind) => declined(seen, kind),
        None => not_answered(seen, request, now),
    }
}

fn declined(seen: &Observed, kind: AnswerKind) -> Said {
    let address = &seen.address;
    let again = format!(
        "Ask them. When status.confirmation.nextAttemptTime is over, they can be asked again by a new value of the annotation {RESEND}."
    );
    if kind == AnswerKind::Withdrawn {
        return Said::no(Reason::Withdrawn, format!("The owner of {address} took the confirmation back. {again}"));
    }
    Said::no(Reason::Declined, format!("The owner of {address} declined. {again}"))
}

fn not_answered(seen: &Observed, request: &Request, now: Timestamp) -> Said {
    let address = &seen.address;
    match what_is_due(seen, now) {
        Some(Due::Expired) => Said::no(
            Reason::Expired,
            format!(
                "The owner of {address} did not answer within 24 hours. Ask whether the mail arrived, and set the annotation {RESEND} to a new value for another one."
            ),
        ),
        Some(Due::Unacknowledged) => Said::no(
            Reason::SendUnacknowledged,
            format!(
                "It is not known whether a mail to {address} was sent: SES did not answer. Set the annotation {RESEND} to a new value for another one."
            ),
        ),
        Some(Due::Wait(_)) if request.attempt.sent_time.is_some() => Said::no(
            Reason::AwaitingOwner,
            format!("The owner of {address} was asked by a mail and has 24 hours to confirm."),
        ),
        _ => match seen.held_back.as_ref().map_or_else(|| ses_trouble(seen), |held| Some(held_back(seen, held))) {
            Some(said) => said,
            None => Said::no(Reason::Asking, format!("A mail to the owner of {address} is about to be sent.")),
        },
    }
}

fn held_back(seen: &Observed, held: &HeldBack) -> Said {
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
        HeldBack::Ses(error) => said_of(error),
    }
}

/// What SES failed with last, until a pass gets through.
fn ses_trouble(seen: &Observed) -> Option<Said> {
    seen.memory.ses_error.as_ref().map(said_of)
}

fn said_of(error: &SesError) -> Said {
    let reason = match error {
        SesError::Denied { .. } => Reason::AccessDenied,
        SesError::LimitExceeded { .. } => Reason::LimitExceeded,
        SesError::Rejected { .. } | SesError::Refused { .. } | SesError::NotVerified => Reason::MailRejected,
        SesError::SendingPaused => Reason::SendingPaused,
        _ => Reason::SesUnavailable,
    };
    Said::no(reason, format!("The mail was not sent: {error}. The operator keeps trying."))
}

fn ready(seen: &Observed, domain: &Said, confirmed: &Said) -> Said {
    let address = &seen.address;
    if domain.holds() && confirmed.holds() {
        return Said::yes(Reason::Ready, format!("Mail can be sent as {address}."));
    }
    if let Some(plan) = &seen.plan {
        return Said::no(Reason::DryRun, format!("Dry run: {plan}."));
    }
    // What stands in the way for good is said first; else what comes first.
    let first = if !domain.holds() && !is_stalled(confirmed.reason) { domain } else { confirmed };
    let first = if is_stalled(domain.reason) { domain } else { first };
    Said::no(first.reason, first.message.clone())
}

/// How far asking has come, for the object that holds the claim.
fn confirmation(seen: &Observed, candidate: &Candidate, now: Timestamp) -> Option<ConfirmationStatus> {
    let tenant = &candidate.asker.tenant;
    let declined_until = seen.declined_until(tenant, now);
    let holds = seen.holder().is_some_and(|holder| holder.asker.object.uid == candidate.asker.object.uid);
    let Some(request) = seen.request().filter(|_| holds) else {
        return declined_until
            .map(|until| ConfirmationStatus { next_attempt_time: Some(until), ..ConfirmationStatus::default() });
    };
    let allowed = request.answer.filter(|answer| answer.kind.allows());
    let limited = match &seen.held_back {
        Some(HeldBack::Limit(_, until)) => Some(*until),
        _ => None,
    };
    Some(ConfirmationStatus {
        attempt: request.attempt.number,
        sent_time: request.attempt.sent_time,
        expiry_time: request.attempt.expiry_time.filter(|_| request.answer.is_none()),
        confirmed_time: allowed.map(|answer| answer.time),
        next_attempt_time: declined_until.or(limited),
        last_handled_resend: request.last_handled_resend.clone(),
    })
}
