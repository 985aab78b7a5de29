//! A model of Amazon SES and public DNS: their state, and the effect of calls, DNS checks and time.
//!
//! Nothing here reads a clock, opens a socket or waits. Time is an argument, and SES checks the given [`Zone`]. The
//! simulator's servers use this model, and in-memory ports of an operator can use it too.

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
