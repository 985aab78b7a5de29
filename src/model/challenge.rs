//! The TXT record by which a tenant proves control of a domain's DNS. Pure.
//!
//! It follows draft-ietf-dnsop-domain-verification-techniques: a dedicated name below the domain, and a token bound to
//! the claimant. DKIM records prove nothing about a tenant: SES issues the same tokens to every tenant of the account.

use std::fmt;

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use data_encoding::BASE32_NOPAD;

use super::{name::Domain, tenant::Tenant};

/// Bytes of a challenge key.
pub const KEY_BYTES: usize = 32;
/// Separates the purposes of HMACs, so that a token made for another purpose is never valid here.
const PURPOSE: &str = "sender-operator domain challenge v1";
/// Bytes of the HMAC in a token: 160 bits, encoded as 32 characters.
const SHOWN_BYTES: usize = 20;

/// The keys of tokens: the current key, and the previous one that is still accepted.
#[derive(Clone, PartialEq, Eq)]
pub struct ChallengeKeys {
    /// Key of the tokens in the records to publish.
    pub current: [u8; KEY_BYTES],
    /// Its tokens are still accepted, so that a rotation does not interrupt a tenant that is publishing one.
    pub previous: Option<[u8; KEY_BYTES]>,
}

impl fmt::Debug for ChallengeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChallengeKeys")
    }
}

/// The tenant, domain and tenure that a token is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer<'a> {
    /// Name of the environment.
    pub environment: &'a str,
    /// The tenant that has to publish the token.
    pub tenant: &'a Tenant,
    /// The domain that the token proves.
    pub domain: &'a Domain,
    /// How often the tenant lost the domain to another tenant. Tokens of an earlier tenure prove nothing.
    pub tenure: u32,
}

impl ChallengeKeys {
    /// The token to publish.
    pub fn token(&self, bearer: Bearer<'_>) -> String {
        token(&self.current, bearer)
    }

    /// All accepted tokens: of the current key, then of the previous one.
    pub fn accepted(&self, bearer: Bearer<'_>) -> Vec<String> {
        let keys = std::iter::once(&self.current).chain(&self.previous);
        keys.map(|key| token(key, bearer)).collect()
    }
}

/// The name of the TXT record: at most 227 characters.
pub fn record_name(domain: &Domain) -> String {
    format!("_sender-operator-challenge.{domain}")
}

/// The value of the TXT record.
pub fn record_value(token: &str) -> String {
    format!("token={token}")
}

/// Whether one of the TXT records contains the token: as `token=…` or alone, in any case, beside other words.
pub fn shows(records: &[String], token: &str) -> bool {
    let words = records.iter().flat_map(|record| record.split([' ', '\t', ';', '"']));
    words.map(|word| word.strip_prefix("token=").unwrap_or(word)).any(|word| word.eq_ignore_ascii_case(token))
}

fn token(key: &[u8], bearer: Bearer<'_>) -> String {
    let mut message = Vec::new();
    let tenant = bearer.tenant.to_string();
    for part in [PURPOSE, bearer.environment, &tenant, bearer.domain.as_str()] {
        // Length prefixes keep different lists of parts from giving the same message.
        message.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        message.extend(part.as_bytes());
    }
    message.extend(bearer.tenure.to_be_bytes());
    let tag = sign(&Key::new(HMAC_SHA256, key), &message);
    // RFC 4648 §6 in lower case: every DNS provider's form accepts these letters.
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
        let mut all = BTreeSet::new();
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
                        assert!(all.insert(token) && all.insert(rotated.token(bearer)), "{bearer:?}");
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
