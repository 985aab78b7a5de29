//! The condition `DomainReady`.

use crate::{
    api::{conditions::ConditionValue, reasons::Reason},
    controller::address::observe::observation::{AddressResource, Observation},
    model::coverage::Cover,
};

/// Whether the domain of the address is held by the claimant's tenant, and Ready.
pub fn domain_ready(observation: &Observation, resource: &AddressResource) -> ConditionValue {
    let domain = observation.address.domain();
    match observation.suffixes.cover(&resource.claimant.tenant) {
        Cover::Missing => ConditionValue::no(
            Reason::DomainMissing,
            format!("No tenant holds {domain} or a parent domain. Apply a SenderDomain for {domain}."),
        ),
        Cover::AnotherTenant(domain) => ConditionValue::no(
            Reason::DomainOwnedByAnotherTenant,
            format!(
                "Another tenant owns {domain}, and only that tenant can send from its addresses. Use an address at a domain that this tenant holds."
            ),
        ),
        Cover::Own { domain_tenure, taken: true, .. } => ConditionValue::no(
            Reason::DomainReleasing,
            format!(
                "An administrator revoked this tenant's claim on {domain}. Ask your administrator.",
                domain = domain_tenure.domain
            ),
        ),
        Cover::Own { domain_tenure, releasing: true, .. } => ConditionValue::no(
            Reason::DomainReleasing,
            format!(
                "The SenderDomain for {domain} was deleted. Apply it again to continue.",
                domain = domain_tenure.domain
            ),
        ),
        Cover::Own { domain_tenure, .. } if observation.domain_suspended => ConditionValue::no(
            Reason::DomainNotReady,
            format!(
                "The SenderDomain for {domain} is suspended. Set its spec.suspend to false.",
                domain = domain_tenure.domain
            ),
        ),
        Cover::Own { domain_tenure, verified: false, .. } => ConditionValue::no(
            Reason::DomainNotReady,
            format!(
                "The SenderDomain for {domain} is not Ready. Its status shows the cause.",
                domain = domain_tenure.domain
            ),
        ),
        Cover::Own { domain_tenure, .. } => ConditionValue::yes(
            Reason::Ready,
            format!("This tenant holds {domain}, and the domain is Ready.", domain = domain_tenure.domain),
        ),
    }
}
