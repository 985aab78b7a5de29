//! Converts the parts of a simple message to a MIME message.

use jiff::Timestamp;

use super::Header;

/// A message in parts, as in `Content.Simple`. Only the two bodies can contain line breaks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Simple {
    pub(crate) subject: String,
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
    pub(crate) headers: Vec<Header>,
}

/// The parts that SES adds.
pub(crate) struct Envelope<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a [String],
    pub(crate) cc: &'a [String],
    pub(crate) reply_to: &'a [String],
    pub(crate) message_id: &'a str,
    pub(crate) region: &'a str,
    pub(crate) date: Timestamp,
}

/// The message, without the recipients of blind copies.
pub(crate) fn compose(simple: &Simple, envelope: &Envelope<'_>) -> String {
    let Envelope { from, to, cc, reply_to, message_id, region, date } = envelope;
    let mut lines = vec![format!("Date: {}", date.strftime("%a, %d %b %Y %H:%M:%S +0000")), format!("From: {from}")];
    for (name, addresses) in [("Reply-To", reply_to), ("To", to), ("Cc", cc)] {
        if !addresses.is_empty() {
            lines.push(format!("{name}: {}", addresses.join(",\r\n ")));
        }
    }
    lines.push(format!("Subject: {}", encoded(&simple.subject)));
    lines.push(format!("Message-ID: <{message_id}@{region}.amazonses.com>"));
    lines.push("MIME-Version: 1.0".to_owned());
    lines.extend(simple.headers.iter().map(|header| format!("{}: {}", header.name, header.value)));
    let head = lines.join("\r\n");
    let part = |kind: &str, body: &str| {
        format!("Content-Type: text/{kind}; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}")
    };
    match (&simple.text, &simple.html) {
        (Some(text), Some(html)) => {
            let (text, html) = (part("plain", text), part("html", html));
            let boundary = format!("----=_Part_{message_id}");
            format!(
                "{head}\r\nContent-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n--{boundary}\r\n{text}\r\n\
                 --{boundary}\r\n{html}\r\n--{boundary}--\r\n"
            )
        }
        (None, Some(html)) => format!("{head}\r\n{}\r\n", part("html", html)),
        (text, None) => format!("{head}\r\n{}\r\n", part("plain", text.as_deref().unwrap_or_default())),
    }
}

/// A header value in 7-bit ASCII: other characters become encoded words (RFC 2047, section 2: at most 75 characters).
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words = vec![String::new()];
    for letter in text.chars() {
        if words.last().is_some_and(|word| word.len() + letter.len_utf8() > 42) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    let word = |word: &String| format!("=?UTF-8?B?{}?=", data_encoding::BASE64.encode(word.as_bytes()));
    words.iter().map(word).collect::<Vec<_>>().join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn sent(simple: &Simple) -> (String, read::Seen) {
        let (to, none) = (["Ann <ann@a.example>".to_owned(), "bob@a.example".to_owned()], []);
        let envelope = Envelope {
            from: "\"Acme, Ltd\" <ops@acme.example>",
            to: &to,
            cc: &none,
            reply_to: &none,
            message_id: "0107-1",
            region: "eu-central-1",
            date: Timestamp::UNIX_EPOCH,
        };
        let raw = compose(simple, &envelope);
        let seen = read::read(raw.as_bytes()).unwrap();
        (raw, seen)
    }

    #[test]
    fn a_composed_message_is_read_back_unchanged() {
        let long = format!("{} – ü", "Bestätigen Sie Ihre Adresse ".repeat(5));
        let texts = [None, Some("Grüße\nzwei Zeilen".to_owned())];
        let htmls = [None, Some("<p>Grüße</p>".to_owned())];
        for (text, html) in texts.iter().flat_map(|text| htmls.iter().map(move |html| (text, html))) {
            let header = Header { name: "X-One".to_owned(), value: "two".to_owned() };
            let simple =
                Simple { subject: long.clone(), text: text.clone(), html: html.clone(), headers: vec![header.clone()] };
            let (raw, seen) = sent(&simple);
            assert_eq!(seen.subject, long);
            assert_eq!(seen.from, ["\"Acme, Ltd\" <ops@acme.example>"]);
            assert_eq!(seen.to, ["Ann <ann@a.example>", "bob@a.example"]);
            assert!(seen.headers.contains(&header));
            let trimmed = |text: &Option<String>| text.as_deref().map(|text| text.trim_end().to_owned());
            assert_eq!(trimmed(&seen.html), *html);
            assert_eq!(trimmed(&seen.text).filter(|text| !text.is_empty()), *text);
            let head = raw.split("\r\n\r\n").next().unwrap();
            assert!(head.is_ascii() && head.lines().all(|line| line.len() <= 78), "{head}");
        }
    }

    #[test]
    fn an_encoded_subject_is_shown_decoded() {
        let simple = Simple { subject: "=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=".to_owned(), ..Simple::default() };
        assert_eq!(sent(&simple).1.subject, "Grüße");
    }
}
