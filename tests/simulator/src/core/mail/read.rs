//! Converts a MIME message to the receiver's view.

use mail_parser::{Addr, Address, MessageParser, PartType};

use super::Header;

/// The parts of a message that a mail program shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) cc: Vec<String>,
    pub(crate) reply_to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
    pub(crate) headers: Vec<Header>,
}

pub(crate) fn read(raw: &[u8]) -> Option<Seen> {
    let message = MessageParser::default().parse(raw)?;
    let headers: Vec<Header> = message
        .headers_raw()
        .map(|(name, value)| Header {
            name: name.to_owned(),
            value: value.split_whitespace().collect::<Vec<_>>().join(" "),
        })
        .collect();
    // The parser derives a missing text from HTML and vice versa; only the sent parts matter here.
    let bodies = |ids: &[u32], wanted: fn(&PartType<'_>) -> Option<String>| {
        let parts = ids.iter().filter_map(|id| message.parts.get(usize::try_from(*id).ok()?));
        let texts: Vec<String> = parts.filter_map(|part| wanted(&part.body)).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    };
    Some(Seen {
        from: shown(message.from()),
        to: shown(message.to()),
        cc: shown(message.cc()),
        reply_to: shown(message.reply_to()),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: bodies(&message.text_body, |body| match body {
            PartType::Text(text) => Some(text.to_string()),
            _ => None,
        }),
        html: bodies(&message.html_body, |body| match body {
            PartType::Html(html) => Some(html.to_string()),
            _ => None,
        }),
        headers,
    })
}

fn shown(addresses: Option<&Address<'_>>) -> Vec<String> {
    addresses.map(|addresses| addresses.iter().map(one).collect()).unwrap_or_default()
}

/// `Name <address>`, with quotes around the name if necessary.
fn one(addr: &Addr<'_>) -> String {
    let address = addr.address.as_deref().unwrap_or_default();
    match addr.name.as_deref() {
        None | Some("") => address.to_owned(),
        Some(name) if name.contains([',', '"', '<', '>', '@', ';', ':', '(', ')']) => {
            format!("\"{}\" <{address}>", name.replace('\\', "\\\\").replace('"', "\\\""))
        }
        Some(name) => format!("{name} <{address}>"),
    }
}
