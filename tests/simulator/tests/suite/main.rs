//! The simulator as its clients see it: the real AWS SDK, a real resolver, and plain HTTP.

// Helpers outside #[test] functions may fail the test too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod control;
mod dns;
mod faults;
mod life_cycle;
mod mailbox;
mod operations;
mod other;
mod page;
mod program;
mod refused_mail;
mod scanners;
mod sending;
mod structure;
mod throttling;
