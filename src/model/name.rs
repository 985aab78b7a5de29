//! Domain names as the operator handles them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest accepted domain, in characters. SES prepends `<32 characters>._domainkey.`, and a DNS name has at most 253
/// (RFC 1035 §3.1).
pub const MAX_DOMAIN: usize = 200;

/// Most labels of the domain that an object claims. Every domain above is read for each reconcile and each confirmation
/// page, so longer names would cost all tenants. A claim is readable with any number.
pub const MAX_LABELS: usize = 10;

/// A lower-case domain name of at least two LDH labels (RFC 5890 §2.3.1), without a trailing dot.
///
/// The custom resource refuses everything else at admission, so a value that fails here was written by something that
/// went around the CRD's rules: such an object is ignored, never repaired.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

/// The text is not a domain name that the operator supports.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a lowercase domain name such as mail.example.com")]
pub struct NotADomain(String);

impl Domain {
    /// Accepts exactly the names that the CRD accepts.
    pub fn parse(text: &str) -> Result<Self, NotADomain> {
        let labels: Vec<&str> = text.split('.').collect();
        let numeric_end = labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if text.len() > MAX_DOMAIN || labels.len() < 2 || numeric_end || !labels.iter().all(|l| is_label(l)) {
            return Err(NotADomain(text.chars().take(MAX_DOMAIN).collect()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `com.example.mail.` for `mail.example.com`. Descendants of a domain share its prefix, so an ordered map lists
    /// them as a range.
    pub fn reversed(&self) -> String {
        let mut labels: Vec<&str> = self.0.split('.').collect();
        labels.reverse();
        format!("{}.", labels.join("."))
    }

    /// Whether this name is strictly below `other`.
    pub fn is_below(&self, other: &Self) -> bool {
        self.0.strip_suffix(other.as_str()).is_some_and(|head| head.ends_with('.'))
    }

    /// Whether one of the two is below the other. A name is not related to itself.
    pub fn is_related(&self, other: &Self) -> bool {
        self.is_below(other) || other.is_below(self)
    }

    /// The parent domains, nearest first, down to two labels.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> + '_ {
        self.0
            .match_indices('.')
            .map(|(at, _)| &self.0[at + 1..])
            .filter(|rest| rest.contains('.'))
            .map(|rest| Self(rest.to_owned()))
    }
}

fn is_label(label: &str) -> bool {
    let ldh = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !label.is_empty() && label.len() <= 63 && label.bytes().all(ldh) && !label.starts_with('-') && !label.ends_with('-')
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Domain {
    type Error = NotADomain;
    fn try_from(text: String) -> Result<Self, NotADomain> {
        Self::parse(&text)
    }
}

impl From<Domain> for String {
    fn from(domain: Domain) -> Self {
        domain.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    #[test]
    fn only_lower_case_ldh_names_of_two_labels_are_domains() {
        let long_label = format!("{}.com", "a".repeat(64));
        let long_name = format!("{}.com", vec!["a".repeat(49); 4].join("."));
        assert_eq!(long_name.len(), 203);
        for good in ["example.com", "a.b.c.example.com", "xn--bcher-kva.example", "1.example.com", "a-b.co"] {
            assert!(Domain::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "com",
            "Example.com",
            "example.com.",
            ".example.com",
            "a..com",
            "-a.com",
            "a-.com",
            "a_b.com",
            "*.example.com",
            "bücher.example",
            "192.0.2.1",
            "a b.com",
            "x@example.com",
            "https://example.com",
            &long_label,
            &long_name,
        ] {
            assert!(Domain::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn relations_follow_label_borders() {
        let (parent, child, stranger) = (domain("example.com"), domain("mail.example.com"), domain("badexample.com"));
        assert!(child.is_below(&parent) && !parent.is_below(&child) && parent.is_related(&child));
        assert!(!stranger.is_below(&parent) && !stranger.is_related(&parent));
        assert!(!parent.is_related(&parent));
        assert!(child.reversed().starts_with(&parent.reversed()));
        assert!(!stranger.reversed().starts_with(&parent.reversed()));
        let up: Vec<String> = domain("a.b.example.com").ancestors().map(String::from).collect();
        assert_eq!(up, ["b.example.com", "example.com"]);
    }
}
