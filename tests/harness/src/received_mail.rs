//! The mail to the owner of a mailbox: the link and the code in it.

use std::sync::Arc;

use anyhow::Context;
use ses_simulator::Mail;
use url::Url;

/// A confirmation mail.
#[derive(Clone, Debug)]
pub struct ReceivedMail {
    pub mail: Arc<Mail>,
    pub link: String,
    /// The link without host and port, because every replica serves it.
    pub path: String,
    /// The code; empty if none is required.
    pub code: String,
}

impl ReceivedMail {
    /// Reads link and code from the plain text.
    pub fn read(mail: Arc<Mail>) -> anyhow::Result<Self> {
        let text = mail.text.as_deref().context("the mail has no plain text")?;
        let link = text.split_whitespace().find(|word| word.contains("/confirm/")).context(text.to_owned())?.to_owned();
        let path = Url::parse(&link)?.path().to_owned();
        let code = text.lines().map(str::trim).find(|line| is_code(line)).unwrap_or_default().to_owned();
        Ok(Self { mail, link, path, code })
    }
}

/// Two groups of four capital letters and digits, with a gap between them.
fn is_code(line: &str) -> bool {
    let group = |part: &str| part.len() == 4 && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    line.split_once([' ', '-']).is_some_and(|(one, other)| group(one) && group(other))
}
