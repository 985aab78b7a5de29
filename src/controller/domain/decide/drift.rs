//! Drift: what was changed directly in SES, and the write that repairs it. Pure.
//!
//! Only for a held claim whose identity is ours. An identity that is absent or foreign is the matter of `held`.

use std::time::Duration;

use jiff::Timestamp;

use super::{assess::Assessment, step::Write};
use crate::{
    clock::after,
    model::{backoff::doubled, claim::ClaimedIdentity},
    ses::{Identity, RETAINED_TAG, Status},
};

/// Wait before the restart of a failed verification if DNS shows all records; doubled each time.
const FIRST_RESTART: Duration = Duration::from_mins(1);
/// Longest wait before a restart, and the wait while the operator's own lookups don't find the records.
const LONGEST_RESTART: Duration = Duration::from_hours(24);

/// The next repair at SES, if any.
pub(super) fn repair(assessed: &Assessment<'_>, claimed: &ClaimedIdentity, identity: &Identity) -> Option<Write> {
    // Needed even if the claim that retained the identity was deleted long ago.
    if identity.tags.contains_key(RETAINED_TAG) {
        return Some(Write::MarkRetained(false));
    }
    let young =
        claimed.created_time.is_some_and(|created| assessed.now < after(created, assessed.config.poll_interval));
    let idle = identity.dkim.tokens.is_empty() || identity.dkim.status == Status::NotStarted;
    if !identity.dkim.easy || (idle && !young) {
        return Some(Write::StartEasyDkim(false));
    }
    if !identity.dkim.signing_enabled {
        return Some(Write::EnableSigning);
    }
    let failed = identity.dkim.status == Status::Failed || identity.verification == Status::Failed;
    (failed && restart_due(assessed) <= assessed.now).then_some(Write::StartEasyDkim(true))
}

/// When a failed verification may restart: soon if DNS shows all records, otherwise once a day, because SES would not
/// find them either.
pub(super) fn restart_due(assessed: &Assessment<'_>) -> Timestamp {
    let (count, last) = assessed.observation.cache.restarts;
    match (assessed.all_found(), last) {
        (true, _) if count == 0 => Timestamp::MIN,
        (true, Some(last)) => after(last, doubled(FIRST_RESTART, count, LONGEST_RESTART)),
        (false, Some(last)) => after(last, LONGEST_RESTART),
        (_, None) => Timestamp::MAX,
    }
}
