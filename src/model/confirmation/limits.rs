//! How many mails may be sent: nobody's mailbox is flooded, and no tenant uses up what others need. Counted in the
//! claims, so that neither deleting nor a restart makes room. Pure.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{name::Domain, tenant::Tenant};

/// Mails to one address count for so long.
pub const ADDRESS_WINDOW: SignedDuration = SignedDuration::from_hours(24);
/// Mails of a tenant, to a domain and in all count for so long.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Mails kept in a claim, at most.
const KEPT_MAILS: usize = 32;
/// Declines kept in a claim, at most.
const KEPT_DECLINES: usize = 16;

/// Mail to the owner, counted from the start of its send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// Tenant that claims the address, as `tenant/<label>` or `namespace/<name>/<uid>`.
    #[schemars(length(max = 200))]
    pub tenant: Tenant,
    /// Time at which the send started.
    pub time: Timestamp,
}

/// Tenant that the owner of the mailbox declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Decline {
    /// Tenant, as `tenant/<label>` or `namespace/<name>/<uid>`.
    #[schemars(length(max = 200))]
    pub tenant: Tenant,
    /// Time until which the tenant cannot ask the owner again.
    pub until_time: Timestamp,
}

/// The limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To one address within [`ADDRESS_WINDOW`], whoever asks.
    pub address: usize,
    /// Of one tenant within [`WINDOW`].
    pub tenant: usize,
    /// To the addresses of one domain within [`WINDOW`].
    pub domain: usize,
    /// In all within [`WINDOW`].
    pub all: usize,
}

/// Which limit holds a mail back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The address has had its mails.
    Address,
    /// The tenant has had its mails.
    Tenant,
    /// The addresses of the domain have had their mails.
    Domain,
    /// The installation has sent its mails.
    All,
}

/// A mail of the installation, with what it counts for.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// The domain of its address.
    pub domain: &'a Domain,
    /// The mail.
    pub mail: &'a Mail,
}

impl Limits {
    /// Whether one more mail may be begun. Else: which limit holds it back longest, and until when. `own`: those to the
    /// same address; `all`: those of the installation, to the same address included.
    pub fn room<'a>(
        &self,
        tenant: &Tenant,
        domain: &Domain,
        own: &[Mail],
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

/// When there is room for one more; `None`: now. A limit of 0 never has room.
fn free_at(limit: usize, window: SignedDuration, mut times: Vec<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let end = |time: Timestamp| time.saturating_add(window).unwrap_or(Timestamp::MAX);
    times.retain(|time| end(*time) > now);
    if times.len() < limit {
        return None;
    }
    times.sort_unstable();
    // When so many windows have ended that one more fits.
    let over = times.len() - limit;
    Some(times.get(over).map_or(Timestamp::MAX, |time| end(*time)))
}

/// The mails with one more; those that count for nothing any more are dropped.
pub fn with_mail(mails: &[Mail], tenant: &Tenant, now: Timestamp) -> Vec<Mail> {
    let counts = |mail: &&Mail| mail.time.saturating_add(ADDRESS_WINDOW).is_ok_and(|end| end > now);
    let another = Mail { tenant: tenant.clone(), time: now };
    let all: Vec<Mail> = mails.iter().filter(counts).cloned().chain([another]).collect();
    all[all.len().saturating_sub(KEPT_MAILS)..].to_vec()
}

/// The mails without the one that was begun at `time` for this tenant and, as is known now, never sent.
pub fn without_mail(mails: &[Mail], tenant: &Tenant, time: Timestamp) -> Vec<Mail> {
    let mut left = mails.to_vec();
    if let Some(place) = left.iter().rposition(|mail| mail.tenant == *tenant && mail.time == time) {
        left.remove(place);
    }
    left
}

/// The declines with this one in place of the tenant's former one; what is over is dropped.
pub fn with_decline(declines: &[Decline], decline: Decline, now: Timestamp) -> Vec<Decline> {
    let mut all: Vec<Decline> = without_decline(declines, &decline.tenant);
    all.retain(|other| other.until_time > now);
    all.push(decline);
    all[all.len().saturating_sub(KEPT_DECLINES)..].to_vec()
}

/// The declines without a tenant's.
pub fn without_decline(declines: &[Decline], tenant: &Tenant) -> Vec<Decline> {
    declines.iter().filter(|decline| decline.tenant != *tenant).cloned().collect()
}

/// Until when this tenant may not ask.
pub fn declined_until(declines: &[Decline], tenant: &Tenant, now: Timestamp) -> Option<Timestamp> {
    let decline = declines.iter().find(|decline| decline.tenant == *tenant)?;
    (now < decline.until_time).then_some(decline.until_time)
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
