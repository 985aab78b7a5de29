//! Every write of every operator is numbered, and any of them can fail. A scenario that runs once undisturbed and then
//! once for each of its writes has a crash at every relevant point.

use std::time::Duration;

use sender_operator::controller::Config;

use super::{Operator, Simulation, failures::How, lock};

/// Pause after a crash.
const DOWNTIME: Duration = Duration::from_secs(5);
/// Longer than any wait after a failure, and than the time between two reads of an identity.
const CALM: Duration = Duration::from_mins(11);

/// Which writes fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// One, counted from 1.
    Nth(usize),
    /// All.
    Every,
}

/// The writes to the API server and to SES, in the order in which they arrived.
#[derive(Debug, Default)]
pub struct Writes {
    seen: Vec<String>,
    planned: Option<(Which, How)>,
}

impl Writes {
    /// Numbers a write. Returns how it fails.
    pub fn next(&mut self, what: String) -> Option<How> {
        self.seen.push(what);
        let (which, how) = self.planned?;
        (which == Which::Every || which == Which::Nth(self.seen.len())).then_some(how)
    }
}

impl Simulation {
    /// The write with this number, or every one, fails in this way.
    pub fn strike(&self, which: Which, how: How) {
        lock(&self.shared.writes).planned = Some((which, how));
    }

    /// All writes so far, such as `SwapClaim default.example.com`.
    pub fn numbered_writes(&self) -> Vec<String> {
        lock(&self.shared.writes).seen.clone()
    }

    /// Runs a story beside one operator for each of these settings, until all writes end. A new operator replaces one
    /// that crashes, and the story continues meanwhile: people don't wait for an operator.
    pub async fn told_to(&self, installations: &[Config], story: impl Future<Output = ()>) {
        let mut operators: Vec<Operator> = installations.iter().map(|config| self.start_as(config.clone())).collect();
        let mut story = std::pin::pin!(async {
            story.await;
            self.until_calm().await;
        });
        loop {
            let changed = self.shared.changed.notified();
            let crashed = operators.iter().position(Operator::is_dead);
            let next = async {
                match crashed {
                    Some(_) => self.advance(DOWNTIME).await,
                    None => changed.await,
                }
            };
            tokio::select! {
                () = &mut story => return,
                () = next => {}
            }
            if let Some(n) = crashed {
                operators[n] = self.start_as(installations[n].clone());
            }
        }
    }

    async fn until_calm(&self) {
        let written = || lock(&self.shared.writes).seen.len();
        loop {
            let before = written();
            self.advance(CALM).await;
            if written() == before {
                return;
            }
        }
    }
}
