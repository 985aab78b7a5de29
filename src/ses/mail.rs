//! Mail as sent through SES.

use crate::model::address::Address;

/// A mail that the operator sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Address of the sender, from the settings.
    pub from: Address,
    /// Display name of the sender: printable, without quotes or backslashes.
    pub from_name: Option<String>,
    /// The only recipient.
    pub to: Address,
    /// Subject: one line.
    pub subject: String,
    /// Plain text part.
    pub text: String,
    /// HTML part.
    pub html: String,
    /// Headers in addition to those that SES sets.
    pub headers: Vec<(&'static str, String)>,
    /// SES configuration set of these mails.
    pub configuration_set: Option<String>,
}

impl Outgoing {
    /// The sender as a header value (RFC 5322 §3.4). Names with non-ASCII characters are encoded words (RFC 2047 §4.1):
    /// SES accepts no raw UTF-8 there.
    pub fn sender(&self) -> String {
        match &self.from_name {
            None => self.from.to_string(),
            Some(name) if name.bytes().all(|b| b.is_ascii() && b != b'"' && b != b'\\' && !b.is_ascii_control()) => {
                format!("\"{name}\" <{}>", self.from)
            }
            Some(name) => {
                let clean: String = name.chars().filter(|letter| !letter.is_control()).take(30).collect();
                let encoded = data_encoding::BASE64.encode(clean.as_bytes());
                format!("=?UTF-8?B?{encoded}?= <{}>", self.from)
            }
        }
    }
}

/// The sending rights of the account (<https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountStatus {
    /// Out of the sandbox: SES sends to any recipient, not only to verified ones.
    pub production: bool,
    /// Sending is neither paused nor shut down.
    pub sending: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sender(name: Option<&str>) -> String {
        let address = Address::parse("confirm@example.com").unwrap();
        let mail = Outgoing {
            from: address.clone(),
            from_name: name.map(str::to_owned),
            to: address,
            subject: String::new(),
            text: String::new(),
            html: String::new(),
            headers: Vec::new(),
            configuration_set: None,
        };
        mail.sender()
    }

    #[test]
    fn a_senders_name_is_a_quoted_text_or_an_encoded_word_and_adds_no_header() {
        for (name, expected) in [
            (None, "confirm@example.com"),
            (Some("Acme, Inc."), "\"Acme, Inc.\" <confirm@example.com>"),
            (Some("Bücher"), "=?UTF-8?B?QsO8Y2hlcg==?= <confirm@example.com>"),
            (Some("a\"b"), "=?UTF-8?B?YSJi?= <confirm@example.com>"),
            (Some("a\r\nBcc: x"), "=?UTF-8?B?YUJjYzogeA==?= <confirm@example.com>"),
        ] {
            assert_eq!(sender(name), expected);
        }
    }
}
