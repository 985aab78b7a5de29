//! Why settings can't be used. Each says what to do.

/// Two settings contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistent {
    /// The table of delegations can't be used.
    #[error(
        "--delegations: {path}: {problem}\nWrite zones with lists of tenants, such as\n  corp.example.com: [tenant/it]"
    )]
    Delegations {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A template of mails can't be used.
    #[error("--mail-templates: {0}")]
    Templates(String),
    /// The logo can't be shown.
    #[error("--logo: {0}")]
    Logo(String),
    /// Calls to AWS could go on while another replica leads.
    #[error("--ses-timeout may be two thirds of --lease-duration at most: lower the one or raise the other")]
    SesTimeout,
}
