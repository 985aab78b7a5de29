//! From a message in MIME to what its receiver sees.

use mail_parser::{Addr, Address, MessageParser, PartType};

use super::Header;

/// What a mail program shows of a message.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) from: Vec<String>,
    pub(crate) sender: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) cc: Vec<String>,
    pub(crate) bcc: Vec<String>,
    pub(crate) reply_to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
    pub(crate) headers: Vec<Header>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.map(|header| header.value.as_str())
    }
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
    if headers.is_empty() {
        return None;
    }
    // The parser makes a text of HTML and HTML of a text where one is missing; only what was sent is of interest.
    let bodies = |ids: &[u32], wanted: fn(&PartType<'_>) -> Option<String>| {
        let parts = ids.iter().filter_map(|id| message.parts.get(usize::try_from(*id).ok()?));
        let texts: Vec<String> = parts.filter_map(|part| wanted(&part.body)).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    };
    Some(Seen {
        from: shown(message.from()),
        sender: shown(message.sender()),
        to: shown(message.to()),
        cc: shown(message.cc()),
        bcc: shown(message.bcc()),
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

/// `Name <address>`, the name in quotes where it needs them.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_several_parts_is_seen_as_a_mail_program_shows_it() {
        let raw = "From: =?UTF-8?B?w4RybmU=?= <aerne@acme.example>\r\nTo: a@b.example,\r\n \"C, D\" <c@d.example>\r\n\
                   Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n\
                   Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\
                   Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe =\r\nan alle\r\n--x\r\n\
                   Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+SGk8L3A+\r\n--x--\r\n";
        let seen = read(raw.as_bytes()).unwrap();
        assert_eq!(seen.from, ["Ärne <aerne@acme.example>"]);
        assert_eq!(seen.to, ["a@b.example", "\"C, D\" <c@d.example>"]);
        assert_eq!((seen.subject.as_str(), seen.html.as_deref()), ("Grüße", Some("<p>Hi</p>")));
        assert_eq!(seen.text.as_deref().map(str::trim_end), Some("Grüße an alle"));
        assert_eq!(seen.header("to"), Some("a@b.example, \"C, D\" <c@d.example>"));
    }

    #[test]
    fn only_what_was_sent_is_there() {
        let plain = read(b"From: a@b.example\r\n\r\nhello").unwrap();
        assert_eq!((plain.text.as_deref(), plain.html), (Some("hello"), None));
        let html = read(b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<p>hello</p>").unwrap();
        assert_eq!((html.text, html.html.as_deref()), (None, Some("<p>hello</p>")));
        assert_eq!(read(b""), None);
    }
}
