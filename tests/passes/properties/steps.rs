//! What can happen.

use std::time::Duration;

use proptest::prelude::*;

use crate::world::{HOUR, MINUTE, SECOND};

/// A domain, and one above it; one in a zone that the administrator gave away.
pub const DOMAINS: [&str; 3] = ["mail.example.com", "example.com", "shop.corp.example"];
/// Namespaces. The last one has no tenant's label: it is a tenant itself, as long as it lives.
pub const NAMESPACES: [&str; 4] = ["quartz-ns", "basalt-ns", "garnet-ns", "zircon-ns"];
/// Tenants as labels, which may change.
pub const TENANTS: [&str; 3] = ["quartz-co", "basalt-co", "garnet-co"];

/// One thing that happens. Numbers choose among what there is.
#[derive(Clone, Debug)]
pub enum Step {
    Apply { namespace: usize, domain: usize, retain: bool, adopt: bool },
    Delete { namespace: usize, domain: usize },
    Suspend { namespace: usize, domain: usize, suspend: bool },
    Label { namespace: usize, tenant: usize },
    MoveAway { namespace: usize, away: bool },
    RemakeNamespace { namespace: usize },
    Prove { tenant: usize, domain: usize },
    Unprove { domain: usize },
    Publish { domain: usize },
    Unpublish { domain: usize },
    ResolverFails { how: usize },
    SesFails { call: usize, how: usize, times: usize },
    StoreFails { call: usize, how: usize, times: usize },
    Heal,
    Restart,
    OtherLeads,
    HoldWatches,
    ReleaseWatches,
    ForceRelease { domain: usize, stands: bool },
    Transfer { domain: usize, tenant: Option<usize> },
    ApproveNamespace { domain: usize, namespace: usize },
    ApproveRelease { domain: usize, approved: bool },
    MadeByHand { domain: usize, tagged: bool },
    DeletedByHand { domain: usize },
    SetUpByHand { domain: usize },
    Pass(Duration),
}

/// Any step. Those by which a domain changes hands come often.
pub fn any_step() -> impl Strategy<Value = Step> {
    let (domain, namespace, tenant) = (0..DOMAINS.len(), 0..NAMESPACES.len(), 0..=TENANTS.len());
    let both = (namespace.clone(), domain.clone());
    let (bool, failing) = (any::<bool>(), (0..40_usize, 0..3_usize, 1..4_usize));
    let asking = prop_oneof![
        4 => (both.clone(), bool, bool).prop_map(|((namespace, domain), retain, adopt)| Step::Apply { namespace, domain, retain: retain && adopt, adopt }),
        2 => both.clone().prop_map(|(namespace, domain)| Step::Delete { namespace, domain }),
        1 => (both, bool).prop_map(|((namespace, domain), suspend)| Step::Suspend { namespace, domain, suspend }),
        1 => (namespace.clone(), tenant.clone()).prop_map(|(namespace, tenant)| Step::Label { namespace, tenant }),
        1 => (namespace.clone(), bool).prop_map(|(namespace, away)| Step::MoveAway { namespace, away }),
        1 => namespace.clone().prop_map(|namespace| Step::RemakeNamespace { namespace }),
    ];
    let dns = prop_oneof![
        4 => (tenant.clone(), domain.clone()).prop_map(|(tenant, domain)| Step::Prove { tenant, domain }),
        2 => domain.clone().prop_map(|domain| Step::Unprove { domain }),
        3 => domain.clone().prop_map(|domain| Step::Publish { domain }),
        1 => domain.clone().prop_map(|domain| Step::Unpublish { domain }),
    ];
    let failures = prop_oneof![
        1 => (0..3_usize).prop_map(|how| Step::ResolverFails { how }),
        2 => failing.clone().prop_map(|(call, how, times)| Step::SesFails { call, how, times }),
        1 => failing.prop_map(|(call, how, times)| Step::StoreFails { call, how, times }),
        2 => Just(Step::Heal),
        2 => Just(Step::Restart),
        2 => Just(Step::OtherLeads),
        1 => Just(Step::HoldWatches),
        2 => Just(Step::ReleaseWatches),
    ];
    let orders = prop_oneof![
        2 => (domain.clone(), bool).prop_map(|(domain, stands)| Step::ForceRelease { domain, stands }),
        2 => (domain.clone(), proptest::option::of(tenant)).prop_map(|(domain, tenant)| Step::Transfer { domain, tenant }),
        2 => (domain.clone(), namespace).prop_map(|(domain, namespace)| Step::ApproveNamespace { domain, namespace }),
        1 => (domain.clone(), bool).prop_map(|(domain, approved)| Step::ApproveRelease { domain, approved }),
    ];
    let strangers = prop_oneof![
        1 => (domain.clone(), bool).prop_map(|(domain, tagged)| Step::MadeByHand { domain, tagged }),
        1 => domain.clone().prop_map(|domain| Step::DeletedByHand { domain }),
        1 => domain.prop_map(|domain| Step::SetUpByHand { domain }),
    ];
    let times = prop_oneof![
        8 => Just(5 * SECOND),
        8 => Just(MINUTE),
        8 => Just(16 * MINUTE),
        4 => Just(HOUR),
        4 => Just(7 * HOUR),
        1 => Just(25 * HOUR),
    ];
    let quickly = (1..3000_u64).prop_map(|millis| Step::Pass(Duration::from_millis(millis)));
    prop_oneof![5 => asking, 4 => dns, 2 => failures, 1 => orders, 1 => strangers, 3 => times.prop_map(Step::Pass), 2 => quickly]
}
