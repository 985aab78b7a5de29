//! The pages and the mail as the owner of a mailbox meets them: in a real browser, over a cluster in memory.
//!
//! Chromium is driven by `ChromeDriver`. In every test the browser's log has to be empty at the end, and all that it asked for
//! has to come from the pages themselves. Without a browser the tests are skipped and say so, unless
//! `SENDER_OPERATOR_BROWSER=required`, as in CI.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and prints what it found"
)]

use sender_operator::{clock, cluster, model};

mod accessibility;
mod answers;
mod browser;
mod chromedriver;
mod codes;
mod keyboard;
mod languages;
mod log;
mod looks;
mod mail;
mod notes;
mod phone;
mod pictures;
mod site;
mod twice;
mod windows;
