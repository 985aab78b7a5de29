//! Arithmetic of simulated time.

use jiff::{SignedDuration, Timestamp};

/// `time + span`, limited to the range of timestamps.
pub(crate) fn plus(time: Timestamp, span: SignedDuration) -> Timestamp {
    let limit = if span.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    time.checked_add(span).unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_beyond_the_calendar_stops_at_its_end() {
        assert_eq!(plus(Timestamp::MAX, SignedDuration::from_hours(1)), Timestamp::MAX);
        assert_eq!(plus(Timestamp::MIN, SignedDuration::from_hours(-1)), Timestamp::MIN);
    }
}
