//! Whole reconciles of the real controller over in-memory ports on paused time: weeks pass in milliseconds, and nothing
//! depends on the speed of the machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers may fail the test too")]

mod addresses;
mod attacks;
mod crashes;
mod drift;
mod environments;
mod faults;
mod fixtures;
mod foreign;
mod guards;
mod leadership;
mod life;
mod outages;
mod ownership_change;
mod proofs;
mod properties;
mod quiet;
mod race;
mod races;
mod records;
mod release;
mod retain;
mod rush;
mod setup;
mod simulation;
mod suspend;
mod sweep;
mod tenants;
mod third_kind;
mod throttling;
mod verification;
