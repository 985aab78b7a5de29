//! Paging and filters of the tenant lists, and the common parts of all lists.
//!
//! The tenant lists refuse requests with the messages of AWS's own validation, return at most 100 items per page, and
//! refuse a token of another request (measured by third parties).

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::Deserialize;

use super::ApiError;
use crate::core::account::fnv1a;

/// Largest page of a tenant list. Also used as its default, which is unknown.
const LARGEST: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Asked {
    pub next_token: Option<String>,
    pub page_size: Option<i64>,
}

impl Asked {
    /// The first checks.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        let mut wrong = Vec::new();
        if self.next_token.as_deref() == Some("") {
            wrong.push("Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1".to_owned());
        }
        if let Some(size) = self.page_size
            && let Some(limit) = out_of_range(size)
        {
            wrong.push(format!(
                "Value '{size}' at 'pageSize' failed to satisfy constraint: Member must have value {limit}"
            ));
        }
        match wrong.len() {
            0 => Ok(()),
            1 => Err(ApiError::bad_request(format!("1 validation error detected: {}", wrong.concat()))),
            count => Err(ApiError::bad_request(format!("{count} validation errors detected: {}", wrong.join("; ")))),
        }
    }

    /// One page of the items and the token of the next page. Each item comes with its sort key. The scope is the rest
    /// of the request: a token is only valid for the same scope.
    pub(super) fn page<T>(
        &self,
        scope: &str,
        mut items: Vec<(String, T)>,
    ) -> Result<(Vec<T>, Option<String>), ApiError> {
        let size = self.page_size.and_then(|size| usize::try_from(size).ok()).unwrap_or(LARGEST);
        let after = match &self.next_token {
            Some(token) => place(scope, token).ok_or_else(|| ApiError::bad_request("Invalid Next Token"))?,
            None => String::new(),
        };
        items.sort_by(|(one, _), (other, _)| one.cmp(other));
        items.retain(|(key, _)| after.is_empty() || *key > after);
        let more = items.len() > size;
        items.truncate(size);
        let last = items.last().map(|(key, _)| key.clone()).unwrap_or_default();
        let next = more.then(|| format!("{:016x}{}", fnv1a(scope), HEXLOWER.encode(last.as_bytes())));
        Ok((items.into_iter().map(|(_, item)| item).collect(), next))
    }
}

fn out_of_range(size: i64) -> Option<String> {
    if size < 1 {
        return Some("greater than or equal to 1".to_owned());
    }
    let fits = usize::try_from(size).is_ok_and(|size| size <= LARGEST);
    (!fits).then(|| format!("less than or equal to {LARGEST}"))
}

fn place(scope: &str, token: &str) -> Option<String> {
    let (bound, place) = token.split_at_checked(16)?;
    if bound != format!("{:016x}", fnv1a(scope)) {
        return None;
    }
    unhex(place)
}

/// Refuses other filter keys with the message of AWS's validation.
pub(super) fn known_keys(filter: &BTreeMap<String, String>, known: &[&str]) -> Result<(), ApiError> {
    if filter.keys().all(|key| known.contains(&key.as_str())) {
        return Ok(());
    }
    Err(ApiError::bad_request(format!(
        "1 validation error detected: Value at 'filter' failed to satisfy constraint: Map keys must satisfy constraint: \
         [Member must satisfy enum value set: [{}]]",
        known.join(", ")
    )))
}

/// The text in a token.
pub(super) fn unhex(hex: &str) -> Option<String> {
    String::from_utf8(HEXLOWER.decode(hex.as_bytes()).ok()?).ok()
}
