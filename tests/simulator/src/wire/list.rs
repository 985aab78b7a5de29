//! `ListEmailIdentities`: filters and paging.
//!
//! The order differs from one listing to the next (measured by third parties), but the pages of one listing fit
//! together: each first page draws a salt, names are ordered by a salted hash, and the token carries salt and place.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::paging::{hex, known_keys, spoiled, unhex};
use super::{Context, parse};
use crate::state::{Identity, fnv1a, mix};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    filter: Option<BTreeMap<String, String>>,
    next_token: Option<String>,
    page_size: Option<i64>,
}

const DEFAULT_PAGE: usize = 25;
const LARGEST_PAGE: usize = 1000;

/// `ListEmailIdentities`.
pub(super) fn list(cx: &mut Context<'_>, body: &[u8]) -> Result<Value, ApiError> {
    let input: Input = parse(body)?;
    let size = page_size(input.page_size)?;
    let filter = Filter::new(&input.filter.unwrap_or_default())?;
    let start = match &input.next_token {
        Some(token) => Place::parse(token).ok_or_else(|| ApiError::bad_request("The next token is invalid."))?,
        None => Place { salt: mix(cx.call), after: String::new() },
    };
    for identity in cx.account.identities.values_mut() {
        identity.begin();
    }
    let mut names: Vec<(u64, &str)> =
        cx.account.identities.values().filter(|it| filter.lets(it)).map(|it| start.rank(&it.name)).collect();
    names.sort_unstable();
    names.retain(|rank| start.after.is_empty() || *rank > start.rank(&start.after));
    let more = names.len() > size;
    names.truncate(size);

    let last = names.last().map_or(String::new(), |(_, name)| (*name).to_owned());
    let next = more.then(|| Place { salt: start.salt, after: last }.token());
    let next = spoiled(cx.page_fault, &mut names, next, || start.token());
    let items: Vec<Value> =
        names.iter().filter_map(|(_, name)| cx.account.identity(name)).map(|it| item(cx, it)).collect();
    Ok(json!({"EmailIdentities": items, "NextToken": next}))
}

fn item(cx: &Context<'_>, identity: &Identity) -> Value {
    json!({
        "IdentityType": identity.kind,
        "IdentityName": identity.name,
        "SendingEnabled": cx.account.verified_for_sending(identity),
        "VerificationStatus": identity.verification.status,
    })
}

fn page_size(asked: Option<i64>) -> Result<usize, ApiError> {
    let Some(asked) = asked else { return Ok(DEFAULT_PAGE) };
    usize::try_from(asked)
        .ok()
        .filter(|size| (1..=LARGEST_PAGE).contains(size))
        .ok_or_else(|| ApiError::bad_request(format!("PageSize {asked} is not between 1 and {LARGEST_PAGE}.")))
}

/// What to list; every condition must hold.
struct Filter {
    contains: Option<String>,
    kind: Option<String>,
    status: Option<String>,
}

impl Filter {
    fn new(wanted: &BTreeMap<String, String>) -> Result<Self, ApiError> {
        known_keys(wanted, &["IDENTITY_NAME_CONTAINS", "VERIFICATION_STATUS", "IDENTITY_TYPE"])?;
        let value = |key| wanted.get(key).cloned();
        Ok(Self {
            contains: value("IDENTITY_NAME_CONTAINS").map(|part| part.to_ascii_lowercase()),
            kind: value("IDENTITY_TYPE"),
            status: value("VERIFICATION_STATUS"),
        })
    }

    fn lets(&self, identity: &Identity) -> bool {
        let is = |wanted: &Option<String>, value: Value| wanted.as_deref().is_none_or(|wanted| value == wanted);
        self.contains.as_deref().is_none_or(|part| identity.name.to_ascii_lowercase().contains(part))
            && is(&self.kind, json!(identity.kind))
            && is(&self.status, json!(identity.verification.status))
    }
}

/// A place in a listing: after this name in the order of this salt.
struct Place {
    salt: u64,
    after: String,
}

impl Place {
    fn rank<'a>(&self, name: &'a str) -> (u64, &'a str) {
        (mix(self.salt ^ fnv1a(name)), name)
    }

    fn token(&self) -> String {
        format!("{:016x}{}", self.salt, hex(&self.after))
    }

    fn parse(token: &str) -> Option<Self> {
        let (salt, name) = token.split_at_checked(16)?;
        Some(Self { salt: u64::from_str_radix(salt, 16).ok()?, after: unhex(name)? })
    }
}
