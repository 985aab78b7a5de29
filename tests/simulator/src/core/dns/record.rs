//! Records in text form and in DNS form.

use std::fmt;

use hickory_proto::rr::rdata::{A, AAAA, CNAME, MX, NS, SOA, TXT};
use hickory_proto::rr::{Name, RData, RecordType};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("{0:?} is not a DNS name")]
    Name(String),
    #[error("type {0:?} is not served: use A, AAAA, CNAME, TXT, MX, NS or SOA")]
    Type(String),
    #[error("{value:?} is not a value for {rtype}: write {example}")]
    Value { value: String, rtype: RecordType, example: &'static str },
}

/// The key of a name: lower case, without the final dot. Relative and absolute names are equal.
pub(crate) fn normal(name: &str) -> Result<String, RecordError> {
    let trimmed = name.trim().trim_end_matches('.').to_ascii_lowercase();
    match Name::from_ascii(&trimmed) {
        Ok(_) if !trimmed.is_empty() => Ok(trimmed),
        _ => Err(RecordError::Name(name.to_owned())),
    }
}

/// The absolute name in DNS messages.
pub(crate) fn absolute(name: &str) -> Result<Name, RecordError> {
    let name = normal(name)?;
    Name::from_ascii(format!("{name}.")).map_err(|_| RecordError::Name(name))
}

/// A record type that the simulator serves.
pub(crate) fn record_type(text: &str) -> Result<RecordType, RecordError> {
    Ok(match text.trim().to_ascii_uppercase().as_str() {
        "A" => RecordType::A,
        "AAAA" => RecordType::AAAA,
        "CNAME" => RecordType::CNAME,
        "TXT" => RecordType::TXT,
        "MX" => RecordType::MX,
        "NS" => RecordType::NS,
        "SOA" => RecordType::SOA,
        _ => return Err(RecordError::Type(text.to_owned())),
    })
}

/// A value in zone file notation: `10 mail.acme.example` for MX; `"v=spf1 " "-all"` or bare text for TXT.
pub(crate) fn parse(rtype: RecordType, value: &str) -> Result<RData, RecordError> {
    let text = value.trim();
    let parsed = match rtype {
        RecordType::A => text.parse().ok().map(|ip| RData::A(A(ip))),
        RecordType::AAAA => text.parse().ok().map(|ip| RData::AAAA(AAAA(ip))),
        RecordType::CNAME => absolute(text).ok().map(|name| RData::CNAME(CNAME(name))),
        RecordType::NS => absolute(text).ok().map(|name| RData::NS(NS(name))),
        RecordType::MX => mx(text).map(RData::MX),
        RecordType::SOA => soa(text).map(RData::SOA),
        RecordType::TXT => strings(text).map(|strings| RData::TXT(TXT::new(strings))),
        _ => None,
    };
    parsed.ok_or_else(|| RecordError::Value { value: value.to_owned(), rtype, example: example(rtype) })
}

fn example(rtype: RecordType) -> &'static str {
    match rtype {
        RecordType::A => "192.0.2.1",
        RecordType::AAAA => "2001:db8::1",
        RecordType::CNAME | RecordType::NS => "a DNS name",
        RecordType::MX => "10 mail.example",
        RecordType::SOA => "ns.example hostmaster.example 1 3600 600 86400 60",
        _ => "text, or several strings as \"one\" \"two\"",
    }
}

fn mx(text: &str) -> Option<MX> {
    let (preference, exchange) = text.split_once(char::is_whitespace)?;
    Some(MX::new(preference.parse().ok()?, absolute(exchange).ok()?))
}

fn soa(text: &str) -> Option<SOA> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let [primary, admin, serial, refresh, retry, expire, minimum] = parts.as_slice() else { return None };
    let number = |text: &str| text.parse().ok();
    let seconds = |text: &str| text.parse().ok();
    Some(SOA::new(
        absolute(primary).ok()?,
        absolute(admin).ok()?,
        number(serial)?,
        seconds(refresh)?,
        seconds(retry)?,
        seconds(expire)?,
        number(minimum)?,
    ))
}

/// Longest character-string of a TXT record (RFC 1035, section 3.3).
const STRING: usize = 255;

/// The strings of one TXT record. A bare text is one string, or several of 255 bytes.
fn strings(text: &str) -> Option<Vec<String>> {
    if !text.starts_with('"') {
        let bytes = text.as_bytes();
        return text.is_ascii().then(|| match bytes.len() {
            0 => vec![String::new()],
            _ => bytes.chunks(STRING).map(|part| String::from_utf8_lossy(part).into_owned()).collect(),
        });
    }
    let mut strings = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (string, after) = quoted(rest.strip_prefix('"')?)?;
        if string.len() > STRING {
            return None;
        }
        strings.push(string);
        rest = after.trim_start();
    }
    Some(strings)
}

/// The text up to the closing quote, with `\"` and `\\` resolved, and the rest.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut string = String::new();
    let mut chars = text.char_indices();
    while let Some((at, letter)) = chars.next() {
        match letter {
            '"' => return Some((string, text.get(at + 1..)?)),
            '\\' => string.push(chars.next()?.1),
            _ => string.push(letter),
        }
    }
    None
}

/// A value in zone file notation.
pub(crate) struct Shown<'a>(pub(crate) &'a RData);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RData::TXT(txt) = self.0 else { return write!(f, "{}", self.0) };
        for (number, string) in txt.txt_data.iter().enumerate() {
            let quoted = String::from_utf8_lossy(string).replace('\\', "\\\\").replace('"', "\\\"");
            write!(f, "{}\"{quoted}\"", if number == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_shown_in_the_notation_of_zone_files() {
        let long = "x".repeat(300);
        let long_shown = format!("\"{}\" \"{}\"", "x".repeat(255), "x".repeat(45));
        let table = [
            ("A", "192.0.2.1", Some("192.0.2.1")),
            ("A", "2001:db8::1", None),
            ("AAAA", "2001:db8::1", Some("2001:db8::1")),
            ("CNAME", "Target.Example", Some("target.example.")),
            ("CNAME", "target.example.", Some("target.example.")),
            ("CNAME", "not a name", None),
            ("MX", "10 mail.example", Some("10 mail.example.")),
            ("MX", "mail.example", None),
            ("NS", "ns.example", Some("ns.example.")),
            ("TXT", "v=spf1 -all", Some("\"v=spf1 -all\"")),
            ("TXT", "\"one\" \"two\"", Some("\"one\" \"two\"")),
            ("TXT", "\"a \\\" b\"", Some("\"a \\\" b\"")),
            ("TXT", "\"open", None),
            ("TXT", &long, Some(&long_shown)),
            ("SOA", "ns.example admin.example 7 1 2 3 4", Some("ns.example. admin.example. 7 1 2 3 4")),
            ("SOA", "ns.example", None),
        ];
        for (rtype, value, shown) in table {
            let parsed = parse(record_type(rtype).unwrap(), value).ok();
            assert_eq!(parsed.as_ref().map(|data| Shown(data).to_string()).as_deref(), shown, "{rtype} {value}");
        }
    }

    #[test]
    fn names_are_compared_without_case_and_final_dot() {
        assert_eq!(normal(" _X.Acme.Example. ").unwrap(), "_x.acme.example");
        assert!(normal("").is_err());
        assert_eq!(normal("a..b").unwrap_err().to_string(), "\"a..b\" is not a DNS name");
        assert!(record_type("SRV").unwrap_err().to_string().starts_with("type \"SRV\" is not served"));
    }
}
