//! Random but repeatable moments at which the operator is killed.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::{SystemTime, UNIX_EPOCH},
};

use ses_simulator::Call;

/// Kills per operator.
pub const KILLS: usize = 5;
/// Operations that change something: the answer to each of them is lost once.
const WRITES: [&str; 3] = ["CreateEmailIdentity", "PutEmailIdentityDkimAttributes", "DeleteEmailIdentity"];
/// Upper bound on the calls between two kills, where a kill may follow any call.
const CALLS: usize = 6;
/// Upper bound on the polls between a call and a kill: they cover the answer, the work after it, and the next call.
const LOOKS: usize = 6;

/// The seed: from the variable, or a new one.
pub fn seed() -> anyhow::Result<u64> {
    match std::env::var("SENDER_OPERATOR_SEED") {
        Ok(text) => Ok(text.parse()?),
        Err(_) => Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs()),
    }
}

/// Random numbers from a seed.
pub struct Dice {
    seed: u64,
    rolls: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self { seed, rolls: 0 }
    }

    /// One of 0 to `below` - 1.
    fn roll(&mut self, below: usize) -> usize {
        let mut hasher = DefaultHasher::new();
        (self.seed, self.rolls).hash(&mut hasher);
        self.rolls += 1;
        usize::try_from(hasher.finish()).unwrap() % below
    }
}

/// A moment: this many calls have reached SES since the operator's start, and this many polls followed.
#[derive(Debug)]
pub struct Moment {
    /// Only calls of this operation count; `None`: all.
    pub operation: Option<&'static str>,
    pub calls: usize,
    pub looks: usize,
}

impl Moment {
    pub fn concerns(&self, call: &Call) -> bool {
        call.service == "ses" && self.operation.is_none_or(|operation| operation == call.operation)
    }
}

/// The moments of one operator, in random order.
pub fn moments(dice: &mut Dice) -> Vec<Moment> {
    let mut ordered: Vec<Moment> =
        WRITES.map(|operation| Moment { operation: Some(operation), calls: 1, looks: 0 }).into();
    while ordered.len() < KILLS {
        ordered.push(Moment { operation: None, calls: 1 + dice.roll(CALLS), looks: dice.roll(LOOKS) });
    }
    let mut shuffled = Vec::new();
    while !ordered.is_empty() {
        shuffled.push(ordered.swap_remove(dice.roll(ordered.len())));
    }
    shuffled
}
