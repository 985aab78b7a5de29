//! Which subject is reconciled next, and by whom: the schedule, its clock, and the permits to work.

pub mod permit;
pub mod schedule;
pub mod scheduler;
