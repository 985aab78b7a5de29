//! Two lanes, and the share of background work. Pure.
//!
//! Interactive work goes first. Aged background work gets one turn in five, so it is delayed but never starved.

use std::time::Duration;

/// Background work that has waited this long gets its share although interactive work waits.
pub const AGED: Duration = Duration::from_secs(30);
/// Interactive turns for each turn of aged background work.
const SHARE: u32 = 4;

/// Urgency of a piece of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// A person waits: a resource was just applied, changed or deleted.
    Interactive,
    /// Nobody waits: polling, refreshes, cleanup.
    Background,
}

impl Lane {
    /// Metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Background => "background",
        }
    }
}

/// Counts turns to give aged background work its share. Times are measured from the start of the process.
#[derive(Clone, Debug, Default)]
pub struct Share {
    interactive_calls: u32,
}

impl Share {
    /// Whether background work gets the next turn although interactive work waits. `oldest`: since when the oldest
    /// background work has been waiting.
    pub fn background_goes_first(&self, oldest: Option<Duration>, now: Duration) -> bool {
        self.interactive_calls >= SHARE && oldest.is_some_and(|since| now >= since + AGED)
    }

    /// Counts a turn of this lane.
    pub fn count(&mut self, lane: Lane) {
        self.interactive_calls = match lane {
            Lane::Interactive => self.interactive_calls.saturating_add(1),
            Lane::Background => 0,
        };
    }

    /// Number of turns before the aged background work that has `ahead` others of its lane before it, while interactive
    /// work waits.
    pub fn calls_before_background(&self, ahead: u32) -> u32 {
        let missing = SHARE.saturating_sub(self.interactive_calls);
        missing.saturating_add(ahead.saturating_mul(SHARE + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(interactive_calls: u32) -> Share {
        let mut share = Share::default();
        (0..interactive_calls).for_each(|_| share.count(Lane::Interactive));
        share
    }

    #[test]
    fn background_work_goes_first_once_it_has_aged_and_four_interactive_turns_have_passed() {
        let just_before = AGED.saturating_sub(Duration::from_millis(1));
        for (interactive_calls, oldest, now, expected) in [
            (4, Some(Duration::ZERO), AGED, true),
            (9, Some(Duration::ZERO), AGED, true),
            (3, Some(Duration::ZERO), AGED, false),
            (4, Some(Duration::ZERO), just_before, false),
            (4, None, AGED, false),
        ] {
            assert_eq!(after(interactive_calls).background_goes_first(oldest, now), expected, "{interactive_calls}");
        }
    }

    #[test]
    fn a_background_turn_starts_the_count_again() {
        let mut share = after(4);
        share.count(Lane::Background);
        assert!(!share.background_goes_first(Some(Duration::ZERO), AGED));
    }

    #[test]
    fn each_background_turn_comes_after_four_interactive_ones() {
        assert_eq!([0, 1, 2].map(|ahead| after(1).calls_before_background(ahead)), [3, 8, 13]);
        assert_eq!(after(9).calls_before_background(0), 0);
    }
}
