//! Which subject is reconciled next, and by which worker: the schedule, its clock, and the worker permits.

pub mod permit;
pub mod schedule;
pub mod scheduler;
