//! Every write of every operator is numbered, and the n-th one can be struck: a scenario that is told once undisturbed and
//! then again for each of its writes meets a crash everywhere that a crash can matter.

use std::time::Duration;

use sender_operator::controller::Config;

use super::{Operator, Simulation, failures::How, lock};

/// How long nothing runs after a crash.
const DOWNTIME: Duration = Duration::from_secs(5);
/// Longer than any wait after a failure, and than the time between two looks at an identity.
const CALM: Duration = Duration::from_mins(11);

/// Which writes are struck.
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
    /// Numbers a write. How it is struck.
    pub fn next(&mut self, what: String) -> Option<How> {
        self.seen.push(what);
        let (which, how) = self.planned?;
        (which == Which::Every || which == Which::Nth(self.seen.len())).then_some(how)
    }
}

impl Simulation {
    /// The write with this number fails so, or every one.
    pub fn strike(&self, which: Which, how: How) {
        lock(&self.shared.writes).planned = Some((which, how));
    }

    /// All writes so far, such as `SwapClaim default.example.com`.
    pub fn numbered_writes(&self) -> Vec<String> {
        lock(&self.shared.writes).seen.clone()
    }

    /// Tells a story while an operator of each of these settings runs, until nobody writes any more. One that crashes is
    /// followed by a new one, and the story goes on meanwhile: people don't wait for an operator.
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
