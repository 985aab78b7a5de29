//! The limit on new identities per tenant. It is counted in the claims, so neither a deletion nor a restart resets it.
//! Pure.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tenant::Tenant;

/// Length of the window in which creations are counted.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// SES identities created for one subject and one tenant. Kept after the claim is released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Creations {
    /// The tenant, as `tenant/<label>` or `namespace/<name>/<uid>`.
    #[schemars(length(max = 200))]
    pub tenant: Tenant,
    /// Start of the hour: time of the first creation.
    pub since_time: Timestamp,
    /// Number of creations since then.
    pub count: u32,
}

impl Creations {
    /// The count after one more creation, observed now.
    pub fn another(before: Option<&Self>, tenant: &Tenant, now: Timestamp) -> Self {
        match before.filter(|before| before.tenant == *tenant && before.counts(now)) {
            Some(before) => Self { count: before.count.saturating_add(1), ..before.clone() },
            None => Self { tenant: tenant.clone(), since_time: now, count: 1 },
        }
    }

    fn ends(&self) -> Timestamp {
        self.since_time.saturating_add(WINDOW).unwrap_or(Timestamp::MAX)
    }

    fn counts(&self, now: Timestamp) -> bool {
        now < self.ends()
    }
}

/// When the tenant of these creations may have one more; `None`: now.
pub fn next_creation_time(limit: u32, creations: &[Creations], now: Timestamp) -> Option<Timestamp> {
    let mut windows: Vec<_> = creations.iter().filter(|creations| creations.counts(now)).collect();
    windows.sort_by_key(|creations| creations.ends());
    let mut left: u32 = windows.iter().map(|creations| creations.count).fold(0, u32::saturating_add);
    let mut at = None;
    for window in windows {
        if left < limit {
            break;
        }
        left -= window.count.min(left);
        at = Some(window.ends());
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(minutes * 60).unwrap()
    }

    fn of(tenant: &str, minutes: i64, count: u32) -> Creations {
        Creations { tenant: Tenant::try_from(format!("tenant/{tenant}")).unwrap(), since_time: at(minutes), count }
    }

    #[test]
    fn what_is_created_again_within_the_hour_counts_again() {
        let acme = of("acme", 0, 1).tenant;
        assert_eq!(Creations::another(None, &acme, at(0)), of("acme", 0, 1));
        assert_eq!(Creations::another(Some(&of("acme", 0, 2)), &acme, at(59)), of("acme", 0, 3));
        assert_eq!(Creations::another(Some(&of("acme", 0, 2)), &acme, at(60)), of("acme", 60, 1));
        assert_eq!(Creations::another(Some(&of("rival", 0, 2)), &acme, at(1)), of("acme", 1, 1));
    }

    #[test]
    fn there_is_room_when_enough_windows_have_ended() {
        let a = |minutes, count| of("a", minutes, count);
        for (limit, creations, expected) in [
            (3, vec![], None),
            (3, vec![a(0, 1), a(1, 1)], None),
            (3, vec![a(5, 1), a(0, 1), a(1, 1)], Some(60)),
            (3, vec![a(-60, 5), a(1, 1)], None),
            (3, vec![a(1, 2), a(2, 2)], Some(61)),
            (3, vec![a(1, 1), a(2, 4)], Some(62)),
            (1, vec![a(0, 1), a(1, 1), a(2, 1)], Some(62)),
        ] {
            assert_eq!(next_creation_time(limit, &creations, at(10)), expected.map(at), "{limit} {creations:?}");
        }
    }
}
