//! The condition `DomainReady`.

use crate::{
    api::{conditions::Said, reasons::Reason},
    controller::address::observe::observation::{Claimant, Observation},
    model::coverage::Cover,
};

/// Whether the domain of the address is held by the claimant's tenant, and Ready.
pub fn domain_ready(seen: &Observation, claimant: &Claimant) -> Said {
    let at = seen.address.domain();
    match seen.suffixes.cover(&claimant.asker.tenant) {
        Cover::Missing => Said::no(
            Reason::DomainMissing,
            format!(
                "Nobody holds {at} or a domain above it. Apply a SenderDomain for {at}; this goes on when it is held."
            ),
        ),
        Cover::AnotherTenant(domain) => Said::no(
            Reason::DomainOwnedByAnotherTenant,
            format!(
                "{domain} is owned by another tenant. Only that tenant can send from its addresses; this is looked at again when that changes."
            ),
        ),
        Cover::Own { under, taken: true, .. } => Said::no(
            Reason::DomainReleasing,
            format!("An administrator took {} from this tenant. Ask your administrator.", under.domain),
        ),
        Cover::Own { under, releasing: true, .. } => Said::no(
            Reason::DomainReleasing,
            format!("The SenderDomain for {} was deleted. Apply it again to go on.", under.domain),
        ),
        Cover::Own { under, .. } if seen.domain_suspended => {
            Said::no(Reason::DomainNotReady, format!("The SenderDomain for {} is suspended.", under.domain))
        }
        Cover::Own { under, verified: false, .. } => Said::no(
            Reason::DomainNotReady,
            format!("The SenderDomain for {} is not Ready: its status says what is missing.", under.domain),
        ),
        Cover::Own { under, .. } => {
            Said::yes(Reason::Ready, format!("{} is held by this tenant and Ready.", under.domain))
        }
    }
}
