//! The condition `DomainReady`.

use crate::{
    api::{conditions::Said, reasons::Reason},
    controller::address::observe::observation::{Claimant, Observation},
    model::coverage::Cover,
};

/// Whether the domain of the address is held by the claimant's tenant, and Ready.
pub fn domain_ready(seen: &Observation, claimant: &Claimant) -> Said {
    let domain = seen.address.domain();
    match seen.suffixes.cover(&claimant.asker.tenant) {
        Cover::Missing => Said::no(
            Reason::DomainMissing,
            format!("No tenant holds {domain} or a domain above it. Apply a SenderDomain for {domain}."),
        ),
        Cover::AnotherTenant(domain) => Said::no(
            Reason::DomainOwnedByAnotherTenant,
            format!(
                "Another tenant owns {domain}, and only that tenant can send from its addresses. Use an address at a domain of this tenant."
            ),
        ),
        Cover::Own { under, taken: true, .. } => Said::no(
            Reason::DomainReleasing,
            format!("An administrator took {domain} from this tenant. Ask your administrator.", domain = under.domain),
        ),
        Cover::Own { under, releasing: true, .. } => Said::no(
            Reason::DomainReleasing,
            format!("The SenderDomain for {domain} was deleted. Apply it again to continue.", domain = under.domain),
        ),
        Cover::Own { under, .. } if seen.domain_suspended => Said::no(
            Reason::DomainNotReady,
            format!(
                "The SenderDomain for {domain} is suspended. Set its spec.suspend to false.",
                domain = under.domain
            ),
        ),
        Cover::Own { under, verified: false, .. } => Said::no(
            Reason::DomainNotReady,
            format!("The SenderDomain for {domain} is not Ready. Its status shows the cause.", domain = under.domain),
        ),
        Cover::Own { under, .. } => Said::yes(
            Reason::Ready,
            format!("This tenant holds {domain}, and the domain is Ready.", domain = under.domain),
        ),
    }
}
