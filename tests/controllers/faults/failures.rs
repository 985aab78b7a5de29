//! The ways in which a call to AWS may fail.

use std::time::Duration;

use ses_simulator::{Fault, FaultKind};

/// Longer than any test.
const NEVER: Duration = Duration::from_hours(1);
/// How long the operator waits for an answer, where answers don't come.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// One way.
pub struct Failure {
    /// For the table; also the world's name.
    pub name: &'static str,
    /// The fault.
    pub fault: fn() -> Fault,
    /// A write has its effect although it seems to fail.
    pub takes_effect: bool,
    /// Reason and words by which it has to be told; `None`: it is nobody's failure and must be told nowhere.
    pub told: Option<(&'static str, &'static str)>,
    /// Label of the metric.
    pub label: &'static str,
}

impl Failure {
    /// So many calls fail, one after the other. What fails three times in a row is told; then the fault is over. Three
    /// throttled calls put a pass back.
    pub fn times(&self) -> u32 {
        if self.told.is_some() { 3 } else { 9 }
    }

    /// Whether a call gets no answer in time.
    pub fn is_silence(&self) -> bool {
        self.label == "unreachable"
    }
}

/// All of them.
pub const FAILURES: [Failure; 7] = [
    Failure {
        name: "timeout",
        fault: || Fault::latency(NEVER),
        takes_effect: false,
        told: Some(("SesUnavailable", "SES could not be reached")),
        label: "unreachable",
    },
    Failure {
        name: "late-answer",
        fault: || Fault::late(NEVER),
        takes_effect: true,
        told: Some(("SesUnavailable", "SES could not be reached")),
        label: "unreachable",
    },
    Failure {
        // The operator has given up and perhaps tried again when the first call has its effect.
        name: "late-effect",
        fault: || Fault::latency(PATIENCE * 2),
        takes_effect: true,
        told: Some(("SesUnavailable", "SES could not be reached")),
        label: "unreachable",
    },
    Failure { name: "429", fault: Fault::throttled, takes_effect: false, told: None, label: "throttled" },
    Failure {
        name: "500",
        fault: Fault::internal,
        takes_effect: false,
        told: Some(("SesUnavailable", "SES reported a failure of its own")),
        label: "server",
    },
    Failure {
        name: "403",
        fault: Fault::access_denied,
        takes_effect: false,
        told: Some(("AccessDenied", "AWS refused the operator's credentials (AccessDeniedException)")),
        label: "denied",
    },
    Failure {
        name: "malformed",
        fault: || Fault::new(FaultKind::Malformed),
        takes_effect: true,
        told: Some(("SesUnavailable", "SES gave an answer that can't be read")),
        label: "malformed",
    },
];
