//! Each call to SES that a domain needs × each kind of failure, three times in a row: nothing is destroyed, revoked or
//! created twice, the status has the cause, and the end is as without failures. `tests/controllers/faults.rs` tests how
//! a failure on the wire becomes one of these errors.

use sender_operator::{
    api::{domain::DeletionPolicy, reasons::EventReason},
    model::claim::State,
    ses::{RETAINED_TAG, SesError},
};

use crate::{
    setup::{ACME, DOMAIN},
    simulation::{How, SesCall, Simulation},
};

/// The domain's state when the call is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    New,
    Ready,
    Retained,
}

/// A call and its purpose.
struct Row {
    call: SesCall,
    begin: Begin,
    need: fn(&Simulation),
    /// Whether the purpose is achieved.
    met: fn(&Simulation) -> bool,
}

fn apply(sim: &Simulation) {
    sim.apply(ACME, DOMAIN);
}

fn delete(sim: &Simulation) {
    sim.delete(ACME);
}

fn ready(sim: &Simulation) -> bool {
    sim.is_saying(ACME, &["Ready True Ready"])
}

fn is_retained(sim: &Simulation) -> bool {
    sim.identity(DOMAIN).unwrap().tags.contains_key(RETAINED_TAG)
}

/// How often the call of a row has failed, and whether the last call about the domain succeeded.
fn failed(sim: &Simulation) -> (usize, bool) {
    let journal = sim.journal();
    let failed = journal.iter().filter(|call| call.error.is_some()).count();
    (failed, journal.last().is_some_and(|call| call.error.is_none()))
}

const ROWS: [Row; 8] = [
    Row { call: SesCall::Create, begin: Begin::New, need: apply, met: ready },
    Row { call: SesCall::Get, begin: Begin::New, need: apply, met: ready },
    Row { call: SesCall::Get, begin: Begin::Ready, need: |_| {}, met: |sim| failed(sim).0 >= 3 && failed(sim).1 },
    Row { call: SesCall::Delete, begin: Begin::Ready, need: delete, met: |sim| sim.identity(DOMAIN).is_none() },
    Row {
        call: SesCall::StartEasyDkim,
        begin: Begin::Ready,
        need: |sim| sim.at_ses(DOMAIN, |identity| identity.easy = false),
        met: |sim| sim.identity(DOMAIN).unwrap().easy && ready(sim),
    },
    Row {
        call: SesCall::EnableSigning,
        begin: Begin::Ready,
        need: |sim| sim.at_ses(DOMAIN, |identity| identity.signing = false),
        met: |sim| sim.identity(DOMAIN).unwrap().signing && ready(sim),
    },
    Row { call: SesCall::Tag, begin: Begin::Ready, need: delete, met: is_retained },
    Row { call: SesCall::Untag, begin: Begin::Retained, need: apply, met: |sim| !is_retained(sim) && ready(sim) },
];

/// A kind of failure and its reported reason. `None`: throttling is not a failure and is not reported.
type Failure = (How, SesError, Option<&'static str>);

fn failures() -> [Failure; 7] {
    let unavailable = Some("SesUnavailable");
    [
        (How::Refused, SesError::Unreachable, unavailable),
        (How::AnswerLost, SesError::Unreachable, unavailable),
        (How::Silent, SesError::Unreachable, unavailable),
        (How::AnswerLost, SesError::Malformed, unavailable),
        (How::Refused, SesError::Server, unavailable),
        (How::Refused, SesError::Denied { code: "AccessDeniedException".into() }, Some("AccessDenied")),
        (How::Refused, SesError::Throttled, None),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_failing_call_destroys_nothing_is_reported_and_is_overcome() {
    for row in &ROWS {
        for failure in failures() {
            cell(row, &failure).await;
        }
    }
}

async fn cell(row: &Row, (how, error, reason): &Failure) {
    let what = format!("{:?}: {how:?} {error:?}", row.call);
    let sim = Simulation::new();
    let operator = sim.start();
    sim.tenant("acme");
    sim.publish(DOMAIN);
    if row.begin != Begin::New {
        let policy = matches!(row.call, SesCall::Tag | SesCall::Untag).then_some(DeletionPolicy::Retain);
        sim.apply_with(ACME, DOMAIN, |spec| spec.deletion_policy = policy);
        sim.until_ready(ACME).await;
    }
    if row.begin == Begin::Retained {
        sim.delete(ACME);
        sim.until_state(DOMAIN, State::Released).await;
    }
    let before = sim.history(ACME).len();
    // Three throttled calls postpone a reconcile.
    sim.fail_ses(row.call, *how, error, if reason.is_some() { 3 } else { 9 });
    (row.need)(&sim);
    sim.until(&what, || (row.met)(&sim)).await;
    sim.heal();
    let gone = matches!(row.call, SesCall::Delete | SesCall::Tag);
    if gone {
        sim.until_state(DOMAIN, State::Released).await;
    } else {
        sim.until_ready(ACME).await;
    }
    assert_eq!(sim.created(), 1, "{what}");
    assert_eq!(sim.identity(DOMAIN).is_none(), row.call == SesCall::Delete, "{what}");

    let told = sim.history(ACME).split_off(if row.begin == Begin::Retained { before } else { 0 });
    let mut course: Vec<bool> = told.iter().map(|said| said.contains(&"Ready True Ready".to_owned())).collect();
    course.dedup();
    let drift = matches!(row.call, SesCall::StartEasyDkim | SesCall::EnableSigning);
    assert!(course == [false, true] || (drift && course == [false, true, false, true]), "{what}: Ready was {course:?}");
    assert!(told.iter().skip(1).all(|said| said[0] == "Owned True Held"), "{what}: {told:?}");

    let held_back = sim.told(EventReason::ReleaseHeldBack).len();
    let says = |line: &str| told.iter().flatten().any(|said| said.ends_with(line));
    let Some(reason) = reason else {
        let blamed = ["SesUnavailable", "AccessDenied", "LimitExceeded"].iter().any(|reason| says(reason));
        assert!(!blamed && held_back == 0 && operator.reconciles("failed") == 0, "{what}: throttling is a failure");
        let for_nothing = row.call == SesCall::Get && row.begin == Begin::Ready && sim.history(ACME).len() > before;
        return assert!(!for_nothing, "{what}: a status was written without a change");
    };
    // If a write took effect, the next read finds it done.
    let needed = matches!(row.call, SesCall::Get | SesCall::Create) || !how.has_effect();
    let said = match (gone, row.begin) {
        (true, _) => held_back > 0,
        (_, Begin::Ready) => says(reason),
        _ => says(&format!("Ready False {reason}")),
    };
    assert!(said || !needed, "{what}: not reported: {told:#?}");
}
