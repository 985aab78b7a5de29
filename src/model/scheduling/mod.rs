//! What every waiting room of the operator shares: groups that take turns, and two lanes of unequal urgency.

pub mod fair_queue;
pub mod lanes;
