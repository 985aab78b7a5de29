//! The pages and the mail from the perspective of a mailbox owner: in a real browser, over a cluster in memory.
//!
//! `ChromeDriver` controls Chromium. In every test, the browser's log has to be empty at the end, and all its requests
//! have to go to the pages. Without a browser the tests are skipped with a message, unless
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
