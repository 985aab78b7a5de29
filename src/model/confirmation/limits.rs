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
        let sorted = |mails: &mut dyn Iterator<Item = Timestamp>| {
            let mut times: Vec<Timestamp> = mails.collect();
            times.sort_unstable();
            times
        };
        let times = |mails: &mut dyn Iterator<Item = Counted<'a>>| sorted(&mut mails.map(|counted| counted.mail.time));
        let windows = [
            (Limit::Address, self.address, ADDRESS_WINDOW, sorted(&mut own.iter().map(|mail| mail.time))),
            (Limit::Tenant, self.tenant, WINDOW, times(&mut all.clone().filter(|one| one.mail.tenant == *tenant))),
            (Limit::Domain, self.domain, WINDOW, times(&mut all.clone().filter(|one| one.domain == domain))),
            (Limit::All, self.all, WINDOW, times(&mut all.clone())),
        ];
        let (mut at, mut last) = (now, None);
        // Each turn moves `at` to the end of a counted window, so this ends.
        while let Some((limit, end)) = windows
            .iter()
            .find_map(|(limit, most, window, times)| Some((*limit, blocked_until(*most, *window, times, at)?)))
        {
            (at, last) = (end, Some(limit));
            if at == Timestamp::MAX {
                break;
            }
        }
        last.map_or(Ok(()), |limit| Err((limit, at)))
    }
}

/// `None`: one more email at `at` keeps every window within `most`. Otherwise the next time at which that may change.
/// `times`: sorted; those after `at` are reserved.
fn blocked_until(most: usize, window: SignedDuration, times: &[Timestamp], at: Timestamp) -> Option<Timestamp> {
    if most == 0 {
        return Some(Timestamp::MAX);
    }
    let end = |time: Timestamp| time.saturating_add(window).unwrap_or(Timestamp::MAX);
    // Emails whose window has ended at this time.
    let over = |time: Timestamp| times.partition_point(|other| end(*other) <= time);
    let until = |time: Timestamp| times.partition_point(|other| *other <= time);
    // The windows that would contain the email: the one that ends now, and those that end with a reserved time.
    let mut ends = std::iter::once(at).chain(times[until(at)..].iter().copied().take_while(|time| *time < end(at)));
    let full = ends.any(|time| until(time).saturating_sub(over(time)) >= most);
    full.then(|| times.get(over(at)).map_or(Timestamp::MAX, |time| end(*time)))
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
