//! Fault injection: which fault applies to which call. Pure; the wire layer executes it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// An error answer. The operation takes effect only with [`Fault::after_effect`].
    Error {
        status: u16,
        /// Error code, for example `TooManyRequestsException`; goes into `x-amzn-errortype`.
        code: String,
        /// Text for people; if empty, a plausible one is used.
        #[serde(default)]
        message: String,
    },
    /// The operation and its answer are delayed by this time, in milliseconds.
    Latency(u64),
    /// The operation takes effect at once; its answer is delayed by this time, in milliseconds.
    Late(u64),
    /// The connection is closed without an answer. The operation takes effect only with [`Fault::after_effect`].
    Drop,
    /// The operation takes effect; the answer is a 200 with truncated JSON (XML).
    Malformed,
}

/// A fault, its calls, and how often it applies. Build it with the constructors and narrow it down: `Fault::error(500,
/// "InternalFailure").on("GetEmailIdentity").identity("acme.example").times(3)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    pub kind: FaultKind,
    /// Only this operation (`GetEmailIdentity`); `None`: all.
    #[serde(default)]
    pub operation: Option<String>,
    /// Only calls about this identity, and mails from this address; `None`: all.
    #[serde(default)]
    pub identity: Option<String>,
    /// Maximum number of affected calls; `None`: until cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// `(9, 10)`: the first nine of every ten matching calls are affected; `None`: all.
    #[serde(default)]
    pub share: Option<(u32, u32)>,
    /// For `Error` and `Drop`: the operation still takes effect.
    #[serde(default)]
    pub after_effect: bool,
}

impl Fault {
    /// A fault for every call until it is cleared.
    pub fn new(kind: FaultKind) -> Self {
        Self { kind, operation: None, identity: None, times: None, share: None, after_effect: false }
    }

    /// An error answer with this HTTP status and code.
    pub fn error(status: u16, code: &str) -> Self {
        Self::new(FaultKind::Error { status, code: code.to_owned(), message: String::new() })
    }

    pub fn throttled() -> Self {
        Self::error(429, "TooManyRequestsException")
    }

    pub fn access_denied() -> Self {
        Self::error(403, "AccessDeniedException")
    }

    pub fn internal() -> Self {
        Self::error(500, "InternalFailure")
    }

    pub fn unavailable() -> Self {
        Self::error(503, "ServiceUnavailable")
    }

    pub fn latency(by: Duration) -> Self {
        Self::new(FaultKind::Latency(millis(by)))
    }

    /// Immediate effect, late answer.
    pub fn late(by: Duration) -> Self {
        Self::new(FaultKind::Late(millis(by)))
    }

    pub fn dropped() -> Self {
        Self::new(FaultKind::Drop)
    }

    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    #[must_use]
    pub fn identity(mut self, identity: &str) -> Self {
        self.identity = Some(identity.to_owned());
        self
    }

    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only `struck` of every `of` matching calls.
    #[must_use]
    pub fn share(mut self, struck: u32, of: u32) -> Self {
        self.share = Some((struck, of));
        self
    }

    /// The operation takes effect although the caller sees an error or no answer.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    fn concerns(&self, operation: &str, identity: Option<&str>) -> bool {
        self.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && self.identity.as_deref().is_none_or(|wanted| identity.is_some_and(|it| it.eq_ignore_ascii_case(wanted)))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// An active fault and its counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActiveFault {
    #[serde(flatten)]
    pub fault: Fault,
    /// Number of matching calls.
    pub matched: u32,
    /// Number of affected calls.
    pub struck: u32,
}

impl ActiveFault {
    fn spent(&self) -> bool {
        self.fault.times.is_some_and(|times| self.struck >= times)
    }

    fn strike(&mut self) -> bool {
        let due = self.fault.share.is_none_or(|(struck, of)| self.matched % of.max(1) < struck);
        self.matched = self.matched.wrapping_add(1);
        let strikes = due && !self.spent();
        self.struck += u32::from(strikes);
        strikes
    }
}

/// The faults of one call: delays add up, and the oldest other fault decides the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Delay before the operation.
    pub(crate) latency: Duration,
    /// Delay after the operation.
    pub(crate) late: Duration,
    /// The fault that decides the answer.
    pub(crate) outcome: Option<Fault>,
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<ActiveFault>);

