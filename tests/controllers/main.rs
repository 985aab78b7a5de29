//! The operator as a process against a real API server, a real DNS server and SES's wire protocol. Every party uses the
//! shipped roles: the operator as its service account, tenants as their users.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod addresses;
mod admin_actions;
mod admission;
mod conformance;
mod dns;
mod domain;
mod faults;
mod history;
mod keys;
mod kills;
mod labels;
mod leaders;
mod manifests;
mod outages;
mod runtime;
mod scope;
mod support;
