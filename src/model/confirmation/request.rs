//! When a confirmation mail is due: one mail per attempt. Pure.
//!
//! Sends are counted before they begin, at most two per attempt. So a crash or a lost answer causes at worst a second
//! mail. Each link is valid for a day from its own send. Expiry is computed, never stored.

use jiff::{SignedDuration, Timestamp};

use super::{Attempt, Request};

/// Upper bound on sends per attempt.
pub const MAX_SENDS: u32 = 2;
/// A send without any answer is repeated after this time.
pub const RETRY: SignedDuration = SignedDuration::from_mins(1);
/// Annotation on a `SenderAddress` that requests another mail, by any new value.
pub const RESEND: &str = "sender-operator.io/resend";
/// Longest value of [`RESEND`] that is compared, in characters.
pub const LONGEST_RESEND: usize = 200;

/// The next step of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// Send a mail now.
    Send,
    /// Nothing until this time.
    Wait(Timestamp),
    /// Nothing: the owner allowed the address.
    Allowed,
    /// The owner declined. The tenant may not request again until this time, then by [`RESEND`].
    Declined(Option<Timestamp>),
    /// The last link has expired: another attempt needs [`RESEND`].
    Expired,
    /// It is unknown whether any mail was sent: another attempt needs [`RESEND`].
    Unacknowledged,
    /// The request changes to this because of a new value of [`RESEND`].
    Change(Box<Request>),
}

/// The next step. `resend`: the holder's annotation; `declined_until`: end of the owner's decline.
pub fn due(request: &Request, resend: Option<&str>, declined_until: Option<Timestamp>, now: Timestamp) -> Due {
    let resend = resend.filter(|value| !value.is_empty());
    let resend = resend.map(|value| value.chars().take(LONGEST_RESEND).collect::<String>());
    let resend_requested = resend.is_some() && resend != request.last_handled_resend;
    let handled = Request { last_handled_resend: resend, ..request.clone() };
    if request.is_allowed() {
        // No mail is needed; the echo acknowledges the annotation.
        return if resend_requested { Due::Change(Box::new(handled)) } else { Due::Allowed };
    }
    if let Some(until) = declined_until {
        return Due::Declined(Some(until));
    }
    if resend_requested {
        // Until SES accepts its mail, an attempt restarts under the same number. So the link of the previous attempt
        // stays valid, however often another mail is requested.
        let taken = request.answer.is_some() || request.attempt.sent_time.is_some();
        let attempt = Attempt::new(request.attempt.number.saturating_add(u32::from(taken)));
        return Due::Change(Box::new(Request { attempt, answer: None, ..handled }));
    }
    if request.answer.is_some() { Due::Declined(None) } else { of_attempt(&request.attempt, now) }
}

fn of_attempt(attempt: &Attempt, now: Timestamp) -> Due {
    if attempt.sent_time.is_some() {
        let expiry = attempt.expiry_time.unwrap_or(Timestamp::MIN);
        return if now < expiry { Due::Wait(expiry) } else { Due::Expired };
    }
    let Some(begun) = attempt.begun_time else { return Due::Send };
    let again = begun.saturating_add(RETRY).unwrap_or(Timestamp::MAX);
    match attempt.sends {
        0 => Due::Send,
        // A start time in the future comes from another clock, so it must not delay the mail for long.
        _ if now < again && begun <= now => Due::Wait(again),
        sends if sends < MAX_SENDS => Due::Send,
        _ => Due::Unacknowledged,
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
