//! Errors of settings. Each message shows the repair.

/// Two settings contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistent {
    /// The table of delegations is invalid.
    #[error(
        "--delegations: {path}: {problem}\nThe file maps zones to lists of tenants, such as\n  corp.example.com: [tenant/it]"
    )]
    Delegations {
        /// The file.
        path: String,
        /// The fault.
        problem: String,
    },
    /// An email template is invalid.
    #[error("--mail-templates: {0}")]
    Templates(String),
    /// The logo is invalid.
    #[error("--logo: {0}")]
    Logo(String),
    /// A call to AWS could outlast the lease of the leader.
    #[error(
        "--ses-timeout is more than two thirds of --lease-duration: lower --ses-timeout, or raise --lease-duration"
    )]
    SesTimeout,
}
