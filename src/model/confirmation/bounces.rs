//! Who may not ask for a while because mails to owners came back: invented mailboxes are how a reputation is lost. Pure.
//!
//! A hard bounce says that a mailbox does not exist. A few of them hold back the further requests of the tenant that asked and of
//! the domain that was asked, each on its own.

use jiff::{SignedDuration, Timestamp};

use crate::model::{name::Domain, tenant::Tenant};

/// Hard bounces count for so long.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// So many of a tenant within [`WINDOW`] hold its requests back.
pub const OF_A_TENANT: usize = 5;
/// So many at a domain within [`WINDOW`] hold requests to it back.
pub const AT_A_DOMAIN: usize = 3;

/// A mail of ours that came back for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HardBounce {
    /// The tenant that had asked.
    pub tenant: Tenant,
    /// The domain of the address.
    pub domain: Domain,
    /// When.
    pub time: Timestamp,
}

/// Until when requests of this tenant to this domain are held back; `None`: they are not.
pub fn held_until(bounces: &[HardBounce], tenant: &Tenant, domain: &Domain, now: Timestamp) -> Option<Timestamp> {
    let of_tenant = end(bounces.iter().filter(|bounce| bounce.tenant == *tenant), OF_A_TENANT);
    let at_domain = end(bounces.iter().filter(|bounce| bounce.domain == *domain), AT_A_DOMAIN);
    of_tenant.into_iter().chain(at_domain).max().filter(|end| now < *end)
}

/// When fewer than `limit` of them count.
fn end<'a>(bounces: impl Iterator<Item = &'a HardBounce>, limit: usize) -> Option<Timestamp> {
    let mut times: Vec<Timestamp> = bounces.map(|bounce| bounce.time).collect();
    times.sort_unstable();
    let last_that_counts = times.len().checked_sub(limit)?;
    times.get(last_that_counts).map(|time| time.saturating_add(WINDOW).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3600).unwrap()
    }

    fn bounce(tenant: &str, domain: &str, hours: i64) -> HardBounce {
        let tenant = format!("tenant/{tenant}").parse().unwrap();
        HardBounce { tenant, domain: Domain::parse(domain).unwrap(), time: at(hours) }
    }

    #[test]
    fn a_few_hard_bounces_hold_a_tenant_or_a_domain_back_and_nobody_else() {
        let spread = |n: i64| (0..n).map(|n| bounce("acme", &format!("d{n}.example"), n)).collect::<Vec<_>>();
        let at_one = |n: i64| (0..n).map(|n| bounce(&format!("t{n}"), "example.com", n)).collect::<Vec<_>>();
        for (case, bounces, tenant, domain, now, expected) in [
            ("none", vec![], "acme", "x.example", 10, None),
            ("four of a tenant", spread(4), "acme", "x.example", 10, None),
            ("the fifth", spread(5), "acme", "x.example", 10, Some(24)),
            ("the seventh: until four are left", spread(7), "acme", "x.example", 10, Some(26)),
            ("over", spread(5), "acme", "x.example", 24, None),
            ("another tenant", spread(5), "rival", "x.example", 10, None),
            ("two at a domain", at_one(2), "acme", "example.com", 10, None),
            ("three at a domain, whoever asked", at_one(3), "acme", "example.com", 10, Some(24)),
            ("another domain", at_one(3), "acme", "example.org", 10, None),
        ] {
            let tenant = format!("tenant/{tenant}").parse().unwrap();
            let held = held_until(&bounces, &tenant, &Domain::parse(domain).unwrap(), at(now));
            assert_eq!(held, expected.map(at), "{case}");
        }
    }
}
