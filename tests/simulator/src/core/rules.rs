//! Differences between accounts, and behavior that AWS does not define.

use super::account::dkim_tokens;

/// Computes the DKIM tokens of a domain from account id, region and domain.
pub type Tokens = fn(&str, &str, &str) -> Vec<String>;

/// Settings of an SES account. The defaults are SES's own limits.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The AWS account id, 12 digits.
    pub account: String,
    pub region: String,
    /// Management calls per second for all clients together; `None` disables throttling.
    pub rate: Option<f64>,
    /// Number of calls that pass at once after a pause.
    pub burst: f64,
    /// Whether sending is limited to the rate in `GetAccount`.
    pub throttle_sending: bool,
    /// Whether `PutEmailIdentityDkimSigningAttributes` restarts a failed verification. AWS does not document it.
    pub restart_works: bool,
    /// Whether a repeated association of a resource with its tenant is refused.
    pub duplicate_association_fails: bool,
    /// Maximum number of identities (SES quotas page: 10,000).
    pub max_identities: usize,
    /// Maximum number of tenants (AWS SES Developer Guide, "Tenants": 10,000).
    pub max_tenants: usize,
    /// Computes the tokens: a domain that is deleted and created again has the same ones.
    pub tokens: Tokens,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            account: "123456789012".to_owned(),
            region: "eu-central-1".to_owned(),
            rate: Some(1.0),
            burst: 1.0,
            throttle_sending: true,
            restart_works: true,
            duplicate_association_fails: true,
            max_identities: 10_000,
            max_tenants: 10_000,
            tokens: dkim_tokens,
        }
    }
}
