//! The request of `SendEmail`: the checks that only need the request. Third parties measured their order and messages,
//! unless stated otherwise.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{ApiError, null_member};
use crate::core::mail::{Header, Simple, address};

/// Maximum recipients of a mail (SES quotas page).
const MOST_RECIPIENTS: usize = 50;
/// Maximum additional headers of a mail (API reference, `Message`).
const MOST_HEADERS: usize = 15;
/// Longest name of a header, and longest name and value together (API reference, `MessageHeader`).
const LONGEST_HEADER: (usize, usize) = (126, 996);
/// Longest name or value of a tag of a mail (API reference, `Named`).
const LONGEST_TAG: usize = 256;
/// Headers that SES writes. It is an assumption that SES refuses them as additional headers.
const OWN_HEADERS: [&str; 13] = [
    "bcc",
    "cc",
    "content-transfer-encoding",
    "content-type",
    "date",
    "from",
    "message-id",
    "mime-version",
    "reply-to",
    "return-path",
    "sender",
    "subject",
    "to",
];

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SendEmail {
    pub from_email_address: Option<String>,
    pub destination: Destination,
    pub reply_to_addresses: Option<Vec<String>>,
    pub feedback_forwarding_email_address: Option<String>,
    pub content: Option<Content>,
    pub email_tags: Option<Vec<Named>>,
    pub configuration_set_name: Option<String>,
    pub tenant_name: Option<String>,
}

/// The recipients, in the caller's spelling.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Destination {
    #[serde(rename = "ToAddresses")]
    pub to: Vec<String>,
    #[serde(rename = "CcAddresses")]
    pub cc: Vec<String>,
    #[serde(rename = "BccAddresses")]
    pub bcc: Vec<String>,
}

