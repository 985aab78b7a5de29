//! What a link of a mail means now, and how the owner's click on its page changes the claim. Pure.
//!
//! Opening a page changes nothing. Every change needs the code in the mail's text, because mail scanners open links and
//! some submit forms. Whether the address may be used also depends on its domain and is decided elsewhere.

use jiff::{SignedDuration, Timestamp};

use super::{
    Answer, AnswerKind, Confirmation, Request,
    evidence::{self, Event, Evidence, Visitor},
    limits::{Decline, with_decline, without_decline},
};
use crate::model::{
    claim::{Claim, State},
    coverage::Suffixes,
    link::{Opened, is_code},
};

/// The page of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
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
    Write(Box<Claim>, Page),
    /// Nothing changes: the claim already is in that state, or can no longer reach it.
    Nothing(Page),
    /// The code is wrong or missing.
    WrongCode(Page),
}

/// The page of a verified link. `suffixes`: the claims on the address's domain and its parents, from a live read.
pub fn page(claim: Option<&Claim>, suffixes: &Suffixes, opened: &Opened) -> Page {
    current(claim, suffixes, opened).map_or(Page::Gone, |(_, _, request)| shown(request, opened))
}

/// The effect of a click.
pub fn click(claim: Option<&Claim>, suffixes: &Suffixes, opened: &Opened, click: &Click<'_>) -> Effect {
    let Some((claim, confirmation, request)) = current(claim, suffixes, opened) else {
        return Effect::Nothing(Page::Gone);
    };
    let page = shown(request, opened);
    let (answer, event, next_page) = match (click.act, page) {
        (Act::Confirm, Page::Asked) => (Some(AnswerKind::Confirmed), Event::Confirmed, Page::Confirmed),
        (Act::Decline, Page::Asked) => (Some(AnswerKind::Declined), Event::Declined, Page::Declined { undo: true }),
        (Act::Withdraw, Page::Confirmed) => {
            let undo = may_undo(request, opened);
            (Some(AnswerKind::Withdrawn), Event::Withdrawn, Page::Withdrawn { undo })
        }
        (Act::Undo, Page::Declined { undo: true } | Page::Withdrawn { undo: true }) => {
            (None, Event::Undone, Page::Asked)
        }
        _ => return Effect::Nothing(page),
    };
    if click.code.is_some_and(|typed| !is_code(typed, &opened.code)) {
        return Effect::WrongCode(page);
    }
    let next = answered(claim, confirmation, request, answer, event, click);
    next.map_or(Effect::Nothing(Page::Gone), |next| Effect::Write(Box::new(next), next_page))
}

/// The request that the link belongs to, if it is still valid.
fn current<'c>(
    claim: Option<&'c Claim>,
    suffixes: &Suffixes,
    opened: &Opened,
) -> Option<(&'c Claim, &'c Confirmation, &'c Request)> {
    let claim = claim.filter(|claim| claim.state == State::Held)?;
    let confirmation = claim.confirmation.as_ref()?;
    let request = confirmation.request.as_ref().filter(|request| request.link_id() == Some(opened.link.id))?;
    suffixes.standing(&request.under)?;
    Some((claim, confirmation, request))
}

fn shown(request: &Request, opened: &Opened) -> Page {
    match request.answer.map(|answer| answer.kind) {
        Some(AnswerKind::Confirmed | AnswerKind::Approved) => Page::Confirmed,
        Some(AnswerKind::Declined) => Page::Declined { undo: may_undo(request, opened) },
        Some(AnswerKind::Withdrawn) => Page::Withdrawn { undo: may_undo(request, opened) },
        None if !request.accepts(opened.link.attempt) => Page::Superseded,
        None if !opened.confirms => Page::Expired,
        None => Page::Asked,
    }
}

fn may_undo(request: &Request, opened: &Opened) -> bool {
    opened.confirms && request.accepts(opened.link.attempt)
}

fn answered(
    claim: &Claim,
    confirmation: &Confirmation,
    request: &Request,
    answer: Option<AnswerKind>,
    event: Event,
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
#[path = "answering_tests.rs"]
mod tests;
