//! Values of settings, each with what to write where it is wrong.

use std::{str::FromStr, time::Duration};

use jiff::SignedDuration;

use crate::{cluster::keys::is_owner_id, model::name::Domain};

pub(super) fn lease_duration(text: &str) -> Result<Duration, String> {
    let parsed = duration(text)?;
    if parsed < Duration::from_secs(15) { Err("must be 15s or longer".to_owned()) } else { Ok(parsed) }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = SignedDuration::from_str(text).ok().and_then(|parsed| Duration::try_from(parsed).ok());
    parsed.ok_or_else(|| "write a duration such as 30s, 15m or 24h".to_owned())
}

pub(super) fn interval(text: &str) -> Result<Duration, String> {
    let parsed = duration(text)?;
    if parsed < Duration::from_millis(100) { Err("must be 100ms or longer".to_owned()) } else { Ok(parsed) }
}

pub(super) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.01..=1000.0).contains(&rate) => Ok(rate),
        _ => Err("write a number of calls per second between 0.01 and 1000".to_owned()),
    }
}

pub(super) fn environment(text: &str) -> Result<String, String> {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let sound =
        (1..=40).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-');
    if sound {
        Ok(text.to_owned())
    } else {
        Err("write one label of a-z, 0-9 and hyphens, at most 40 characters".to_owned())
    }
}

pub(super) fn owner_id(text: &str) -> Result<String, String> {
    if is_owner_id(text) {
        Ok(text.to_owned())
    } else {
        Err("write 1 to 64 characters of a-z, 0-9 and hyphens".to_owned())
    }
}

pub(super) fn domain(text: &str) -> Result<Domain, String> {
    Domain::parse(text).map_err(|error| error.to_string())
}
