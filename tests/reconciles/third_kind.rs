//! The engine runs any kind of subject. A third kind, which exists only here, uses the whole loop with one
//! implementation of `Subject` and one line that builds its engine.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use sender_operator::{
    cluster::{
        leadership::Term,
        store::{PendingEvent, StoreError},
    },
    controller::{
        Config, Context,
        context::ReconcileError,
        engine::Engine,
        queue::scheduler::Scheduler,
        subject::{Decision, Kept, Progress, Reconcile, Subject, SubjectObservation},
    },
    model::claim::StoredClaim,
    serve::{
        health::{Health, Heartbeat},
        metrics::Metrics,
    },
};
use tokio::time::Instant;

use crate::simulation::{MINUTE, SECOND, Simulation, lock};

/// A step of the third kind.
#[derive(Clone, Debug)]
enum Step {
    Read,
    Write,
    Fail,
    Panic,
    Hang,
}

/// What happened, with the seconds since the start of the test.
type Journal = Arc<Mutex<Vec<(u64, String)>>>;
type Script = fn(&str, u32, Timestamp) -> Decision<Step>;

/// The third kind: its script decides by the number of steps in this reconcile.
struct Note {
    scheduler: Arc<Scheduler<String>>,
    keys: Vec<String>,
    script: Script,
    journal: Journal,
    start: Instant,
}

impl Note {
    fn write_down(&self, what: String) {
        lock(&self.journal).push((self.start.elapsed().as_secs(), what));
    }
}

struct NoteObservation {
    key: String,
    steps: u32,
    progress: Progress,
}

impl SubjectObservation for NoteObservation {
    type Cache = ();

    fn claim(&self) -> Option<&StoredClaim> {
        None
    }

    fn is_gone(&self) -> bool {
        false
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }

    fn progress_mut(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn into_cache(self) {}
}

#[async_trait]
impl Subject for Note {
    type Key = String;
    type Cache = ();
    type Observation = NoteObservation;
    type Step = Step;

    const KIND: &'static str = "Note";
    const HEARTBEAT: Heartbeat = Heartbeat::Domains;

    fn scheduler(&self) -> &Scheduler<String> {
        &self.scheduler
    }

    fn all(&self) -> Vec<String> {
        self.keys.clone()
    }

    fn group(&self, key: &String) -> Arc<str> {
        key.as_str().into()
    }

    fn claim_name(&self, key: &String) -> String {
        key.clone()
    }

    fn log_name(&self, key: &String) -> String {
        key.clone()
    }

    async fn observe(&self, key: &String, kept: Kept<()>) -> Result<NoteObservation, StoreError> {
        let progress = Progress { attempts: kept.attempts, ..Progress::default() };
        Ok(NoteObservation { key: key.clone(), steps: 0, progress })
    }

    fn decide(&self, observation: &mut NoteObservation, now: Timestamp) -> Decision<Step> {
        (self.script)(&observation.key, observation.steps, now)
    }

    fn plan(&self, observation: &NoteObservation, step: &Step) -> Option<String> {
        matches!(step, Step::Write).then(|| format!("would write {}", observation.key))
    }

    async fn act(
        &self,
        observation: &mut NoteObservation,
        step: Step,
        _: &Reconcile<'_>,
    ) -> Result<(), ReconcileError> {
        observation.steps += 1;
        self.write_down(format!("{step:?} {}", observation.key));
        match step {
            Step::Read | Step::Write => Ok(()),
            Step::Fail => Err(ReconcileError::Store(StoreError::Unavailable)),
            Step::Panic => panic!("a defect of one kind"),
            Step::Hang => std::future::pending().await,
        }
    }

