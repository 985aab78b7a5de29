//! A fault at any write leads to the same end: the process dies before or after the write, the write is refused, or its
//! answer is lost. Each story runs once undisturbed, and then once for each of its writes.

mod addresses;
mod proofs;
mod stories;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::AssertUnwindSafe,
};

use futures::FutureExt;

use self::{
    addresses::ADDRESSES,
    proofs::PROOFS,
    stories::{STORIES, Story, WITH_ANOTHER},
};
use crate::{
    properties::many,
    simulation::{How, SesCall, Simulation, StoreCall, Which},
};

/// A completed story.
struct Told {
    outcome: Vec<String>,
    mails: BTreeMap<String, usize>,
    writes: Vec<String>,
    /// Calls to SES by kind, answered or not.
    calls: Vec<(SesCall, usize)>,
    /// Events, as `reason namespace/name`, sorted.
    events: Vec<String>,
}

/// The stories that complete whatever is lost. Stories with mails do not: a send is counted before it begins and an
/// attempt has only two, so a fault at each send uses them up.
fn stories_without_mails() -> impl Iterator<Item = &'static Story> {
    STORIES.iter().chain(WITH_ANOTHER).chain(PROOFS)
}

fn all_stories() -> impl Iterator<Item = &'static Story> {
    stories_without_mails().chain(ADDRESSES)
}

/// Runs a story in a new simulation.
async fn tell(story: &Story, strike: Option<(Which, How)>) -> Told {
    let sim = Simulation::new();
    if let Some((which, how)) = strike {
        sim.strike(which, how);
    }
    sim.told_to(&story.installations(), (story.tell)(&sim)).await;
    let orphans = sim.orphans();
    assert!(orphans.is_empty(), "identities without a claim: {orphans:?}\n{}", sim.picture());
    let dead = sim.dead_links();
    assert!(dead.is_empty(), "{dead:?}\n{}", sim.picture());
    let calls = SesCall::ALL.iter().map(|call| (*call, sim.ses_calls_of(*call))).collect();
    Told {
        outcome: sim.outcome(),
        mails: sim.mails_shown(),
        writes: sim.numbered_writes(),
        calls,
        events: sim.all_told(),
    }
}

/// Runs every story once for each of its writes, with this fault at the write. The usual run takes every other write,
/// from the first or the second on. All failures are listed at the end.
async fn strike_each_write(how: How, skipped: usize) {
    let mut faults = Vec::new();
    for story in all_stories() {
        let undisturbed = tell(story, None).await;
        let first = undisturbed.writes.iter().position(|write| story.is_struck_at(write)).unwrap_or(0);
        for n in (first + 1 + many(skipped, 0)..=undisturbed.writes.len()).step_by(many(2, 1)) {
            let told = tell(story, Some((Which::Nth(n), how)));
            let fault = match AssertUnwindSafe(told).catch_unwind().await {
                Ok(told) if told.writes.len() < n => Some("the write did not fail".to_owned()),
                Ok(told) => difference(&undisturbed, &told, &undisturbed.writes[n - 1]),
                Err(panic) => Some(panic.downcast_ref::<String>().cloned().unwrap_or_default()),
            };
            let write = &undisturbed.writes[n - 1];
            faults.extend(fault.map(|fault| format!("{}: {how:?} at write {n} ({write}): {fault}", story.name)));
        }
    }
    assert!(faults.is_empty(), "{} runs with another end:\n{}", faults.len(), faults.join("\n\n"));
}

/// The forbidden consequences of one fault.
fn difference(undisturbed: &Told, told: &Told, struck: &str) -> Option<String> {
    let other_end = lines_that_differ(&undisturbed.outcome, &told.outcome);
    if !other_end.is_empty() {
        return Some(other_end);
    }
    for ((call, usual), (_, made)) in undisturbed.calls.iter().zip(&told.calls).filter(|((call, _), _)| call.is_write())
    {
        // A creation without effect is repeated, and so is one with a lost answer.
        if *made > usual + 1 {
            return Some(format!("{call:?} called {made} times instead of {usual}"));
        }
    }
    // A second mail follows one with a lost answer.
    let more = |(mailbox, mails): (&String, &usize)| *mails > undisturbed.mails.get(mailbox).unwrap_or(&0) + 1;
    if told.mails.iter().any(more) {
        return Some(format!("mails: {:?} instead of {:?}", told.mails, undisturbed.mails));
    }
    // A repair that fails is reported while it fails.
    let repair = ["EnableSigning", "StartEasyDkim"].iter().any(|call| struck.starts_with(call));
    let may_be_told = |event: &str| (repair && event.starts_with("Became")) || event.starts_with("OwnerAsked");
    let more = beyond(&told.events, &undisturbed.events).into_iter().find(|event| !may_be_told(event));
    more.map(|event| format!("reported again: {event}"))
}

fn lines_that_differ(usual: &[String], other: &[String]) -> String {
    let missing = beyond(usual, other).into_iter().map(|line| format!("- {line}"));
    let new = beyond(other, usual).into_iter().map(|line| format!("+ {line}"));
    missing.chain(new).collect::<Vec<_>>().join("\n")
}

/// The items that occur more often in the list than in the other.
fn beyond<'a>(list: &'a [String], other: &[String]) -> Vec<&'a String> {
    let times = |list: &[String], line: &String| list.iter().filter(|other| *other == line).count();
    list.iter().filter(|line| times(list, line) > times(other, line)).collect()
}

#[tokio::test(start_paused = true)]
async fn the_process_may_die_before_any_write() {
    strike_each_write(How::CrashBefore, 0).await;
}

#[tokio::test(start_paused = true)]
async fn the_process_may_die_after_any_write_without_its_answer() {
    strike_each_write(How::CrashAfter, 1).await;
}

#[tokio::test(start_paused = true)]
async fn any_write_may_be_refused() {
    strike_each_write(How::Refused, 1).await;
}

#[tokio::test(start_paused = true)]
async fn the_answer_of_any_write_may_be_lost() {
    strike_each_write(How::AnswerLost, 0).await;
}

#[tokio::test(start_paused = true)]
async fn processes_that_live_for_one_write_each_and_one_that_gets_no_answers_reach_the_same_end() {
    for story in stories_without_mails() {
        let undisturbed = tell(story, None).await;
        for how in [How::CrashAfter, How::AnswerLost] {
            let told = tell(story, Some((Which::Every, how))).await;
            assert_eq!(lines_that_differ(&undisturbed.outcome, &told.outcome), "", "{} {how:?}", story.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_stories_cover_every_kind_of_write() {
    use StoreCall::{ApplyAddressStatus, ApplyStatus, CreateClaim, DeleteClaim, Notify, SwapClaim};
    let mut kinds = BTreeSet::new();
    for story in all_stories() {
        let writes = tell(story, None).await.writes.into_iter();
        kinds.extend(writes.map(|write| write.split(' ').next().unwrap_or_default().to_owned()));
    }
    let store =
        [ApplyAddressStatus, ApplyStatus, CreateClaim, DeleteClaim, Notify, SwapClaim].map(|call| format!("{call:?}"));
    let ses = SesCall::ALL.iter().filter(|call| call.is_write()).map(|call| format!("{call:?}"));
    assert_eq!(kinds, store.into_iter().chain(ses).collect());
}
