//! What a link of a mail means now, and how the owner's click on its page changes the claim. Pure.
//!
//! Opening a page changes nothing. Every change needs the code in the mail's text, because mail scanners open links and
//! some submit forms. Whether the address may be used also depends on its domain and is decided elsewhere.

use jiff::{SignedDuration, Timestamp};

use super::{
    Answer, AnswerKind, Confirmation, Request,
    evidence::{self, Evidence, EvidenceEvent, Visitor},
    limits::{Decline, with_decline, without_decline},
};
use crate::model::{
    claim::{Claim, State},
    coverage::Suffixes,
    link::{VerifiedLink, is_code},
};

/// The page of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmationPage {
    /// The owner can answer until the link's expiry.
    Asked,
    /// The address is confirmed; the owner can withdraw the confirmation.
    Confirmed,
    /// The owner declined.
    Declined {
        /// Whether this link can undo the decline.
        undo: bool,
    },
    /// The owner withdrew the confirmation.
    Withdrawn {
        /// Whether this link can undo the withdrawal.
        undo: bool,
    },
    /// The link has expired.
    Expired,
    /// A newer mail was sent.
    Superseded,
    /// The request no longer exists: the resource was deleted, or the domain changed its owner.
    Gone,
}

/// The action of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Allows the tenant to use the address.
    Confirm,
    /// Declines, and blocks further requests for a while.
    Decline,
    /// Undoes a decline or a withdrawal: the request is open again.
    Undo,
    /// Withdraws a confirmation, and blocks further requests for a while.
    Withdraw,
}

/// A visitor's click on a button.
#[derive(Clone, Debug)]
pub struct Click<'a> {
    /// Action of the button.
    pub act: Act,
    /// The typed code; `None` where no code is required.
    pub code: Option<&'a str>,
    /// Visitor data for the evidence.
    pub visitor: Visitor,
    /// How long a declined tenant may not request again.
    pub decline_time: SignedDuration,
    /// Time of the click.
    pub now: Timestamp,
}

/// The effect of a click.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Write this claim, and show the page only after the write succeeded.
    Write(Box<Claim>, ConfirmationPage),
    /// Nothing changes: the claim already is in that state, or can no longer reach it.
    Nothing(ConfirmationPage),
    /// The code is wrong or missing.
    WrongCode(ConfirmationPage),
}

/// The page of a verified link. `suffixes`: the claims on the address's domain and its parents, from a live read.
pub fn page(claim: Option<&Claim>, suffixes: &Suffixes, verified: &VerifiedLink) -> ConfirmationPage {
    current(claim, suffixes, verified).map_or(ConfirmationPage::Gone, |(_, _, request)| shown(request, verified))
}

/// The effect of a click.
pub fn click(claim: Option<&Claim>, suffixes: &Suffixes, verified: &VerifiedLink, click: &Click<'_>) -> Effect {
    let Some((claim, confirmation, request)) = current(claim, suffixes, verified) else {
        return Effect::Nothing(ConfirmationPage::Gone);
    };
    let page = shown(request, verified);
    let (answer, event, next_page) = match (click.act, page) {
        (Act::Confirm, ConfirmationPage::Asked) => {
            (Some(AnswerKind::Confirmed), EvidenceEvent::Confirmed, ConfirmationPage::Confirmed)
        }
        (Act::Decline, ConfirmationPage::Asked) => {
            (Some(AnswerKind::Declined), EvidenceEvent::Declined, ConfirmationPage::Declined { undo: true })
        }
        (Act::Withdraw, ConfirmationPage::Confirmed) => {
            let undo = may_undo(request, verified);
            (Some(AnswerKind::Withdrawn), EvidenceEvent::Withdrawn, ConfirmationPage::Withdrawn { undo })
        }
        (Act::Undo, ConfirmationPage::Declined { undo: true } | ConfirmationPage::Withdrawn { undo: true }) => {
            (None, EvidenceEvent::Undone, ConfirmationPage::Asked)
        }
        _ => return Effect::Nothing(page),
    };
    if click.code.is_some_and(|typed| !is_code(typed, &verified.code)) {
        return Effect::WrongCode(page);
    }
    let next = answered(claim, confirmation, request, answer, event, click);
    next.map_or(Effect::Nothing(ConfirmationPage::Gone), |next| Effect::Write(Box::new(next), next_page))
}

/// The request that the link belongs to, if it is still valid.
fn current<'c>(
    claim: Option<&'c Claim>,
    suffixes: &Suffixes,
    verified: &VerifiedLink,
) -> Option<(&'c Claim, &'c Confirmation, &'c Request)> {
    let claim = claim.filter(|claim| claim.state == State::Held)?;
    let confirmation = claim.confirmation.as_ref()?;
    let request = confirmation.request.as_ref().filter(|request| request.link_id() == Some(verified.link.id))?;
    suffixes.current_tenure(&request.domain_tenure)?;
    Some((claim, confirmation, request))
}

fn shown(request: &Request, verified: &VerifiedLink) -> ConfirmationPage {
    match request.answer.map(|answer| answer.kind) {
        Some(AnswerKind::Confirmed | AnswerKind::Approved) => ConfirmationPage::Confirmed,
        Some(AnswerKind::Declined) => ConfirmationPage::Declined { undo: may_undo(request, verified) },
        Some(AnswerKind::Withdrawn) => ConfirmationPage::Withdrawn { undo: may_undo(request, verified) },
        None if !request.accepts(verified.link.attempt) => ConfirmationPage::Superseded,
        None if !verified.confirms => ConfirmationPage::Expired,
        None => ConfirmationPage::Asked,
    }
}

fn may_undo(request: &Request, verified: &VerifiedLink) -> bool {
    verified.confirms && request.accepts(verified.link.attempt)
}

fn answered(
    claim: &Claim,
    confirmation: &Confirmation,
    request: &Request,
    answer: Option<AnswerKind>,
    event: EvidenceEvent,
    click: &Click<'_>,
) -> Option<Claim> {
    let tenant = claim.tenant.as_ref()?;
    let answer = answer.map(|kind| Answer { kind, time: click.now });
    let declines = match answer {
        Some(Answer { kind: AnswerKind::Declined | AnswerKind::Withdrawn, .. }) => {
            let until_time = click.now.saturating_add(click.decline_time).unwrap_or(Timestamp::MAX);
            with_decline(&confirmation.declines, Decline { tenant: tenant.clone(), until_time }, click.now)
        }
        _ => without_decline(&confirmation.declines, tenant),
    };
    let entry = Evidence {
        visitor: Some(click.visitor.clone()),
        holder: claim.holder.clone(),
        ..Evidence::of(event, tenant, request.attempt.number, click.now)
    };
    let confirmation = Confirmation {
        request: Some(Request { answer, ..request.clone() }),
        declines,
        evidence: evidence::with(&confirmation.evidence, entry),
        mails: confirmation.mails.clone(),
    };
    Some(Claim { confirmation: Some(confirmation), ..claim.clone() })
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
