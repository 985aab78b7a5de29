//! The contents of a mail, before it is rendered.

use std::collections::BTreeMap;

use jiff::Timestamp;
use minijinja::{HtmlEscape, Value};

use super::{language::Language, sanitize};
use crate::model::link::LIFE;

/// Life of a link in hours, as the mail states it.
pub const HOURS: i64 = LIFE.as_hours();
/// Longest shown address: 64 + 1 + 255 characters (RFC 5321 §4.5.3.1).
const LONGEST_ADDRESS: usize = 320;

/// The claimant of an address. Its tenant chooses these values, so they are shown but never trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimantName {
    pub namespace: String,
    pub name: String,
    /// The tenant's label, if its namespaces have one.
    pub tenant: Option<String>,
}

/// A mail to the owner of a mailbox.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfirmationMail {
    pub language: Language,
    /// The claimed address, which is also the only recipient.
    pub address: String,
    /// The domain that covers the address.
    pub domain: String,
    pub claimant: ClaimantName,
    pub environment: String,
    /// The company that runs the operator, from the settings.
    pub company: Option<String>,
    /// The claimant's note to the owner.
    pub note: Option<String>,
    /// The page where the owner answers. A secret.
    pub link: String,
    /// The code for that page, if codes are on. A secret.
    pub code: Option<String>,
    /// Until when the link confirms.
    pub expiry: Timestamp,
}

impl std::fmt::Debug for ConfirmationMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The link, the code and the whole address must not reach a log.
        f.debug_struct("ConfirmationMail").field("claimant", &self.claimant).finish_non_exhaustive()
    }
}

/// The parts of a mail, as SES accepts them.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line of at most 200 characters.
    pub subject: String,
    pub text: String,
    /// A complete HTML document.
    pub html: String,
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered").finish_non_exhaustive()
    }
}

impl ConfirmationMail {
    /// The variables of the templates. All are always defined; an absent value is `none`. So a misspelled variable
    /// fails at startup and not in a mail to an owner.
    pub(super) fn variables(&self, html: bool) -> Value {
        // Slashes in a URL need no escaping, and the source of the mail is easier to read without.
        let link = if html { Value::from_safe_string(escaped(&self.link)) } else { Value::from(self.link.clone()) };
        let tenant = self.claimant.tenant.as_deref().map(sanitize::name);
        let variables: BTreeMap<&str, Value> = BTreeMap::from([
            ("language", self.language.tag().into()),
            ("address", sanitize::line(&self.address, LONGEST_ADDRESS).into()),
            ("domain", sanitize::line(&self.domain, LONGEST_ADDRESS).into()),
            ("namespace", sanitize::name(&self.claimant.namespace).into()),
            ("name", sanitize::name(&self.claimant.name).into()),
            ("tenant", tenant.into()),
            ("environment", sanitize::name(&self.environment).into()),
            ("company", self.company.as_deref().map(|company| sanitize::line(company, 100)).into()),
            ("note", self.note.as_deref().and_then(sanitize::note).into()),
            ("link", link),
            ("code", self.code.as_deref().map(grouped).into()),
            ("expiry", self.language.moment(self.expiry).into()),
            ("hours", HOURS.into()),
        ]);
        Value::from(variables)
    }
}

/// Names of the variables, for authors of templates.
pub(super) const VARIABLES: &str =
    "language, address, domain, namespace, name, tenant, environment, company, note, link, code, expiry, hours";

/// The link of a mail: the page's path appended to the public URL, which may have a path.
pub fn link_url(public_url: &str, signed: &str) -> String {
    format!("{}/confirm/{signed}", public_url.trim_end_matches('/'))
}

fn escaped(text: &str) -> String {
    HtmlEscape(text).to_string().replace("&#x2f;", "/")
}

/// A code in short groups that are easy to remember while typing. The gaps may be omitted.
pub fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let size = if letters.len().is_multiple_of(4) { 4 } else { 3 };
    letters.chunks(size).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_lies_behind_the_public_url() {
        for url in ["https://example.com/sender", "https://example.com/sender/"] {
            assert_eq!(link_url(url, "abc"), "https://example.com/sender/confirm/abc");
        }
    }

    #[test]
    fn a_code_is_shown_in_groups() {
        for (code, expected) in [
            ("K7QP4M2X", "K7QP 4M2X"),
            ("K7QP-4M2X", "K7QP 4M2X"),
            ("K7QP4M", "K7Q P4M"),
            ("K7QP4M2", "K7Q P4M 2"),
            ("", ""),
        ] {
            assert_eq!(grouped(code), expected);
        }
    }
}
