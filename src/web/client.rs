//! The address of a client behind a configured number of proxies. Pure.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// Header in which proxies name their client.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client. Each of `proxies` trusted proxies appends the address that it sees to `X-Forwarded-For`.
/// So the entry of the outermost proxy is at position `proxies` from the right, and entries to its left are untrusted.
/// Without proxies, or if that entry is missing or invalid, it is the peer's address.
pub fn address(headers: &HeaderMap, peer: IpAddr, proxies: usize) -> IpAddr {
    let Some(from_right) = proxies.checked_sub(1) else { return peer.to_canonical() };
    let fields = headers.get_all(FORWARDED_FOR).iter();
    let texts: Vec<&str> = fields.filter_map(|field| field.to_str().ok()).collect();
    let entries: Vec<&str> = texts.iter().flat_map(|text| text.split(',')).map(str::trim).collect();
    let entry = entries.iter().rev().nth(from_right).and_then(|entry| parse(entry));
    entry.unwrap_or(peer).to_canonical()
}

/// An address, with or without a port: some proxies append one.
fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::serve::connections::network;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_counts() {
        for (fields, proxies, expected) in [
            (&["203.0.113.9"][..], 0, "10.0.0.1"),
            (&[], 1, "10.0.0.1"),
            (&["203.0.113.9"], 1, "203.0.113.9"),
            (&["1.1.1.1, 203.0.113.9"], 1, "203.0.113.9"),
            (&["1.1.1.1, 203.0.113.9, 10.0.0.2"], 2, "203.0.113.9"),
            (&["1.1.1.1", "203.0.113.9,10.0.0.2"], 2, "203.0.113.9"),
            (&["203.0.113.9"], 2, "10.0.0.1"),
            (&["1.1.1.1, unknown"], 1, "10.0.0.1"),
            (&["1.1.1.1, "], 1, "10.0.0.1"),
            (&["203.0.113.9:4711"], 1, "203.0.113.9"),
            (&["[2001:db8::9]:443"], 1, "2001:db8::9"),
            (&["[2001:db8::9]"], 1, "2001:db8::9"),
            (&["2001:db8::9"], 1, "2001:db8::9"),
            (&["::ffff:203.0.113.9"], 1, "203.0.113.9"),
            (&["203.0.113.999"], 1, "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(field));
            }
            assert_eq!(address(&headers, ip("10.0.0.1"), proxies), ip(expected), "{fields:?} behind {proxies}");
        }
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, HeaderValue::from_bytes(&[0xff, 0xfe]).unwrap());
        assert_eq!(address(&headers, ip("::ffff:10.0.0.1"), 1), ip("10.0.0.1"), "no text at all");
    }

    #[test]
    fn a_subscriber_is_one_client_however_many_addresses_it_has() {
        for (one, other, same) in [
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.8", false),
            ("::ffff:203.0.113.9", "203.0.113.9", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ] {
            assert_eq!(network(ip(one)) == network(ip(other)), same, "{one} {other}");
        }
    }
}