    async fn report(&self, observation: &NoteObservation, _: Vec<PendingEvent>, _: Term) -> Result<(), ReconcileError> {
        let (failures, plan) =
            (observation.progress.attempts.failures, observation.progress.plan.as_deref().unwrap_or("-"));
        self.write_down(format!("report {} failures={failures} plan={plan}", observation.key));
        Ok(())
    }
}

/// Runs the third kind for this long. Returns its steps, by key.
async fn run(
    keys: &[&str],
    script: Script,
    change: impl FnOnce(&mut Config),
    time: Duration,
) -> BTreeMap<String, Vec<(u64, String)>> {
    let sim = Simulation::new();
    let mut config = Simulation::settings();
    change(&mut config);
    let ports = sim.ports(&config);
    let leadership = ports.leadership.clone();
    let context = Context::new(config, ports, Health::default(), Metrics::default());
    let (journal, scheduler) = (Journal::default(), Arc::new(Scheduler::default()));
    let note = Note {
        scheduler: scheduler.clone(),
        keys: keys.iter().map(ToString::to_string).collect(),
        script,
        journal: journal.clone(),
        start: Instant::now(),
    };
    let engine = Engine::new(note, context.clone());
    let term = leadership.acquired().await;
    engine.begin_term();
    let running = tokio::spawn(async move { engine.run(1, term).await });
    tokio::time::sleep(time).await;
    context.stopping.cancel();
    scheduler.close();
    // A subject that hangs never ends.
    running.abort();
    let all = lock(&journal).clone();
    let of = |key: &str| all.iter().filter(|(_, what)| what.split(' ').any(|word| word == key)).cloned().collect();
    keys.iter().map(|key| ((*key).to_owned(), of(key))).collect()
}

fn words(happened: &[(u64, String)]) -> Vec<&str> {
    happened.iter().map(|(_, what)| what.as_str()).collect()
}

fn after(now: Timestamp, seconds: i64) -> Option<Timestamp> {
    now.checked_add(SignedDuration::from_secs(seconds)).ok()
}

#[tokio::test(start_paused = true)]
async fn steps_are_taken_one_at_a_time_until_settled_and_the_subject_comes_back_when_it_is_due() {
    let script: Script = |_, steps, now| match steps {
        0 => Decision::Act(Step::Read),
        1 => Decision::Act(Step::Write),
        _ => Decision::Settled(after(now, 60)),
    };
    let all = run(&["a"], script, |_| {}, 90 * SECOND).await;
    let once = ["Read a", "Write a", "report a failures=0 plan=-"];
    assert_eq!(words(&all["a"]), [once, once].concat());
    assert_eq!(all["a"][3].0, 60);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_reads_and_plans_and_does_not_write() {
    let script: Script = |_, steps, _| match steps {
        0 => Decision::Act(Step::Read),
        _ => Decision::Act(Step::Write),
    };
    let all = run(&["a"], script, |config| config.dry_run = true, 30 * SECOND).await;
    assert_eq!(words(&all["a"]), ["Read a", "report a failures=0 plan=would write a"]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_reported_and_retried_with_backoff() {
    let all = run(&["a"], |_, _, _| Decision::Act(Step::Fail), |_| {}, 5 * MINUTE).await;
    let reports: Vec<_> = all["a"].iter().filter(|(_, what)| what.starts_with("report")).collect();
    assert!(reports.len() >= 4, "{reports:?}");
    for (n, (_, what)) in reports.iter().enumerate() {
        assert_eq!(*what, format!("report a failures={} plan=-", n + 1));
    }
    let waits: Vec<u64> = reports.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert!(waits.last() > waits.first(), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_or_a_hang_of_one_subject_keeps_no_other_from_being_reconciled() {
    let script: Script = |key, steps, now| match (key, steps) {
        ("panics", _) => Decision::Act(Step::Panic),
        ("hangs", _) => Decision::Act(Step::Hang),
        (_, 0) => Decision::Act(Step::Write),
        _ => Decision::Settled(after(now, 600)),
    };
    let all = run(&["panics", "hangs", "works"], script, |_| {}, 10 * MINUTE).await;
    assert!(words(&all["works"]).contains(&"Write works"), "one worker serves all three");
    assert!(all["panics"].len() > 1 && all["hangs"].len() > 1, "they are retried: {all:?}");
    assert!(all["hangs"][1].0 >= 180, "a reconcile has three minutes: {all:?}");
}

#[tokio::test(start_paused = true)]
async fn steps_that_undo_each_other_end_as_a_failure() {
    let all = run(&["a"], |_, _, _| Decision::Act(Step::Write), |_| {}, SECOND / 2).await;
    let words = words(&all["a"]);
    assert!(words.len() < 30 && words.last() == Some(&"report a failures=1 plan=-"), "{words:?}");
}
