//! What a mail says, before it is put into words.

use std::collections::BTreeMap;

use jiff::Timestamp;
use minijinja::{HtmlEscape, Value};

use super::{language::Language, tame};
use crate::model::link::LIFE;

/// For how long a link works, in hours: what people are told.
pub const HOURS: i64 = LIFE.as_hours();
/// Longest address that is shown: 64 + 1 + 255 characters (RFC 5321 §4.5.3.1).
const LONGEST_ADDRESS: usize = 320;

/// Who asks for an address. Chosen by strangers: shown, never trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Namespace of the resource.
    pub namespace: String,
    /// Name of the resource.
    pub name: String,
    /// The tenant's label, where its namespaces carry one.
    pub tenant: Option<String>,
}

/// A mail to the owner of a mailbox.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// In which language.
    pub language: Language,
    /// The address that is asked for; the mail goes there and nowhere else.
    pub address: String,
    /// The domain under which it will send.
    pub domain: String,
    /// Who asks.
    pub asker: Asker,
    /// The release that serves it.
    pub environment: String,
    /// Who runs the installation, as the settings say.
    pub company: Option<String>,
    /// What the asker wants to tell the owner.
    pub note: Option<String>,
    /// Where the owner decides. A secret.
    pub link: String,
    /// What has to be typed there, where codes are on. A secret.
    pub code: Option<String>,
    /// Until when the link works.
    pub expiry: Timestamp,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the link nor the code, nor the address as a whole, may reach a log.
        f.debug_struct("Letter").field("asker", &self.asker).finish_non_exhaustive()
    }
}

/// A mail as SES takes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line of at most 200 characters.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered").finish_non_exhaustive()
    }
}

impl Letter {
    /// The variables of the templates. All of them exist always; what there is not is `none`, so that a template that names
    /// one wrongly fails at the start and not in front of an owner.
    pub(super) fn variables(&self, html: bool) -> Value {
        // Slashes in an address of the web need no escaping, and mail is easier to read at its source without.
        let link = if html { Value::from_safe_string(escaped(&self.link)) } else { Value::from(self.link.clone()) };
        let tenant = self.asker.tenant.as_deref().map(tame::name);
        let variables: BTreeMap<&str, Value> = BTreeMap::from([
            ("language", self.language.tag().into()),
            ("address", tame::line(&self.address, LONGEST_ADDRESS).into()),
            ("domain", tame::line(&self.domain, LONGEST_ADDRESS).into()),
            ("namespace", tame::name(&self.asker.namespace).into()),
            ("name", tame::name(&self.asker.name).into()),
            ("tenant", tenant.into()),
            ("environment", tame::name(&self.environment).into()),
            ("company", self.company.as_deref().map(|company| tame::line(company, 100)).into()),
            ("note", self.note.as_deref().and_then(tame::note).into()),
            ("link", link),
            ("code", self.code.as_deref().map(grouped).into()),
            ("expiry", self.language.moment(self.expiry).into()),
            ("hours", HOURS.into()),
        ]);
        Value::from(variables)
    }
}

/// Names of the variables, for people who write templates.
pub(super) const VARIABLES: &str =
    "language, address, domain, namespace, name, tenant, environment, company, note, link, code, expiry, hours";

/// The link of a mail: where the page lies behind the public URL of the pages, which may have a path.
pub fn link_url(public_url: &str, sealed: &str) -> String {
    format!("{}/confirm/{sealed}", public_url.trim_end_matches('/'))
}

fn escaped(text: &str) -> String {
    HtmlEscape(text).to_string().replace("&#x2f;", "/")
}

/// A code in groups that can be kept in mind while one types: the person who types may leave the gaps out.
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
