//! What a link of a mail means now, and what the owner's click on its page does to the claim. Pure.
//!
//! Opening a page changes nothing. Every change needs the code that the mail shows as text, because mail scanners open links
//! and some submit forms. Nothing here decides whether the address may be used: that needs a domain too.

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

/// What the page of a link shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The owner is asked, until the link's expiry.
    Asked,
    /// The address is confirmed; that can be withdrawn.
    Confirmed,
    /// The owner declined; `undo`: that can be taken back with this link.
    Declined {
        /// Whether it can be taken back.
        undo: bool,
    },
    /// The owner took the confirmation back; `undo` as above.
    Withdrawn {
        /// Whether it can be taken back.
        undo: bool,
    },
    /// The link's time is over.
    Expired,
    /// A newer mail was sent.
    Superseded,
    /// Nobody asks any more: the resource was deleted, or the domain changed hands.
    Gone,
}

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Allows the tenant to use the address.
    Confirm,
    /// Refuses, and wants to hear nothing more of it for a while.
    Decline,
    /// Takes a decline or a withdrawal back: the question is open again.
    Undo,
    /// Takes a confirmation back, and wants to hear nothing more for a while.
    Withdraw,
}

/// A click.
#[derive(Clone, Debug)]
pub struct Click<'a> {
    /// The button.
    pub act: Act,
    /// What was typed; `None` where no code is required.
    pub code: Option<&'a str>,
    /// Who clicked.
    pub visitor: Visitor,
    /// For how long a tenant that was declined may not ask again.
    pub decline_time: SignedDuration,
    /// Now.
    pub now: Timestamp,
}

/// What becomes of a click.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The claim becomes this, and only when it is written does the page say so.
    Write(Box<Claim>, Page),
    /// Nothing changes: what was asked for is so already, or can't be any more.
    Nothing(Page),
    /// The code is wrong or missing.
    WrongCode(Page),
}

/// What the page of a genuine link shows. `suffixes`: the claims on the address's domain and above, read just now.
pub fn page(claim: Option<&Claim>, suffixes: &Suffixes, opened: &Opened) -> Page {
    current(claim, suffixes, opened).map_or(Page::Gone, |(_, _, request)| shown(request, opened))
}

/// What a click does.
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

/// The request that the link belongs to, if it still stands.
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
