//! Values of settings, each with an error message that states the expected format.

use std::{str::FromStr, time::Duration};

use jiff::SignedDuration;

use crate::{
    cluster::operator_secret::is_owner_id,
    mail::Language,
    model::{address::Address, name::Domain},
};

pub(super) fn lease_duration(text: &str) -> Result<Duration, String> {
    let parsed = duration(text)?;
    if parsed < Duration::from_secs(15) { Err("must be 15s or longer".to_owned()) } else { Ok(parsed) }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = SignedDuration::from_str(text).ok().and_then(|parsed| Duration::try_from(parsed).ok());
    parsed.ok_or_else(|| "must be a duration such as 30s, 15m or 24h".to_owned())
}

pub(super) fn interval(text: &str) -> Result<Duration, String> {
    let parsed = duration(text)?;
    if parsed < Duration::from_millis(100) { Err("must be 100ms or longer".to_owned()) } else { Ok(parsed) }
}

pub(super) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.01..=1000.0).contains(&rate) => Ok(rate),
        _ => Err("must be a number of calls per second between 0.01 and 1000".to_owned()),
    }
}

/// A DNS label of at most `longest` characters.
fn is_label(text: &str, longest: usize) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=longest).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

pub(super) fn environment(text: &str) -> Result<String, String> {
    if is_label(text, 40) {
        Ok(text.to_owned())
    } else {
        Err("must be one label of a-z, 0-9 and hyphens, at most 40 characters".to_owned())
    }
}

/// RFC 1123 label, as the API server requires for namespaces.
pub(super) fn namespace(text: &str) -> Result<String, String> {
    if is_label(text, 63) {
        Ok(text.to_owned())
    } else {
        Err("must be names of namespaces, separated by commas without spaces".to_owned())
    }
}

pub(super) fn owner_id(text: &str) -> Result<String, String> {
    if is_owner_id(text) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 64 characters of a-z, 0-9 and hyphens".to_owned())
    }
}

pub(super) fn domain(text: &str) -> Result<Domain, String> {
    Domain::parse(text).map_err(|error| error.to_string())
}

pub(super) fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).map_err(|error| error.to_string())
}

pub(super) fn language(text: &str) -> Result<Language, String> {
    Language::ALL.into_iter().find(|language| language.tag() == text).ok_or_else(|| "must be one of en, de".to_owned())
}

pub(super) fn line(text: &str) -> Result<String, String> {
    let sound = (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if sound { Ok(text.to_owned()) } else { Err("must be one line of at most 100 characters".to_owned()) }
}

pub(super) fn configuration_set(text: &str) -> Result<String, String> {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if (1..=64).contains(&text.len()) && text.bytes().all(inner) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 64 letters, digits, hyphens and underscores".to_owned())
    }
}

/// Without a slash at the end, so that a path can be put behind it.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'/' | b'_' | b'~' | b'[' | b']');
    match rest.filter(|rest| !rest.is_empty() && !rest.starts_with('/') && rest.bytes().all(inner)) {
        Some(_) => Ok(url.to_owned()),
        None => Err("must be a base URL such as https://mail.example.com, without a query".to_owned()),
    }
}
