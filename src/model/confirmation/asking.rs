//! When the owner of a mailbox is to be asked: by one mail for each attempt. Pure.
//!
//! Sends are counted before they are begun, and never more than two for an attempt. So a crash or a lost answer costs at worst a
//! second mail; each mail's link is good for a day from its own send. Whether an attempt has expired is computed and
//! never stored.

use jiff::{SignedDuration, Timestamp};

use super::{Attempt, Request};

/// Sends that are begun for one attempt, at most.
pub const MAX_SENDS: u32 = 2;
/// A send of which nothing was heard is repeated after this.
pub const RETRY: SignedDuration = SignedDuration::from_mins(1);
/// Annotation on a `SenderAddress` that asks for another mail, by any new value.
pub const RESEND: &str = "sender-operator.io/resend";
/// Longest value of [`RESEND`] that is told apart.
pub const LONGEST_RESEND: usize = 200;

/// What is due for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A mail, now.
    Send,
    /// Nothing until then.
    Wait(Timestamp),
    /// Nothing: the owner has allowed it.
    Allowed,
    /// The owner has refused. Until then the tenant may not ask again; afterwards by [`RESEND`].
    Declined(Option<Timestamp>),
    /// The last link's time is over: another attempt needs [`RESEND`].
    Expired,
    /// It is not known whether any mail was sent: another attempt needs [`RESEND`].
    Unacknowledged,
    /// The request as it becomes by a new value of [`RESEND`].
    Change(Box<Request>),
}

/// What is due. `resend`: the holder's annotation; `declined_until`: as the owner's refusal says.
pub fn due(request: &Request, resend: Option<&str>, declined_until: Option<Timestamp>, now: Timestamp) -> Due {
    let resend = resend.filter(|value| !value.is_empty());
    let resend = resend.map(|value| value.chars().take(LONGEST_RESEND).collect::<String>());
    let asked_anew = resend.is_some() && resend != request.last_handled_resend;
    let handled = Request { last_handled_resend: resend, ..request.clone() };
    if request.is_allowed() {
        // There is nothing to ask; the echo says that it was seen.
        return if asked_anew { Due::Change(Box::new(handled)) } else { Due::Allowed };
    }
    if let Some(until) = declined_until {
        return Due::Declined(Some(until));
    }
    if asked_anew {
        // Before SES has taken its mail, an attempt is begun anew under its number: the link of the one before stays good, however
        // often another mail is asked for.
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
        // A begun time ahead of the clock is one of another clock: it holds nothing up for long.
        _ if now < again && begun <= now => Due::Wait(again),
        sends if sends < MAX_SENDS => Due::Send,
        _ => Due::Unacknowledged,
    }
}

#[cfg(test)]
#[path = "asking_tests.rs"]
mod tests;
