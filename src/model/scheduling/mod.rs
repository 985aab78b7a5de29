//! Fair scheduling, shared by all queues: groups take turns, in two lanes of unequal urgency.

pub mod fair_queue;
pub mod lanes;
