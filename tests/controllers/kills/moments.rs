//! When the operator is killed: a matter of luck that can be repeated.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::{SystemTime, UNIX_EPOCH},
};

use ses_simulator::Call;

/// Moments for one operator.
pub const KILLS: usize = 5;
/// Operations that change something: the answer to each of them is lost once.
const WRITES: [&str; 3] = ["CreateEmailIdentity", "PutEmailIdentityDkimAttributes", "DeleteEmailIdentity"];
/// At most so many calls lie between a kill and the next one at just any call.
const CALLS: usize = 6;
/// At most so many looks lie between a call and a kill: the time of an answer, of what follows, and of the next call.
const LOOKS: usize = 6;

/// The seed: that of the variable, or a new one.
pub fn seed() -> anyhow::Result<u64> {
    match std::env::var("SENDER_OPERATOR_SEED") {
        Ok(text) => Ok(text.parse()?),
        Err(_) => Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs()),
    }
}

/// Rolls that follow from a seed.
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

/// A moment: SES has taken in so many calls since the operator's start, and so many looks at that came after them.
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
