//! Building a status's conditions: one setter that keeps the rules of `metav1.Condition`.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::reasons::Reason;

/// Status of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It is not known.
    Unknown,
}

impl ConditionStatus {
    /// As `metav1.Condition` spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

/// What is said by one condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionValue {
    /// Whether it holds.
    pub status: ConditionStatus,
    /// Why.
    pub reason: Reason,
    /// For a person: what happened, to what, what to do next. Stable: no ids, times or counters.
    pub message: String,
}

impl ConditionValue {
    /// It holds.
    pub fn yes(reason: Reason, message: impl Into<String>) -> Self {
        Self { status: ConditionStatus::True, reason, message: message.into() }
    }

    /// It does not hold.
    pub fn no(reason: Reason, message: impl Into<String>) -> Self {
        Self { status: ConditionStatus::False, reason, message: message.into() }
    }

    /// It is not known.
    pub fn unknown(reason: Reason, message: impl Into<String>) -> Self {
        Self { status: ConditionStatus::Unknown, reason, message: message.into() }
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.status == ConditionStatus::True
    }
}

/// Condition types with their values, in the order of the status.
pub type ConditionValues = Vec<(&'static str, ConditionValue)>;

/// The values with `Ready`, and with `Stalled` or `Reconciling` where they hold (kstatus).
pub fn with_summary(mut values: ConditionValues, ready: ConditionValue) -> ConditionValues {
    let extra = if ready.reason.stalls() { "Stalled" } else { "Reconciling" };
    let has_extra = !ready.holds() && !ready.reason.is_quiet();
    let summary = ConditionValue::yes(ready.reason, ready.message.clone());
    values.push(("Ready", ready));
    values.extend(has_extra.then_some((extra, summary)));
    values
}

/// Turns statements into conditions, in their order. A transition time moves only when the status changes; it has
/// whole seconds, which is what survives the API server.
pub fn build(
    values: &[(&str, ConditionValue)],
    previous: &[Condition],
    generation: i64,
    now: Timestamp,
) -> Vec<Condition> {
    values
        .iter()
        .map(|(type_, value)| {
            let before = previous.iter().find(|c| c.type_ == *type_ && c.status == value.status.as_str());
            Condition {
                type_: (*type_).to_owned(),
                status: value.status.as_str().to_owned(),
                reason: value.reason.as_str().to_owned(),
                message: value.message.clone(),
                observed_generation: Some(generation),
                last_transition_time: before.map_or(Time(now), |c| c.last_transition_time.clone()),
            }
        })
        .collect()
}

/// Whether a condition of this type is `True`.
pub fn is_true(conditions: &[Condition], type_: &str) -> bool {
    conditions.iter().any(|c| c.type_ == type_ && c.status == "True")
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_transition_time_moves_with_the_status_alone() {
        let first = Timestamp::UNIX_EPOCH;
        let later = first + SignedDuration::from_secs(60);
        let before = build(&[("Ready", ConditionValue::no(Reason::Pending, "a"))], &[], 1, first);
        let same = build(&[("Ready", ConditionValue::no(Reason::RecordsMissing, "b"))], &before, 2, later);
        assert_eq!((same[0].last_transition_time.0, same[0].observed_generation), (first, Some(2)));
        let changed = build(&[("Ready", ConditionValue::yes(Reason::Ready, "c"))], &same, 2, later);
        assert_eq!(changed[0].last_transition_time.0, later);
    }
}
