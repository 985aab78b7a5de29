//! `ListEmailIdentities`: filters and paging.
//!
//! The order differs between listings (measured by third parties), but is consistent between the pages of one listing:
//! each first page draws a salt, names are sorted by a salted hash, and the token contains salt and position.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::paging::{known_keys, unhex};
use super::{ApiError, Call, Context};
use crate::core::account::{Identity, IdentityType, fnv1a, mix};
use crate::core::lifecycle::Status;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListEmailIdentities {
    pub filter: Option<BTreeMap<String, String>>,
    pub next_token: Option<String>,
    pub page_size: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EmailIdentities {
    pub email_identities: Vec<IdentityInfo>,
    pub next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct IdentityInfo {
    pub identity_type: IdentityType,
    pub identity_name: String,
    pub sending_enabled: bool,
    pub verification_status: Status,
}

const NAME: &str = "IDENTITY_NAME_CONTAINS";
const TYPE: &str = "IDENTITY_TYPE";
const STATUS: &str = "VERIFICATION_STATUS";

const DEFAULT_PAGE: usize = 25;
const LARGEST_PAGE: usize = 1000;

impl Call for ListEmailIdentities {
    type Answer = EmailIdentities;

    fn run(self, cx: &mut Context<'_>) -> Result<EmailIdentities, ApiError> {
        let wanted = self.filter.unwrap_or_default();
        known_keys(&wanted, &[NAME, STATUS, TYPE])?;
        let size = page_size(self.page_size)?;
        let filter = Filter::new(&wanted)?;
        let scope = fnv1a(&format!("{filter:?}"));
        let start = match self.next_token.as_deref().filter(|token| !token.is_empty()) {
            Some(token) => Place::parse(token, scope).ok_or_else(|| filter.refuse(token))?,
            None => Place { salt: mix(cx.call), scope, after: String::new() },
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
        let next_token = more.then(|| Place { salt: start.salt, scope, after: last }.token());
        let listed = names.iter().filter_map(|(_, name)| cx.account.identity(name));
        let email_identities = listed.map(|identity| IdentityInfo {
            identity_type: identity.kind,
            identity_name: identity.name.clone(),
            sending_enabled: cx.account.verified_for_sending(identity),
            verification_status: identity.verification.status,
        });
        Ok(EmailIdentities { email_identities: email_identities.collect(), next_token })
    }
}

fn page_size(asked: Option<i64>) -> Result<usize, ApiError> {
    let Some(asked) = asked else { return Ok(DEFAULT_PAGE) };
    usize::try_from(asked).ok().filter(|size| (1..=LARGEST_PAGE).contains(size)).ok_or_else(|| {
        ApiError::bad_request(format!(
            "Value {asked} for parameter PageSize is invalid. PageSize must be between 1 and {LARGEST_PAGE}."
        ))
    })
}

#[derive(Debug)]
struct Filter {
    contains: Option<String>,
    kind: Option<IdentityType>,
    status: Option<Status>,
}

impl Filter {
    fn new(wanted: &BTreeMap<String, String>) -> Result<Self, ApiError> {
        let contains = wanted.get(NAME).map(|part| part.trim().to_lowercase());
        let length = contains.as_ref().map(|part| part.chars().count());
        if length.is_some_and(|length| length < 3) {
            return Err(ApiError::bad_request(format!("Filter {NAME} must be at least 3 characters.")));
        }
        if length.is_some_and(|length| length > 320) {
            return Err(ApiError::bad_request(format!("Filter {NAME} must be at most 320 characters.")));
        }
        Ok(Self {
            contains,
            kind: wanted.get(TYPE).map(|word| identity_type(word)).transpose()?,
            status: wanted.get(STATUS).map(|word| status(word)).transpose()?,
        })
    }

    fn is_open(&self) -> bool {
        matches!(self, Self { contains: None, kind: None, status: None })
    }

    fn lets(&self, identity: &Identity) -> bool {
        self.contains.as_deref().is_none_or(|part| identity.name.to_lowercase().contains(part))
            && self.kind.is_none_or(|kind| identity.kind == kind)
            && self.status.is_none_or(|status| identity.verification.status == status)
    }

    /// SES's message for a token of another listing.
    fn refuse(&self, token: &str) -> ApiError {
        ApiError::bad_request(if self.is_open() {
            format!("Invalid NextToken <{token}>.")
        } else {
            "Invalid NextToken.".to_owned()
        })
    }
}

fn identity_type(word: &str) -> Result<IdentityType, ApiError> {
    serde_json::from_value(json!(word))
        .map_err(|_| ApiError::bad_request(format!("Invalid identity type <{word}> in filter.")))
}

fn status(word: &str) -> Result<Status, ApiError> {
    match serde_json::from_value(json!(word)) {
        // No listed identity has this state any more, and SES reports it in its older spelling.
        Ok(Status::NotStarted) => Err(ApiError::bad_request("Invalid verification status <NotStarted>.")),
        Ok(status) => Ok(status),
        Err(_) => Err(ApiError::bad_request(format!("Invalid verification status <{word}> in filter."))),
    }
}

/// A position in a listing: after this name, in the order of this salt.
struct Place {
    salt: u64,
    /// The listing's parameters: its token is invalid for any other listing.
    scope: u64,
    after: String,
}

impl Place {
    fn rank<'a>(&self, name: &'a str) -> (u64, &'a str) {
        (mix(self.salt ^ fnv1a(name)), name)
    }

    fn token(&self) -> String {
        format!("{:016x}{:016x}{}", self.salt, self.scope, HEXLOWER.encode(self.after.as_bytes()))
    }

    fn parse(token: &str, scope: u64) -> Option<Self> {
        let (salt, rest) = token.split_at_checked(16)?;
        let name = rest.strip_prefix(&format!("{scope:016x}"))?;
        Some(Self { salt: u64::from_str_radix(salt, 16).ok()?, scope, after: unhex(name)? })
    }
}
