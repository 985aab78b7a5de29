//! The part of SES that looks at DNS and lets time work on identities.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::MissedTickBehavior;

use crate::backend::Backend;
use crate::core::time::plus;

/// Where the clock is to stand after a pass.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Jump {
    None,
    By(SignedDuration),
    /// At this time, which may be earlier; then no time passes for identities.
    To(Timestamp),
}

/// Passes at this interval of real time until the simulator stops.
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

/// Looks at DNS for every identity that SES still watches, moves the clock, and lets the time pass for all identities
/// with what was seen.
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