impl Destination {
    pub(super) fn all(&self) -> impl Iterator<Item = &String> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Content {
    pub simple: Option<Message>,
    pub raw: Option<Value>,
    pub template: Option<Template>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Message {
    pub subject: Option<Text>,
    pub body: Option<Body>,
    pub headers: Option<Vec<Named>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Body {
    pub text: Option<Text>,
    pub html: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Text {
    pub data: Option<String>,
    pub charset: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Template {
    pub template_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Named {
    pub name: Option<String>,
    pub value: Option<String>,
}

/// A well-formed request with unchecked addresses.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) from: String,
    pub(super) destination: Destination,
    pub(super) reply_to: Vec<String>,
    /// Address for bounces, if not the sender's.
    pub(super) feedback: Option<String>,
    pub(super) message: Simple,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) configuration_set: Option<String>,
    pub(super) tenant: Option<String>,
}

impl SendEmail {
    /// The request, if it is well-formed.
    pub(super) fn draft(self) -> Result<Draft, ApiError> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let content = self.content.ok_or_else(|| null_member("content"))?;
        let message = match (content.raw, content.simple, content.template) {
            (Some(_), None, None) => return Err(ApiError::bad_request("The simulator takes no raw messages.")),
            (None, Some(message), None) => message,
            (None, None, Some(template)) => {
                let name = template.template_name.unwrap_or_default();
                return Err(ApiError::not_found(format!("Template {name} does not exist.")));
            }
            _ => return Err(ApiError::bad_request("Content must contain exactly one of Raw, Simple, or Template.")),
        };
        Ok(Draft {
            // SES gives no further details.
            from: given(self.from_email_address).ok_or_else(|| ApiError::bad_request(""))?,
            message: simple(message)?,
            destination: self.destination,
            reply_to: self.reply_to_addresses.unwrap_or_default(),
            feedback: given(self.feedback_forwarding_email_address),
            tags: tags(self.email_tags.unwrap_or_default())?,
            configuration_set: given(self.configuration_set_name),
            tenant: self.tenant_name,
        })
    }
}

fn simple(message: Message) -> Result<Simple, ApiError> {
    let subject = message.subject.ok_or_else(|| null_member("content.simple.subject"))?;
    let body = message.body.ok_or_else(|| null_member("content.simple.body"))?;
    let subject = text(subject, "content.simple.subject")?;
    if address::has_line_break(&subject) {
        return Err(ApiError::bad_request("Subject must not contain line breaks."));
    }
    let of = |part: Option<Text>, member: &str| part.map(|part| text(part, member)).transpose();
    let (plain, html) = (of(body.text, "content.simple.body.text")?, of(body.html, "content.simple.body.html")?);
    if plain.is_none() && html.is_none() {
        return Err(ApiError::bad_request("Message body is missing: give Text, Html or both."));
    }
    Ok(Simple { subject, text: plain, html, headers: headers(message.headers.unwrap_or_default())? })
}

/// The text. The default charset is 7-bit ASCII (API reference, `Content`); it is an assumption that other characters
/// then become question marks.
fn text(text: Text, member: &str) -> Result<String, ApiError> {
    let data = text.data.ok_or_else(|| null_member(&format!("{member}.data")))?;
    if text.charset.is_some_and(|charset| !charset.is_empty()) {
        return Ok(data);
    }
    Ok(data.chars().map(|letter| if letter.is_ascii() { letter } else { '?' }).collect())
}

fn headers(given: Vec<Named>) -> Result<Vec<Header>, ApiError> {
    if given.len() > MOST_HEADERS {
        return Err(ApiError::bad_request(format!(
            "1 validation error detected: Value at 'content.simple.headers' failed to satisfy constraint: Member must \
             have length less than or equal to {MOST_HEADERS}"
        )));
    }
    let mut headers = Vec::new();
    for (Named { name, value }, number) in given.into_iter().zip(1..) {
        let missing = |member: &str| null_member(&format!("content.simple.headers.{number}.member.{member}"));
        let (name, value) = (name.ok_or_else(|| missing("name"))?, value.ok_or_else(|| missing("value"))?);
        if name.trim().is_empty() {
            return Err(ApiError::bad_request("The header name must be specified."));
        }
        check_header(&name, &value)?;
        headers.push(Header { name, value });
    }
    Ok(headers)
}

fn check_header(name: &str, value: &str) -> Result<(), ApiError> {
    let (longest_name, longest) = LONGEST_HEADER;
    let name_fits = name.len() <= longest_name && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    if !name_fits || OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(ApiError::bad_request(format!("Invalid header name <{}>.", name.replace(['\r', '\n'], " "))));
    }
    let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if !value.bytes().all(printable) || name.len() + value.len() > longest {
        return Err(ApiError::bad_request(format!("Invalid value of header <{name}>.")));
    }
    Ok(())
}

fn tags(given: Vec<Named>) -> Result<BTreeMap<String, String>, ApiError> {
    let fits = |text: &str| {
        (1..=LONGEST_TAG).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    let mut tags = BTreeMap::new();
    for tag in given {
        let (name, value) = (tag.name.unwrap_or_default(), tag.value.unwrap_or_default());
        if name.trim().is_empty() {
            return Err(ApiError::bad_request("The tag name must be specified."));
        }
        for (what, text) in [("name", &name), ("value", &value)] {
            if !fits(text) {
                return Err(ApiError::bad_request(format!(
                    "Invalid tag {what} <{text}>: only alphanumeric ASCII characters, '_', and '-' are allowed."
                )));
            }
        }
        tags.insert(name, value);
    }
    Ok(tags)
}

/// Refuses invalid addresses, then a mail without recipients, then one with too many.
pub(super) fn check_addresses(draft: &Draft) -> Result<(), ApiError> {
    let others = std::iter::once(&draft.from).chain(&draft.feedback).chain(&draft.reply_to);
    for written in others.chain(draft.destination.all()) {
        if let Some(why) = address::violation(written) {
            return Err(ApiError::bad_request(why));
        }
    }
    match draft.destination.all().count() {
        0 => Err(ApiError::bad_request("At least one destination address is required.")),
        count if count > MOST_RECIPIENTS => {
            Err(ApiError::bad_request(format!("Recipient count exceeds {MOST_RECIPIENTS}.")))
        }
        _ => Ok(()),
    }
}
