//! Amazon SES and the world's DNS as a model: what they hold, and what each call, each look at DNS and the time that
//! passes make of it.
//!
//! Nothing here reads a clock, opens a socket or waits. Time is an argument, and SES looks at the [`Zone`] it is given.
//! The servers of the simulator stand around this model, and so may the ports of an operator in memory.

pub(crate) mod account;
pub mod api;
mod console;
pub(crate) mod dns;
pub(crate) mod faults;
pub(crate) mod lifecycle;
pub(crate) mod mail;
mod rules;
mod ses;
pub(crate) mod throttle;
pub(crate) mod time;

pub use console::NoSuch;
pub use dns::{DnsReply, Zone};
pub use rules::{Rules, Tokens};
pub use ses::Ses;
