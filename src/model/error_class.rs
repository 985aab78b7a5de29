//! Error classes, shared by SES, DNS and the API server, so that logs, metrics and alerts need only this small set.
//! Each port maps its errors to classes next to its error type.

/// The reaction that a reconcile error needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorClass {
    /// None: the error concerns the turn of other work, or another writer was faster.
    Wait,
    /// None: the error is transient and is retried with a growing backoff.
    Retry,
    /// A person has to fix the cause; the operator retries meanwhile.
    Stalled,
    /// A defect of the operator, or a CRD of another version; please report it.
    Bug,
}

impl ErrorClass {
    /// Metric label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Retry => "retry",
            Self::Stalled => "stalled",
            Self::Bug => "bug",
        }
    }
}
