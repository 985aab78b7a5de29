//! Whatever people, DNS, AWS and fate do, in any order: the invariants of the simulation hold at every write, and when all is calm again
//! everything is as it should be.
//!
//! `PROPERTY_CASES` sets how many sequences are made, `PROPERTY_SEED` from which number on; a failure names both, and the
//! shortest sequence that was found. `THOROUGH=1` makes more of them, and of all else that is counted in these tests.

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

/// What can happen: how often among the others, its name, how many choices it has, and what it does with what was chosen.
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

/// One thing that happens.
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
    /// Acts on a scenario. The time that passes, if this step is one that lets it pass.
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

/// Any step of these, or some time. `weight`: how often time passes.
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

/// So many in a usual run, and so many where `THOROUGH` is set.
pub fn many<T>(usual: T, thorough: T) -> T {
    if std::env::var_os("THOROUGH").is_some() { thorough } else { usual }
}

/// A number that whoever runs the tests has set.
pub fn from_environment(name: &str) -> Option<u32> {
    std::env::var(name).ok()?.parse().ok()
}

/// Makes sequences of steps, plays each in a runtime of its own, and fails with the shortest one for which `play` names faults.
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
fn whatever_happens_in_any_order_the_invariants_hold_and_calm_comes_back() {
    hold(LENGTH, any_step(STEPS, 100), |sequence| Box::pin(DomainScenario::play(sequence)));
}