impl Faults {
    /// Adds a fault after the existing ones.
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(ActiveFault { fault, matched: 0, struck: 0 });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The active faults, without exhausted ones.
    pub(crate) fn active(&self) -> &[ActiveFault] {
        &self.0
    }

    /// Selects and counts the faults of this call.
    pub(crate) fn judge(&mut self, operation: &str, identity: Option<&str>) -> Verdict {
        let mut verdict = Verdict::default();
        for active in self.0.iter_mut().filter(|active| active.fault.concerns(operation, identity)) {
            let delays = matches!(active.fault.kind, FaultKind::Latency(_) | FaultKind::Late(_));
            if (!delays && verdict.outcome.is_some()) || !active.strike() {
                continue;
            }
            match active.fault.kind {
                FaultKind::Latency(ms) => verdict.latency += Duration::from_millis(ms),
                FaultKind::Late(ms) => verdict.late += Duration::from_millis(ms),
                _ => verdict.outcome = Some(active.fault.clone()),
            }
        }
        self.0.retain(|active| !active.spent());
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each call `(operation, identity)`: whether the fault applied.
    fn struck(fault: Fault, calls: &[(&str, Option<&str>)]) -> Vec<bool> {
        let mut faults = Faults::default();
        faults.add(fault);
        calls.iter().map(|(operation, identity)| faults.judge(operation, *identity).outcome.is_some()).collect()
    }

    #[test]
    fn a_fault_strikes_the_calls_it_names() {
        let get = ("GetEmailIdentity", Some("acme.example"));
        let other = ("GetEmailIdentity", Some("other.example"));
        let list = ("ListEmailIdentities", None);
        let fault = Fault::internal;
        let table = [
            (fault(), vec![get, other, list], vec![true, true, true], "all calls"),
            (fault().on("GetEmailIdentity"), vec![get, list, get], vec![true, false, true], "one operation"),
            (fault().identity("ACME.example"), vec![get, other, list], vec![true, false, false], "one identity"),
            (fault().times(2), vec![get, get, get], vec![true, true, false], "a number of times"),
            (
                fault().times(1).on("ListEmailIdentities"),
                vec![get, list, list],
                vec![false, true, false],
                "others do not use it up",
            ),
            (
                fault().share(2, 3),
                vec![get, get, get, get, get, get],
                vec![true, true, false, true, true, false],
                "two of three",
            ),
            (fault().share(1, 2).times(2), vec![get; 5], vec![true, false, true, false, false], "a share of times"),
            (fault().share(1, 0), vec![get], vec![true], "a share of nothing is everything"),
            (fault().times(0), vec![get], vec![false], "zero times"),
        ];
        for (fault, calls, expected, why) in table {
            assert_eq!(struck(fault, &calls), expected, "{why}");
        }
    }

    #[test]
    fn delays_add_up_and_the_first_outcome_wins() {
        let mut faults = Faults::default();
        faults.add(Fault::latency(Duration::from_millis(100)));
        faults.add(Fault::throttled().times(1));
        faults.add(Fault::dropped().times(1));
        faults.add(Fault::latency(Duration::from_millis(50)));
        faults.add(Fault::late(Duration::from_millis(7)));
        let first = faults.judge("GetAccount", None);
        assert_eq!((first.latency, first.late), (Duration::from_millis(150), Duration::from_millis(7)));
        assert_eq!(first.outcome, Some(Fault::throttled().times(1)));
        let second = faults.judge("GetAccount", None);
        assert_eq!(second.outcome, Some(Fault::dropped().times(1)), "the hidden one was not used up");
        assert_eq!(faults.active().len(), 3, "spent faults are gone");
        faults.clear();
        assert_eq!(faults.judge("GetAccount", None), Verdict::default());
    }

    #[test]
    fn a_fault_is_short_in_json() {
        let json = r#"{"kind": {"error": {"status": 500, "code": "InternalFailure"}}, "times": 3}"#;
        assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), Fault::internal().times(3));
        let json = r#"{"kind": "drop", "operation": "GetAccount", "share": [9, 10]}"#;
        assert_eq!(serde_json::from_str::<Fault>(json).unwrap(), Fault::dropped().on("GetAccount").share(9, 10));
        assert!(serde_json::from_str::<Fault>(r#"{"kind": "drop", "tims": 3}"#).is_err(), "a typo is refused");
    }
}
