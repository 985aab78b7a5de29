//! Random actions of people, DNS, AWS and failures, in any order: the invariants of the simulation hold at every write,
//! and everything converges once failures end.
//!
//! `PROPERTY_CASES` sets the number of sequences, `PROPERTY_SEED` the first seed; a failure prints both, and the
//! shortest failing sequence. `THOROUGH=1` increases this number and the other counts in these tests.

mod checks;
mod replicas;
mod scenario;
pub mod steps;

use std::{fmt, pin::Pin, time::Duration};

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};

pub use self::replicas::Replicas;
use self::{scenario::DomainScenario, steps::STEPS};
use crate::simulation::{HOUR, MINUTE, SECOND};

/// Steps of a sequence.
const LENGTH: usize = 60;

/// A kind of step: its weight among the others, its name, the number of its choices, and its action.
pub struct StepKind<S> {
    weight: u32,
    name: &'static str,
    choices: &'static [usize],
    act: fn(&mut S, [usize; 4]),
}

pub const fn kind<S>(
    weight: u32,
    name: &'static str,
    choices: &'static [usize],
    act: fn(&mut S, [usize; 4]),
) -> StepKind<S> {
    StepKind { weight, name, choices, act }
}

/// One step.
pub enum Step<S: 'static> {
    Act(&'static StepKind<S>, [usize; 4]),
    Advance(Duration),
}

impl<S> fmt::Debug for Step<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Act(kind, chosen) => write!(f, "{}{:?}", kind.name, &chosen[..kind.choices.len()]),
            Self::Advance(time) => write!(f, "Pass({time:?})"),
        }
    }
}

impl<S> Step<S> {
    /// Applies the step to a scenario. Returns the time to pass, if the step is one of time.
    pub fn act(&self, scenario: &mut S) -> Option<Duration> {
        match self {
            Self::Act(kind, chosen) => {
                (kind.act)(scenario, *chosen);
                None
            }
            Self::Advance(time) => Some(*time),
        }
    }
}

/// Any step of these, or a step of time. `weight`: the weight of the latter.
pub fn any_step<S: 'static>(kinds: &'static [StepKind<S>], weight: u32) -> impl Strategy<Value = Step<S>> {
    let acts = kinds.iter().map(|kind| {
        let chosen = any::<[usize; 4]>().prop_map(|numbers| {
            let choices = |n: usize| kind.choices.get(n).copied().unwrap_or(1);
            Step::Act(kind, [0, 1, 2, 3].map(|n| numbers[n] % choices(n)))
        });
        (kind.weight, chosen.boxed())
    });
    let times = prop_oneof![
        8 => Just(5 * SECOND),
        8 => Just(MINUTE),
        8 => Just(16 * MINUTE),
        4 => Just(HOUR),
        4 => Just(7 * HOUR),
        1 => Just(25 * HOUR),
        22 => (1..3000_u64).prop_map(Duration::from_millis),
    ];
    proptest::strategy::Union::new_weighted(acts.chain([(weight, times.prop_map(Step::Advance).boxed())]).collect())
}

/// The first value in a usual run, the second if `THOROUGH` is set.
pub fn many<T>(usual: T, thorough: T) -> T {
    if std::env::var_os("THOROUGH").is_some() { thorough } else { usual }
}

/// A number from an environment variable.
pub fn from_environment(name: &str) -> Option<u32> {
    std::env::var(name).ok()?.parse().ok()
}

/// Generates sequences of steps, plays each in its own runtime, and fails with the shortest one for which `play`
/// returns faults.
pub fn hold<S: 'static>(
    length: usize,
    step: impl Strategy<Value = Step<S>>,
    play: impl for<'s> Fn(&'s [Step<S>]) -> Pin<Box<dyn Future<Output = Vec<String>> + 's>>,
) {
    let cases = from_environment("PROPERTY_CASES").unwrap_or(many(20, 50));
    let seed = from_environment("PROPERTY_SEED").unwrap_or(1);
    let config = Config { cases, failure_persistence: None, max_shrink_time: 10_000, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(&vec(step, length / 2..length + length / 2), |sequence| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        let faults = runtime.unwrap().block_on(play(&sequence));
        if faults.is_empty() { Ok(()) } else { Err(TestCaseError::fail(faults.join("\n"))) }
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, sequence)) => {
            let steps: Vec<String> = sequence.iter().map(|step| format!("    {step:?}")).collect();
            panic!("PROPERTY_SEED={seed} PROPERTY_CASES={cases}\n{why}\n{}", steps.join("\n"))
        }
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

#[test]
fn in_any_order_of_events_the_invariants_hold_and_everything_converges() {
    hold(LENGTH, any_step(STEPS, 100), |sequence| Box::pin(DomainScenario::play(sequence)));
}
