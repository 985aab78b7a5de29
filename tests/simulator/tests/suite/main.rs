//! The simulator as its clients see it: the real AWS SDK, a real resolver, and plain HTTP.

// Helpers outside #[test] functions may fail the test too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod addresses;
mod associations;
mod common;
mod configuration_sets;
mod control;
mod dns;
mod faults;
mod identities;
mod life_cycle;
mod listing;
mod mail_from;
mod mailbox;
mod other;
mod page;
mod policies;
mod program;
mod refused_mail;
mod scanners;
mod sending;
mod tags;
mod tenants;
mod throttling;
