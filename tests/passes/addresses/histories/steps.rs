//! What can happen to addresses.

use sender_operator::{
    model::{
        confirmation::answering::Act,
        orders::{APPROVE_ADDRESS, FORCE_RELEASE, Verb},
    },
    ses::SesError,
};

use super::stage::Stage;
use crate::{
    properties::{Kind, kind, steps::store_fails},
    setup::DOMAIN,
    world::{How, Sending, SesCall, StoreCall, address_claim_name},
};

/// A domain, and one above it.
pub const DOMAINS: [&str; 2] = ["mail.example.com", DOMAIN];
/// Namespaces, each of the tenant of its name. None means anything in any text.
pub const NAMESPACES: [&str; 2] = ["quartz", "basalt"];
/// Addresses at each of the domains.
pub const ADDRESSES: [&str; 3] = ["a@mail.example.com", "b@mail.example.com", "c@example.com"];
/// What the owner does: mostly what helps.
const ACTS: [Act; 8] = {
    use Act::{Confirm, Decline, Undo, Withdraw};
    [Confirm, Confirm, Confirm, Confirm, Decline, Decline, Undo, Withdraw]
};

const N: usize = NAMESPACES.len();
const D: usize = DOMAINS.len();
const A: usize = ADDRESSES.len();

/// An object that asks for an address. Of five one is a second one of its tenant.
fn object(namespace: usize, address: usize, second: usize) -> String {
    format!("{}/a{address}{}", NAMESPACES[namespace], if second == 4 { "-too" } else { "" })
}

fn domain_object(namespace: usize, domain: usize) -> String {
    format!("{}/d{domain}", NAMESPACES[namespace])
}

pub static STEPS: &[Kind<Stage>] = &[
    kind(40, "Ask", &[N, A, 5], |stage, [namespace, address, second, _]| {
        let name = object(namespace, address, second);
        if !stage.world.asks(&name) {
            stage.world.ask(&name, ADDRESSES[address]);
        }
    }),
    kind(16, "StopAsking", &[N, A, 5], |stage, [namespace, address, second, _]| {
        let name = object(namespace, address, second);
        if stage.world.asks(&name) {
            stage.world.stop_asking(&name);
        }
    }),
    kind(24, "Resend", &[N, A, 3], |stage, [namespace, address, value, _]| {
        let name = object(namespace, address, 0);
        if stage.world.asks(&name) {
            stage.wishes += usize::from(value > 0);
            stage.world.resend(&name, &stage.wishes.to_string());
        }
    }),
    // The owner uses the newest mail but so many.
    kind(40, "Click", &[A, 3, ACTS.len()], |stage, [address, but, act, _]| {
        if let Some(mailed) = stage.world.mails_to(ADDRESSES[address]).iter().rev().nth(but) {
            stage.world.click_link(&mailed.link(), ACTS[act]);
        }
    }),
    kind(20, "Apply", &[N, D], |stage, [namespace, domain, ..]| {
        if !stage.world.exists(&domain_object(namespace, domain)) {
            stage.world.apply(&domain_object(namespace, domain), DOMAINS[domain]);
            stage.world.prove_everything(&NAMESPACES, &DOMAINS);
        }
    }),
    kind(10, "Delete", &[N, D], |stage, [namespace, domain, ..]| {
        if stage.world.exists(&domain_object(namespace, domain)) {
            stage.world.delete(&domain_object(namespace, domain));
            stage.world.prove_everything(&NAMESPACES, &DOMAINS);
        }
    }),
    kind(5, "Suspend", &[N, D, 2], |stage, [namespace, domain, suspend, _]| {
        if stage.world.exists(&domain_object(namespace, domain)) {
            stage.world.edit(&domain_object(namespace, domain), |spec| spec.suspend = Some(suspend == 1));
        }
    }),
    kind(5, "Transfer", &[N, D], |stage, [namespace, domain, ..]| {
        stage.world.order(DOMAINS[domain], Verb::Transfer, &format!("tenant/{}", NAMESPACES[namespace]));
    }),
    kind(2, "ForceReleaseDomain", &[D], |stage, [domain, ..]| {
        stage.world.order(DOMAINS[domain], Verb::ForceRelease, "abuse");
    }),
    kind(2, "EndForceReleaseDomain", &[D], |stage, [domain, ..]| {
        stage.world.withdraw(DOMAINS[domain], Verb::ForceRelease);
    }),
    kind(6, "ForceRelease", &[A, 2], |stage, [address, stands, ..]| {
        stage.annotate(address, FORCE_RELEASE, if stands == 1 { "abuse" } else { "" });
    }),
    kind(6, "Approve", &[A], |stage, [address, ..]| stage.annotate(address, APPROVE_ADDRESS, "no mailbox")),
    kind(3, "RemoveClaim", &[A], |stage, [address, ..]| {
        // With it goes what was counted: nobody's limit can be held to.
        let uncounted = stage.world.mails_to(ADDRESSES[address]).is_empty();
        if uncounted && stage.world.address_claim(ADDRESSES[address]).is_some() {
            stage.world.remove_claim(&address_claim_name(ADDRESSES[address]));
        }
    }),
    kind(10, "SendFails", &[6, 3], |stage, [how, times, ..]| {
        let rejected = SesError::Rejected { code: "MessageRejected".to_owned() };
        let (how, error) = match how {
            0 => (How::Refused, rejected),
            1 => (How::Refused, SesError::Throttled),
            2 => (How::Refused, SesError::Unreachable),
            3 => (How::AnswerLost, SesError::Server),
            4 => (How::Silent, SesError::Unreachable),
            _ => (How::AnswerLost, SesError::Unreachable),
        };
        stage.world.fail_ses(SesCall::Send, how, &error, times + 1);
    }),
    kind(8, "StoreFails", &[StoreCall::ALL.len(), 3, 3], |stage, chosen| store_fails(&stage.world, chosen)),
    kind(3, "Paused", &[2], |stage, [paused, ..]| {
        stage.world.set_sending(Sending { production: true, paused: paused == 1 });
    }),
    kind(5, "Heal", &[], |stage, _| stage.world.heal()),
    kind(5, "Restart", &[], |stage, _| stage.replicas.restart(&stage.world)),
    kind(5, "OtherLeads", &[], |stage, _| stage.replicas.change_leader()),
];
