//! What can happen.

use std::time::Duration;

use proptest::prelude::*;
use sender_operator::model::confirmation::answering::Act;

use crate::world::{HOUR, MINUTE, SECOND};

/// A domain, and one above it.
pub const DOMAINS: [&str; 2] = ["mail.example.com", "example.com"];
/// Namespaces, each of the tenant of its name. None means anything in any text.
pub const NAMESPACES: [&str; 2] = ["quartz", "basalt"];
/// Addresses at each of the domains.
pub const ADDRESSES: [&str; 3] = ["a@mail.example.com", "b@mail.example.com", "c@example.com"];

/// One thing that happens. Numbers choose among what there is.
#[derive(Clone, Debug)]
pub enum Step {
    Ask {
        namespace: usize,
        address: usize,
        second: bool,
    },
    StopAsking {
        namespace: usize,
        address: usize,
        second: bool,
    },
    Resend {
        namespace: usize,
        address: usize,
        value: u8,
    },
    /// The owner uses the newest mail but so many.
    Click {
        address: usize,
        but: usize,
        act: Act,
    },
    Apply {
        namespace: usize,
        domain: usize,
    },
    Delete {
        namespace: usize,
        domain: usize,
    },
    Suspend {
        namespace: usize,
        domain: usize,
        suspend: bool,
    },
    Transfer {
        namespace: usize,
        domain: usize,
    },
    ForceReleaseDomain {
        domain: usize,
        stands: bool,
    },
    ForceRelease {
        address: usize,
        stands: bool,
    },
    Approve {
        address: usize,
    },
    RemoveClaim {
        address: usize,
    },
    SendFails {
        how: usize,
        times: usize,
    },
    StoreFails {
        call: usize,
        how: usize,
        times: usize,
    },
    Paused(bool),
    Heal,
    Restart,
    OtherLeads,
    Pass(Duration),
}

/// Any step.
pub fn any_step() -> impl Strategy<Value = Step> {
    let (namespace, domain, address) = (0..NAMESPACES.len(), 0..DOMAINS.len(), 0..ADDRESSES.len());
    let object = (namespace.clone(), address.clone(), prop::bool::weighted(0.2));
    let of_domain = (namespace, domain.clone());
    let bool = any::<bool>();
    let act =
        prop_oneof![4 => Just(Act::Confirm), 2 => Just(Act::Decline), 1 => Just(Act::Undo), 1 => Just(Act::Withdraw)];
    let asking = prop_oneof![
        5 => object.clone().prop_map(|(namespace, address, second)| Step::Ask { namespace, address, second }),
        2 => object.clone().prop_map(|(namespace, address, second)| Step::StopAsking { namespace, address, second }),
        3 => (object, 0..3_u8).prop_map(|((namespace, address, _), value)| Step::Resend { namespace, address, value }),
        5 => (address.clone(), 0..3_usize, act).prop_map(|(address, but, act)| Step::Click { address, but, act }),
    ];
    let domains = prop_oneof![
        4 => of_domain.clone().prop_map(|(namespace, domain)| Step::Apply { namespace, domain }),
        2 => of_domain.clone().prop_map(|(namespace, domain)| Step::Delete { namespace, domain }),
        1 => (of_domain.clone(), bool).prop_map(|((namespace, domain), suspend)| Step::Suspend { namespace, domain, suspend }),
        1 => of_domain.prop_map(|(namespace, domain)| Step::Transfer { namespace, domain }),
    ];
    let orders = prop_oneof![
        1 => (domain, bool).prop_map(|(domain, stands)| Step::ForceReleaseDomain { domain, stands }),
        2 => (address.clone(), bool).prop_map(|(address, stands)| Step::ForceRelease { address, stands }),
        2 => address.clone().prop_map(|address| Step::Approve { address }),
        1 => address.prop_map(|address| Step::RemoveClaim { address }),
    ];
    let failures = prop_oneof![
        4 => (0..6_usize, 1..4_usize).prop_map(|(how, times)| Step::SendFails { how, times }),
        3 => (0..40_usize, 0..3_usize, 1..4_usize).prop_map(|(call, how, times)| Step::StoreFails { call, how, times }),
        1 => bool.prop_map(Step::Paused),
        2 => Just(Step::Heal),
        2 => Just(Step::Restart),
        2 => Just(Step::OtherLeads),
    ];
    let times = prop_oneof![
        6 => Just(5 * SECOND),
        6 => Just(MINUTE),
        6 => Just(16 * MINUTE),
        4 => Just(HOUR),
        3 => Just(7 * HOUR),
        1 => Just(25 * HOUR),
        8 => (1..3000_u64).prop_map(Duration::from_millis),
    ];
    prop_oneof![6 => asking, 2 => domains, 1 => orders, 2 => failures, 5 => times.prop_map(Step::Pass)]
}
