//! Whatever people, DNS, AWS and fate do, in any order: the laws of the world hold at every write, and when all is calm again
//! everything is as it should be.
//!
//! `PROPERTY_CASES` sets how many sequences are made, `PROPERTY_SEED` from which number on; a failure names both, and the
//! shortest sequence that was found.

mod acting;
mod checks;
mod steps;

use std::{fmt::Debug, pin::Pin};

use proptest::{
    collection::vec,
    strategy::Strategy,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};

use self::{acting::Stage, steps::any_step};

/// Steps of a sequence.
const LENGTH: usize = 60;
/// Sequences of a usual run.
const CASES: u32 = 150;

fn setting(name: &str) -> Option<u32> {
    std::env::var(name).ok()?.parse().ok()
}

/// Makes sequences of steps, plays each in a runtime of its own, and fails with the shortest one for which `play` names faults.
pub fn hold<S: Debug>(
    cases: u32,
    sequences: impl Strategy<Value = Vec<S>>,
    play: impl for<'s> Fn(&'s [S]) -> Pin<Box<dyn Future<Output = Vec<String>> + 's>>,
) {
    let (cases, seed) = (setting("PROPERTY_CASES").unwrap_or(cases), setting("PROPERTY_SEED").unwrap_or(1));
    let config = Config { cases, failure_persistence: None, max_shrink_time: 10_000, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(&sequences, |sequence| {
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
fn whatever_happens_in_any_order_the_laws_hold_and_calm_comes_back() {
    hold(CASES, vec(any_step(), LENGTH / 2..LENGTH + LENGTH / 2), |sequence| Box::pin(Stage::play(sequence)));
}
