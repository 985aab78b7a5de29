//! The possible steps on addresses.

use sender_operator::{
    model::{
        admin_annotations::{APPROVE_ADDRESS, ActionKind, FORCE_RELEASE},
        confirmation::answer::Act,
    },
    ses::SesError,
};

use super::scenario::AddressScenario;
use crate::{
    properties::{StepKind, kind, steps::store_fails},
    setup::DOMAIN,
    simulation::{How, Sending, SesCall, StoreCall, address_claim_name},
};

/// A domain, and its parent.
pub const DOMAINS: [&str; 2] = ["mail.example.com", DOMAIN];
/// Namespaces, each of the tenant with the same name. The names occur in no other text.
pub const NAMESPACES: [&str; 2] = ["quartz", "basalt"];
/// Addresses at each of the domains.
pub const ADDRESSES: [&str; 3] = ["a@mail.example.com", "b@mail.example.com", "c@example.com"];
/// Actions of the owner, mostly confirmations.
const ACTS: [Act; 8] = {
    use Act::{Confirm, Decline, Undo, Withdraw};
    [Confirm, Confirm, Confirm, Confirm, Decline, Decline, Undo, Withdraw]
};

const N: usize = NAMESPACES.len();
const D: usize = DOMAINS.len();
const A: usize = ADDRESSES.len();

/// An object that claims an address. One in five is a second object of its tenant.
fn object(namespace: usize, address: usize, second: usize) -> String {
    format!("{}/a{address}{}", NAMESPACES[namespace], if second == 4 { "-too" } else { "" })
}

fn domain_object(namespace: usize, domain: usize) -> String {
    format!("{}/d{domain}", NAMESPACES[namespace])
}

pub static STEPS: &[StepKind<AddressScenario>] = &[
    kind(40, "Ask", &[N, A, 5], |scenario, [namespace, address, second, _]| {
        let name = object(namespace, address, second);
        if !scenario.sim.asks(&name) {
            scenario.sim.ask(&name, ADDRESSES[address]);
        }
    }),
    kind(16, "StopAsking", &[N, A, 5], |scenario, [namespace, address, second, _]| {
        let name = object(namespace, address, second);
        if scenario.sim.asks(&name) {
            scenario.sim.stop_asking(&name);
        }
    }),
    kind(24, "Resend", &[N, A, 3], |scenario, [namespace, address, value, _]| {
        let name = object(namespace, address, 0);
        if scenario.sim.asks(&name) {
            scenario.requests += usize::from(value > 0);
            scenario.sim.resend(&name, &scenario.requests.to_string());
        }
    }),
    // The owner uses a mail, counted back from the newest one.
    kind(40, "Click", &[A, 3, ACTS.len()], |scenario, [address, but, act, _]| {
        if let Some(mailed) = scenario.sim.mails_to(ADDRESSES[address]).iter().rev().nth(but) {
            scenario.sim.click_link(&mailed.link(), ACTS[act]);
        }
    }),
    kind(20, "Apply", &[N, D], |scenario, [namespace, domain, ..]| {
        if !scenario.sim.exists(&domain_object(namespace, domain)) {
            scenario.sim.apply(&domain_object(namespace, domain), DOMAINS[domain]);
            scenario.sim.prove_everything(&NAMESPACES, &DOMAINS);
        }
    }),
    kind(10, "Delete", &[N, D], |scenario, [namespace, domain, ..]| {
        if scenario.sim.exists(&domain_object(namespace, domain)) {
            scenario.sim.delete(&domain_object(namespace, domain));
            scenario.sim.prove_everything(&NAMESPACES, &DOMAINS);
        }
    }),
    kind(5, "Suspend", &[N, D, 2], |scenario, [namespace, domain, suspend, _]| {
        if scenario.sim.exists(&domain_object(namespace, domain)) {
            scenario.sim.edit(&domain_object(namespace, domain), |spec| spec.suspend = Some(suspend == 1));
        }
    }),
    kind(5, "Transfer", &[N, D], |scenario, [namespace, domain, ..]| {
        scenario.sim.request_action(
            DOMAINS[domain],
            ActionKind::Transfer,
            &format!("tenant/{}", NAMESPACES[namespace]),
        );
    }),
    kind(2, "ForceReleaseDomain", &[D], |scenario, [domain, ..]| {
        scenario.sim.request_action(DOMAINS[domain], ActionKind::ForceRelease, "abuse");
    }),
    kind(2, "EndForceReleaseDomain", &[D], |scenario, [domain, ..]| {
        scenario.sim.withdraw(DOMAINS[domain], ActionKind::ForceRelease);
    }),
    kind(6, "ForceRelease", &[A, 2], |scenario, [address, stands, ..]| {
        scenario.annotate(address, FORCE_RELEASE, if stands == 1 { "abuse" } else { "" });
    }),
    kind(6, "Approve", &[A], |scenario, [address, ..]| scenario.annotate(address, APPROVE_ADDRESS, "no mailbox")),
    kind(3, "RemoveClaim", &[A], |scenario, [address, ..]| {
        // The counters are deleted with it, so no limit can hold.
        let uncounted = scenario.sim.mails_to(ADDRESSES[address]).is_empty();
        if uncounted && scenario.sim.address_claim(ADDRESSES[address]).is_some() {
            scenario.sim.remove_claim(&address_claim_name(ADDRESSES[address]));
        }
    }),
    kind(10, "SendFails", &[6, 3], |scenario, [how, times, ..]| {
        let rejected = SesError::Rejected { code: "MessageRejected".to_owned() };
        let (how, error) = match how {
            0 => (How::Refused, rejected),
            1 => (How::Refused, SesError::Throttled),
            2 => (How::Refused, SesError::Unreachable),
            3 => (How::AnswerLost, SesError::Server),
            4 => (How::Silent, SesError::Unreachable),
            _ => (How::AnswerLost, SesError::Unreachable),
        };
        scenario.sim.fail_ses(SesCall::Send, how, &error, times + 1);
    }),
    kind(8, "StoreFails", &[StoreCall::ALL.len(), 3, 3], |scenario, chosen| store_fails(&scenario.sim, chosen)),
    kind(3, "Paused", &[2], |scenario, [paused, ..]| {
        scenario.sim.set_sending(Sending { production: true, paused: paused == 1 });
    }),
    kind(5, "Heal", &[], |scenario, _| scenario.sim.heal()),
    kind(5, "Restart", &[], |scenario, _| scenario.replicas.restart(&scenario.sim)),
    kind(5, "OtherLeads", &[], |scenario, _| scenario.replicas.change_leader()),
];
