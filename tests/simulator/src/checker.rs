//! The part of SES that checks DNS and ages identities.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::MissedTickBehavior;

use crate::backend::Backend;
use crate::core::time::plus;

/// The clock's position after a check.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Jump {
    None,
    By(SignedDuration),
    /// To this time. If it is earlier, identities do not age.
    To(Timestamp),
}

/// Checks at this interval of real time until the simulator stops.
pub(crate) async fn run(backend: &Backend, interval: Duration) {
    let mut ticks = tokio::time::interval(interval.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ticks = async {
        loop {
            ticks.tick().await;
            advance(backend, Jump::None);
        }
    };
    tokio::select! {
        () = backend.stop.cancelled() => {}
        () = ticks => {}
    }
}

/// Checks DNS for every watched identity, moves the clock, and ages all identities with the observed records.
pub(crate) fn advance(backend: &Backend, jump: Jump) {
    let zone = backend.zone();
    let mut state = backend.state();
    let before = state.clock.now();
    let after = match jump {
        Jump::None => before,
        Jump::By(span) => plus(before, span),
        Jump::To(time) => time,
    };
    state.clock.set(after);
    state.ses.advance(&zone, before.min(after), after);
}
