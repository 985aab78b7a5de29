//! Mail limits: they protect mailboxes from floods and tenants from each other. They are counted in the claims, so
//! neither a deletion nor a restart resets them. Pure.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{name::Domain, tenant::Tenant};

/// Window for mails to one address.
pub const ADDRESS_WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// Window for mails of a tenant, to a domain, and in total.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Upper bound on mails kept in a claim.
const KEPT_MAILS: usize = 32;
/// Upper bound on declines kept in a claim.
const KEPT_DECLINES: usize = 16;

/// Email to the owner, counted from the start of its send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordedMail {
    /// Tenant that claims the address, as `tenant/<label>` or `namespace/<name>/<uid>`.
    #[schemars(length(max = 200))]
    pub tenant: Tenant,
    /// Time at which the send started.
    pub time: Timestamp,
}

/// Tenant that the mailbox owner declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decline {
    /// Tenant, as `tenant/<label>` or `namespace/<name>/<uid>`.
    #[schemars(length(max = 200))]
    pub tenant: Tenant,
    /// Time until which the tenant cannot ask the owner again.
    pub until_time: Timestamp,
}

/// Limits on confirmation mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailLimits {
    /// Mails to one address within [`ADDRESS_WINDOW`], over all tenants.
    pub address: usize,
    /// Mails of one tenant within [`WINDOW`].
    pub tenant: usize,
    /// Mails to addresses of one domain within [`WINDOW`].
    pub domain: usize,
    /// Mails of the environment within [`WINDOW`].
    pub all: usize,
}

/// The limit that holds a mail back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Limit of the address.
    Address,
    /// Limit of the tenant.
    Tenant,
    /// Limit of the recipient domain.
    Domain,
    /// Limit of the environment.
    All,
}

/// A mail of the environment, with the domain it counts for.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// Domain of the recipient address.
    pub domain: &'a Domain,
    /// Tenant and time of the mail.
    pub mail: &'a RecordedMail,
}

impl MailLimits {
    /// Whether one more mail may begin; otherwise, the limit that holds it back longest, and its end. `own`: mails to
    /// the same address; `all`: mails of the environment, including those to the same address.
    pub fn room<'a>(
        &self,
        tenant: &Tenant,
        domain: &Domain,
        own: &[RecordedMail],
        all: &(impl Iterator<Item = Counted<'a>> + Clone),
        now: Timestamp,
    ) -> Result<(), (Limit, Timestamp)> {
        let times = |mails: &mut dyn Iterator<Item = Counted<'a>>| mails.map(|counted| counted.mail.time).collect();
        let of_tenant = times(&mut all.clone().filter(|counted| counted.mail.tenant == *tenant));
        let to_domain = times(&mut all.clone().filter(|counted| counted.domain == domain));
        let in_all = times(&mut all.clone());
        let to_address = own.iter().map(|mail| mail.time).collect();
        let waits = [
            (Limit::Address, free_at(self.address, ADDRESS_WINDOW, to_address, now)),
            (Limit::Tenant, free_at(self.tenant, WINDOW, of_tenant, now)),
            (Limit::Domain, free_at(self.domain, WINDOW, to_domain, now)),
            (Limit::All, free_at(self.all, WINDOW, in_all, now)),
        ];
        let longest = waits.into_iter().filter_map(|(limit, at)| Some((limit, at?))).max_by_key(|(_, at)| *at);
        longest.map_or(Ok(()), Err)
    }
}

/// When one more fits; `None`: now. A limit of 0 never allows any.
fn free_at(limit: usize, window: SignedDuration, mut times: Vec<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let end = |time: Timestamp| time.saturating_add(window).unwrap_or(Timestamp::MAX);
    times.retain(|time| end(*time) > now);
    if times.len() < limit {
        return None;
    }
    times.sort_unstable();
    // The time at which enough windows have ended for one more.
    let over = times.len() - limit;
    Some(times.get(over).map_or(Timestamp::MAX, |time| end(*time)))
}

/// Appends a mail; drops mails that no longer count.
pub fn with_mail(mails: &[RecordedMail], tenant: &Tenant, now: Timestamp) -> Vec<RecordedMail> {
    let counts = |mail: &&RecordedMail| mail.time.saturating_add(ADDRESS_WINDOW).is_ok_and(|end| end > now);
    let another = RecordedMail { tenant: tenant.clone(), time: now };
    let all: Vec<RecordedMail> = mails.iter().filter(counts).cloned().chain([another]).collect();
    all[all.len().saturating_sub(KEPT_MAILS)..].to_vec()
}

/// Removes the mail that this tenant began at `time` and that was never sent.
pub fn without_mail(mails: &[RecordedMail], tenant: &Tenant, time: Timestamp) -> Vec<RecordedMail> {
    let mut left = mails.to_vec();
    if let Some(place) = left.iter().rposition(|mail| mail.tenant == *tenant && mail.time == time) {
        left.remove(place);
    }
    left
}

/// Replaces the tenant's earlier decline; drops declines that have ended.
pub fn with_decline(declines: &[Decline], decline: Decline, now: Timestamp) -> Vec<Decline> {
    let mut all: Vec<Decline> = without_decline(declines, &decline.tenant);
    all.retain(|other| other.until_time > now);
    all.push(decline);
    all[all.len().saturating_sub(KEPT_DECLINES)..].to_vec()
}

/// Removes the tenant's declines.
pub fn without_decline(declines: &[Decline], tenant: &Tenant) -> Vec<Decline> {
    declines.iter().filter(|decline| decline.tenant != *tenant).cloned().collect()
}

/// Until when this tenant may not request a confirmation.
pub fn declined_until(declines: &[Decline], tenant: &Tenant, now: Timestamp) -> Option<Timestamp> {
    let decline = declines.iter().find(|decline| decline.tenant == *tenant)?;
    (now < decline.until_time).then_some(decline.until_time)
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
