//! What must hold of every mail that goes out.

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

/// What a look at the API server showed is acted upon within this time.
const FRESH: Duration = Duration::from_millis(250);
/// A mail is counted before it waits for its turn, which takes no longer than this.
const QUEUE: Duration = Duration::from_mins(10);
/// The time of day has whole seconds, and a mail is on its way for a while.
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

    /// For whom it is sent.
    pub fn tenant(&self) -> Option<Tenant> {
        self.claim().and_then(|claim| claim.tenant.clone())
    }

    /// No mail goes out that was not counted before, none without a claim, none for a domain that is not the tenant's, and none
    /// beyond a limit. `fresh`: a domain has changed so lately that the sender could not know.
    pub fn faults(&self, now: Timestamp, fresh: bool) -> Vec<String> {
        let request = self.claim().and_then(|claim| claim.confirmation.as_ref()?.request.as_ref());
        let mut faults = Vec::new();
        if self.link.config.dry_run {
            faults.push("in a dry run".to_owned());
        }
        match request {
            None if fresh || self.has_just_ended(now) => {}
            None => faults.push("that nobody asks for".to_owned()),
            Some(request) if request.attempt.sends == 0 => faults.push("that was not counted".to_owned()),
            Some(request) if request.answer.is_some_and(|answer| now.duration_since(answer.time) > SLACK) => {
                faults.push("who has answered".to_owned());
            }
            Some(request) if !fresh && !self.is_covered(request) => {
                faults.push("whose domain is not the tenant's".to_owned());
            }
            Some(_) => {}
        }
        faults.extend(self.beyond_limits());
        faults.extend(self.day_of_its_link(now));
        faults.iter().map(|fault| format!("a mail to {}: {fault}", self.mail.to)).collect()
    }

    /// The request ended while the mail was on its way.
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

    /// Its link is good for a day from now.
    fn day_of_its_link(&self, now: Timestamp) -> Option<String> {
        let keys = &self.link.config.mail.as_ref()?.keys;
        let link = super::mails::link_in(self.mail);
        let Ok(verified) = keys.verify(&self.link.config.environment, &link, now) else {
            return Some("with a link that is not ours".to_owned());
        };
        let life = verified.link.expiry.duration_since(now);
        (life > LIFE || life < LIFE - SLACK).then(|| format!("with a link that lives {life:#}"))
    }
}

impl Shared {
    /// The claim of a domain was written.
    pub fn domain_written(&self) {
        *lock(&self.domains_written) = Some(Instant::now());
    }

    /// Whether that was so lately that who is about to write could not know.
    pub fn domains_are_fresh(&self) -> bool {
        lock(&self.domains_written).is_some_and(|written| written.elapsed() < FRESH)
    }
}
