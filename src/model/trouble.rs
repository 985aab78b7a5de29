//! What a failure asks for: one small set for SES, DNS and the API server, so that logs, metrics and alerts need to know no
//! more. Each port has its table from error to class beside its errors.

/// Who can do something about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Nobody has to: it is about somebody else's turn, or somebody else was faster.
    Wait,
    /// It passes by itself; tried again after a wait that grows.
    Retry,
    /// A person has to put something right; tried again meanwhile.
    Stalled,
    /// A defect of the operator, or a CRD of another version; please report it.
    Bug,
}

impl Class {
    /// Label for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Retry => "retry",
            Self::Stalled => "stalled",
            Self::Bug => "bug",
        }
    }
}
