//! The TXT record by which a tenant proves that it controls a domain's DNS. Pure.
//!
//! It follows draft-ietf-dnsop-domain-verification-techniques: a name of its own below the domain, and a token that is bound
//! to the one who asks. DKIM records prove nothing about a tenant: SES gives the same to every tenant of the account.

use std::fmt;

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use data_encoding::BASE32_NOPAD;

use super::{name::Domain, tenant::Tenant};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// What the keys are used for, so that no token of another purpose can stand for one of these.
const PURPOSE: &str = "sender-operator domain challenge v1";
/// Bytes of the HMAC that a token shows: 160 bits, in 32 letters.
const SHOWN_BYTES: usize = 20;

/// The keys that tokens are made with: the current one, and one before it that is still accepted.
#[derive(Clone, PartialEq, Eq)]
pub struct ChallengeKeys {
    /// Tokens that people are told are made with it.
    pub current: [u8; KEY_BYTES],
    /// Tokens made with it still prove, so that a rotation bothers nobody who is just publishing.
    pub previous: Option<[u8; KEY_BYTES]>,
}

impl fmt::Debug for ChallengeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChallengeKeys")
    }
}

/// Whose token it is, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer<'a> {
    /// The release.
    pub environment: &'a str,
    /// The tenant.
    pub tenant: &'a Tenant,
    /// The domain.
    pub domain: &'a Domain,
    /// How often the tenant has lost the domain to another one: a token of an earlier tenure proves nothing.
    pub tenure: u32,
}

impl ChallengeKeys {
    /// The token to publish.
    pub fn token(&self, bearer: Bearer<'_>) -> String {
        token(&self.current, bearer)
    }

    /// Every token that proves.
    pub fn accepted(&self, bearer: Bearer<'_>) -> Vec<String> {
        let keys = std::iter::once(&self.current).chain(&self.previous);
        keys.map(|key| token(key, bearer)).collect()
    }
}

/// The name of the record: at most 227 characters.
pub fn record_name(domain: &Domain) -> String {
    format!("_sender-operator-challenge.{domain}")
}

/// The value of the record.
pub fn record_value(token: &str) -> String {
    format!("token={token}")
}

/// Whether one of the TXT records shows the token: as `token=…` or alone, in any case, beside whatever else stands there.
pub fn shows(records: &[String], token: &str) -> bool {
    let words = records.iter().flat_map(|record| record.split([' ', '\t', ';', '"']));
    words.map(|word| word.strip_prefix("token=").unwrap_or(word)).any(|word| word.eq_ignore_ascii_case(token))
}

fn token(key: &[u8], bearer: Bearer<'_>) -> String {
    let mut message = Vec::new();
    let tenant = bearer.tenant.to_string();
    for part in [PURPOSE, bearer.environment, &tenant, bearer.domain.as_str()] {
        // With its length before each part, no two different lists of parts give the same message.
        message.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        message.extend(part.as_bytes());
    }
    message.extend(bearer.tenure.to_be_bytes());
    let tag = sign(&Key::new(HMAC_SHA256, key), &message);
    // RFC 4648 §6, in lower case: letters that survive every DNS provider's form.
    BASE32_NOPAD.encode(&tag.as_ref()[..SHOWN_BYTES]).to_lowercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(current: u8, previous: Option<u8>) -> ChallengeKeys {
        ChallengeKeys { current: [current; KEY_BYTES], previous: previous.map(|byte| [byte; KEY_BYTES]) }
    }

    fn tenant(text: &str) -> Tenant {
        text.parse().unwrap()
    }

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    #[test]
    fn a_token_is_bound_to_everything_that_names_its_bearer() {
        let (acme, rival) = (tenant("tenant/acme"), tenant("tenant/rival"));
        let (first, again) = (tenant("namespace/acme/1"), tenant("namespace/acme/2"));
        let (example, other) = (domain("example.com"), domain("mail.example.com"));
        let (rotated, keys) = (keys(2, None), keys(1, None));
        let mut seen = BTreeSet::new();
        for environment in ["prod", "staging"] {
            for tenant in [&acme, &rival, &first, &again] {
                for domain in [&example, &other] {
                    for tenure in [0, 1] {
                        let bearer = Bearer { environment, tenant, domain, tenure };
                        let token = keys.token(bearer);
                        assert!(
                            token.len() == 32 && token.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                        );
                        assert_eq!(token, keys.token(bearer));
                        assert!(seen.insert(token) && seen.insert(rotated.token(bearer)), "{bearer:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn after_a_rotation_the_token_of_the_key_before_still_proves() {
        let (acme, example) = (tenant("tenant/acme"), domain("example.com"));
        let bearer = Bearer { environment: "default", tenant: &acme, domain: &example, tenure: 0 };
        let (old, new) = (keys(1, None), keys(2, Some(1)));
        assert_eq!(new.accepted(bearer), [new.token(bearer), old.token(bearer)]);
        assert!(!keys(2, None).accepted(bearer).contains(&old.token(bearer)));
        assert_eq!(format!("{new:?}"), "ChallengeKeys");
    }

    #[test]
    fn a_token_is_found_however_it_was_entered_and_beside_whatever_else() {
        for (records, expected) in [
            (vec!["token=abc234"], true),
            (vec!["abc234"], true),
            (vec!["TOKEN", "token=ABC234"], true),
            (vec!["v=spf1 -all", "token=other", "token=abc234"], true),
            (vec!["token=abc234 expiry=never"], true),
            (vec!["\"token=abc234\""], true),
            (vec![], false),
            (vec!["token=abc23"], false),
            (vec!["token=abc2345"], false),
            (vec!["token=", "token"], false),
            (vec!["other=abc234"], false),
        ] {
            let records: Vec<String> = records.into_iter().map(str::to_owned).collect();
            assert_eq!(shows(&records, "abc234"), expected, "{records:?}");
        }
    }
}
