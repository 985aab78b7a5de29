//! Email addresses as the operator handles them.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE32_NOPAD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::Domain;

/// Longest local part (RFC 5321 §4.5.3.1.1).
pub const MAX_LOCAL: usize = 64;
/// Bytes of the hash that identifies an address in claim names and links.
pub const HASH_BYTES: usize = 20;

/// A lower-case address: a local part of `a-z 0-9 . _ -`, an `@`, and a [`Domain`].
///
/// SES compares addresses by their very bytes, so one spelling stands for a mailbox. Tags (`+news`) are covered by the
/// base address. The custom resource refuses everything else at admission.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    local: String,
    domain: Domain,
}

/// The text is not an address that the operator supports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a lowercase email address such as sales@example.com")]
pub struct NotAnAddress(String);

impl Address {
    /// Accepts exactly the addresses that the CRD accepts.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let parts = text.split_once('@').filter(|(local, _)| is_local(local));
        let parsed = parts.and_then(|(local, domain)| Some((local.to_owned(), Domain::parse(domain).ok()?)));
        let (local, domain) = parsed.ok_or_else(|| NotAnAddress(text.chars().take(300).collect()))?;
        Ok(Self { local, domain })
    }

    /// The domain after the `@`.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Identifies the address where it must not be readable: the first bytes of its SHA-256.
    pub fn hash(&self) -> [u8; HASH_BYTES] {
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&digest(&SHA256, self.to_string().as_bytes()).as_ref()[..HASH_BYTES]);
        hash
    }
}

fn is_local(local: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
    !local.is_empty()
        && local.len() <= MAX_LOCAL
        && local.bytes().all(allowed)
        && !local.starts_with(['.', '-'])
        && !local.ends_with('.')
        && !local.contains("..")
}

/// The name of the claim object of an address: at most 40 + 1 + 32 characters. It contains no second dot, so it never
/// equals the name of a domain's claim.
pub fn claim_name(environment: &str, hash: &[u8; HASH_BYTES]) -> String {
    format!("{environment}.{}", BASE32_NOPAD.encode(hash).to_lowercase())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl TryFrom<String> for Address {
    type Error = NotAnAddress;
    fn try_from(text: String) -> Result<Self, NotAnAddress> {
        Self::parse(&text)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_stands_for_a_mailbox() {
        let longest = format!("{}@example.com", "a".repeat(64));
        for good in ["sales@example.com", "a.b_c-d@mail.example.com", "1@example.com", "_x@example.com", &longest] {
            assert_eq!(Address::parse(good).unwrap().to_string(), good);
        }
        let too_long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "sales",
            "@example.com",
            "Sales@example.com",
            "sales@Example.com",
            "sales+news@example.com",
            "\"sales\"@example.com",
            "sales(team)@example.com",
            "Sales <sales@example.com>",
            "a@example.com,b@example.com",
            "sales@example.com.",
            "sales@example",
            "sales@192.0.2.1",
            "a@b@example.com",
            ".sales@example.com",
            "sales.@example.com",
            "sa..les@example.com",
            "-sales@example.com",
            "*@example.com",
            "sa?es@example.com",
            "büro@example.com",
            "sales@bücher.example",
            "sales@example.com\r\nBcc: x@example.com",
            &too_long,
        ] {
            assert!(Address::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_addresss_claim_is_never_named_like_a_domains() {
        let address = Address::parse("sales@example.com").unwrap();
        let name = claim_name("production", &address.hash());
        assert_eq!(name.len(), "production.".len() + 32);
        assert_eq!(name.matches('.').count(), 1);
        assert_ne!(name, claim_name("production", &Address::parse("sales@example.org").unwrap().hash()));
    }
}
