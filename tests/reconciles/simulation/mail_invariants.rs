//! Invariants of every mail.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sender_operator::{
    model::{
        address::claim_name,
        claim::{Claim, State},
        confirmation::Request,
        coverage::{Cover, Suffixes},
        link::LIFE,
        tenant::Tenant,
    },
    ses::Outgoing,
};
use tokio::time::Instant;

use super::{DAY, HOUR, Shared, invariants::Claims, lock, mails::Mailed, operator::Link};

/// The operator acts on a read of the API server within this time.
const FRESH: Duration = Duration::from_millis(250);
/// Upper bound on the wait of a mail after it was counted.
const QUEUE: Duration = Duration::from_mins(10);
/// The time of day has whole seconds, and a mail takes a while.
const SLACK: SignedDuration = SignedDuration::from_secs(3);

/// A mail that reaches SES.
pub struct Sending<'a> {
    pub link: &'a Link,
    pub claims: &'a Claims,
    /// Those before it.
    pub mails: &'a [Mailed],
    pub mail: &'a Outgoing,
    pub at: Duration,
}

impl Sending<'_> {
    fn claim(&self) -> Option<&Claim> {
        let name = claim_name(&self.link.config.environment, &self.mail.to.hash());
        self.claims.get(&name).map(|stored| &stored.claim).filter(|claim| claim.state == State::Held)
    }

    /// The tenant of the mail.
    pub fn tenant(&self) -> Option<Tenant> {
        self.claim().and_then(|claim| claim.tenant.clone())
    }

    /// Every mail was counted before, has a claim, is for a domain of the tenant, and is within the limits. `fresh`: a
    /// domain changed so recently that the sender could not know.
    pub fn faults(&self, now: Timestamp, fresh: bool) -> Vec<String> {
        let request = self.claim().and_then(|claim| claim.confirmation.as_ref()?.request.as_ref());
        let mut faults = Vec::new();
        if self.link.config.dry_run {
            faults.push("in a dry run".to_owned());
        }
        match request {
            None if fresh || self.has_just_ended(now) => {}
            None => faults.push("without a request".to_owned()),
            Some(request) if request.attempt.sends == 0 => faults.push("that was not counted".to_owned()),
            Some(request) if request.answer.is_some_and(|answer| now.duration_since(answer.time) > SLACK) => {
                faults.push("to an owner who has answered".to_owned());
            }
            Some(request) if !fresh && !self.is_covered(request) => {
                faults.push("for a domain that the tenant does not hold".to_owned());
            }
            Some(_) => {}
        }
        faults.extend(self.beyond_limits());
        faults.extend(self.day_of_its_link(now));
        faults.iter().map(|fault| format!("a mail to {}: {fault}", self.mail.to)).collect()
    }

    /// The request ended while the mail was in flight.
    fn has_just_ended(&self, now: Timestamp) -> bool {
        let stored = self.claims.get(&claim_name(&self.link.config.environment, &self.mail.to.hash()));
        let ends = stored.map(|stored| [stored.claim.releasing_time, stored.claim.released_time]);
        ends.into_iter().flatten().flatten().any(|end| now.duration_since(end) <= SLACK)
    }

    fn is_covered(&self, request: &Request) -> bool {
        let ours = |claim: &&Claim| claim.environment == self.link.config.environment;
        let claims = self.claims.values().map(|stored| &stored.claim).filter(ours);
        let suffixes = Suffixes::of(&self.mail.to, claims);
        let holds = |tenant: &Tenant| matches!(suffixes.cover(tenant), Cover::Own { releasing: false, .. });
        suffixes.current_tenure(&request.domain_tenure).is_some() && self.tenant().is_some_and(|tenant| holds(&tenant))
    }

    fn beyond_limits(&self) -> Vec<String> {
        let Some(limits) = self.link.config.mail.as_ref().map(|mail_config| mail_config.limits) else {
            return vec!["without settings for mails".to_owned()];
        };
        let tenant = self.tenant();
        let count = |window: Duration, fits: &dyn Fn(&Mailed) -> bool| {
            self.mails.iter().filter(|mailed| mailed.at + window > self.at + QUEUE && fits(mailed)).count()
        };
        let to = &self.mail.to;
        let counts = [
            ("its mailbox", limits.address, count(DAY, &|mailed| mailed.mail.to == *to)),
            ("its tenant", limits.tenant, count(HOUR, &|mailed| mailed.tenant == tenant)),
            ("its domain", limits.domain, count(HOUR, &|mailed| mailed.mail.to.domain() == to.domain())),
            ("all", limits.all, count(HOUR, &|_| true)),
        ];
        let beyond = counts.iter().filter(|(_, limit, count)| count >= limit);
        beyond.map(|(of, limit, count)| format!("beyond the limit of {of}: {count} of {limit}")).collect()
    }

    /// Its link is valid for a day from now.
    fn day_of_its_link(&self, now: Timestamp) -> Option<String> {
        let keys = &self.link.config.mail.as_ref()?.keys;
        let link = super::mails::link_in(self.mail);
        let Ok(verified) = keys.verify(&self.link.config.environment, &link, now) else {
            return Some("with a foreign link".to_owned());
        };
        let life = verified.link.expiry.duration_since(now);
        (life > LIFE || life < LIFE - SLACK).then(|| format!("with a link that lives {life:#}"))
    }
}

impl Shared {
    /// Notes a write of a domain's claim.
    pub fn domain_written(&self) {
        *lock(&self.domains_written) = Some(Instant::now());
    }

    /// Whether that write was so recent that a concurrent writer could not know.
    pub fn domains_are_fresh(&self) -> bool {
        lock(&self.domains_written).is_some_and(|written| written.elapsed() < FRESH)
    }
}
