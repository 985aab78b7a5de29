//! Links in confirmation mails. They are authenticated, so a forged link is rejected before anything is read. Pure.
//!
//! A link carries two MACs. The key of the first MAC, for confirming and declining, is rotated. Links made with a
//! retired key expire a day after its retirement. The key of the second MAC is permanent: with it the owner of a
//! mailbox can withdraw a confirmation, however old the link is. The code that the visitor types is derived from it
//! too; alone, the code proves nothing.

use std::fmt;

use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    hmac::{HMAC_SHA256, Key, sign},
};
use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};

use super::address::HASH_BYTES;

/// Bytes of a link key.
pub const KEY_BYTES: usize = 32;
/// Life of a link, from the send of its mail.
pub const LIFE: SignedDuration = SignedDuration::from_hours(24);
/// Bytes of the random id of a request.
pub const ID_BYTES: usize = 16;

const VERSION: u8 = 1;
const MAC_BYTES: usize = 16;
const BODY_BYTES: usize = 1 + HASH_BYTES + ID_BYTES + 4 + 8;
const CONFIRM: &str = "sender-operator confirmation link v1";
const WITHDRAW: &str = "sender-operator withdrawal link v1";
const CODE: &str = "sender-operator confirmation code v1";
/// No vowels, so that no words appear, and no characters that look alike.
const LETTERS: &[u8; 27] = b"23456789BCDFGHJKMNPQRSTVWXZ";
const CODE_LETTERS: usize = 8;

/// The contents of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Identifies the claim: see [`super::address::claim_name`].
    pub hash: [u8; HASH_BYTES],
    /// Id of the request, as stored in the claim.
    pub id: [u8; ID_BYTES],
    /// Number of the attempt within the request.
    pub attempt: u32,
    /// From this time on the link no longer confirms.
    pub expiry: Timestamp,
}

/// A key that makes no new links.
#[derive(Clone, PartialEq, Eq)]
pub struct RetiredKey {
    /// Secret bytes of the key.
    pub key: [u8; KEY_BYTES],
    /// When the key was retired.
    pub retired: Timestamp,
}

/// The keys of confirmation links.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKeys {
    /// Key of new links.
    pub current: [u8; KEY_BYTES],
    /// Its links still confirm for a day after its retirement.
    pub previous: Option<RetiredKey>,
    /// Key for withdrawal; never retired.
    pub withdrawal: [u8; KEY_BYTES],
}

impl fmt::Debug for LinkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKeys")
    }
}

/// A link with a valid MAC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedLink {
    /// The contents of the link.
    pub link: Link,
    /// The code in the link's mail.
    pub code: String,
    /// Whether the link still confirms and declines; afterwards it only withdraws.
    pub confirms: bool,
}

/// The text is not a link of this environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a link of this environment")]
pub struct InvalidLink;

impl LinkKeys {
    /// The text of a link: 108 characters that need no escaping in a URL.
    pub fn sign(&self, environment: &str, link: &Link) -> String {
        let mut bytes = body(link);
        let (confirm, withdraw) = (mac(&self.current, CONFIRM, environment, &bytes), self.lasting(environment, &bytes));
        bytes.extend(confirm);
        bytes.extend(withdraw);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// The code in the mail of this link.
    pub fn code(&self, environment: &str, link: &Link) -> String {
        code(&self.withdrawal, environment, &body(link))
    }

    /// Verifies and reads a link without any lookup.
    pub fn verify(&self, environment: &str, text: &str, now: Timestamp) -> Result<VerifiedLink, InvalidLink> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| InvalidLink)?;
        if bytes.len() != BODY_BYTES + 2 * MAC_BYTES || bytes[0] != VERSION {
            return Err(InvalidLink);
        }
        let (body, macs) = bytes.split_at(BODY_BYTES);
        let (confirm, withdraw) = macs.split_at(MAC_BYTES);
        verify_slices_are_equal(&self.lasting(environment, body), withdraw).map_err(|_| InvalidLink)?;
        let link = read(body).ok_or(InvalidLink)?;
        let usable = |key: &&[u8; KEY_BYTES]| {
            verify_slices_are_equal(&mac(key, CONFIRM, environment, body), confirm).is_ok() && now < link.expiry
        };
        // A leaked retired key must not make links that outlive it.
        let end = |retired: &RetiredKey| retired.retired.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        let previous =
            self.previous.as_ref().filter(|old| now < end(old) && link.expiry <= end(old)).map(|old| &old.key);
        let confirms = std::iter::once(&self.current).chain(previous).any(|key| usable(&key));
        Ok(VerifiedLink { link, code: code(&self.withdrawal, environment, body), confirms })
    }

    fn lasting(&self, environment: &str, body: &[u8]) -> [u8; MAC_BYTES] {
        mac(&self.withdrawal, WITHDRAW, environment, body)
    }
}

/// Whether the typed text equals this code; case, spaces and hyphens are ignored.
pub fn is_code(typed: &str, code: &str) -> bool {
    let letters = |text: &str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
    };
    verify_slices_are_equal(&letters(typed), &letters(code)).is_ok()
}

fn body(link: &Link) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend(link.hash);
    bytes.extend(link.id);
    bytes.extend(link.attempt.to_be_bytes());
    bytes.extend(link.expiry.as_second().to_be_bytes());
    bytes
}

fn read(body: &[u8]) -> Option<Link> {
    let (hash, rest) = body.get(1..)?.split_first_chunk::<HASH_BYTES>()?;
    let (id, rest) = rest.split_first_chunk::<ID_BYTES>()?;
    let (attempt, rest) = rest.split_first_chunk::<4>()?;
    let expiry = i64::from_be_bytes(rest.try_into().ok()?);
    Some(Link {
        hash: *hash,
        id: *id,
        attempt: u32::from_be_bytes(*attempt),
        expiry: Timestamp::from_second(expiry).ok()?,
    })
}

fn tag(key: &[u8; KEY_BYTES], purpose: &str, environment: &str, body: &[u8]) -> impl AsRef<[u8]> + use<> {
    let mut message = Vec::new();
    for part in [purpose.as_bytes(), environment.as_bytes(), body] {
        // Length prefixes keep different lists of parts from giving the same message.
        message.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        message.extend(part);
    }
    sign(&Key::new(HMAC_SHA256, key), &message)
}

fn mac(key: &[u8; KEY_BYTES], purpose: &str, environment: &str, body: &[u8]) -> [u8; MAC_BYTES] {
    let mut mac = [0; MAC_BYTES];
    mac.copy_from_slice(&tag(key, purpose, environment, body).as_ref()[..MAC_BYTES]);
    mac
}

fn code(key: &[u8; KEY_BYTES], environment: &str, body: &[u8]) -> String {
    let tag = tag(key, CODE, environment, body);
    // Two bytes per letter: the bias towards any letter is below one in two thousand.
    let letters = tag.as_ref().chunks(2).take(CODE_LETTERS).map(|pair| {
        let number = pair.iter().fold(0_usize, |number, byte| (number << 8) | usize::from(*byte));
        char::from(LETTERS[number % LETTERS.len()])
    });
    let text: String = letters.collect();
    format!("{}-{}", &text[..4], &text[4..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(hours * 3600).unwrap()
    }

    fn keys(current: u8) -> LinkKeys {
        LinkKeys { current: [current; KEY_BYTES], previous: None, withdrawal: [9; KEY_BYTES] }
    }

    fn rotated(retired: i64) -> LinkKeys {
        let previous = RetiredKey { key: [1; KEY_BYTES], retired: at(retired) };
        LinkKeys { previous: Some(previous), ..keys(2) }
    }

    fn link() -> Link {
        Link { hash: [3; HASH_BYTES], id: [4; ID_BYTES], attempt: 1, expiry: at(24) }
    }

    #[test]
    fn a_link_reads_back_with_its_code_until_the_last_second() {
        let text = keys(1).sign("prod", &link());
        assert_eq!(text.len(), 108);
        let verified = keys(1).verify("prod", &text, at(1)).unwrap();
        assert_eq!(verified.link, link());
        assert_eq!(verified.code, keys(1).code("prod", &link()));
        let last = at(24) - SignedDuration::from_secs(1);
        assert!(verified.confirms && keys(1).verify("prod", &text, last).unwrap().confirms);
        let late = keys(1).verify("prod", &text, at(24)).unwrap();
        assert_eq!((late.confirms, late.code), (false, verified.code), "it withdraws for ever");
    }

    #[test]
    fn whatever_is_changed_in_a_link_it_is_no_longer_ours() {
        let text = keys(1).sign("prod", &link());
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        let confirming = BODY_BYTES..BODY_BYTES + MAC_BYTES;
        for place in 0..bytes.len() {
            let mut forged = bytes.clone();
            forged[place] ^= 1;
            let verified = keys(1).verify("prod", &BASE64URL_NOPAD.encode(&forged), at(1));
            if confirming.contains(&place) {
                assert!(!verified.unwrap().confirms, "byte {place}");
            } else {
                assert_eq!(verified, Err(InvalidLink), "byte {place}");
            }
        }
        for junk in ["", "x", &text[1..], &format!("{text}A"), &text.replace('A', "="), "../../etc/passwd"] {
            assert_eq!(keys(1).verify("prod", junk, at(1)), Err(InvalidLink), "{junk}");
        }
        assert_eq!(keys(1).verify("test", &text, at(1)), Err(InvalidLink), "another environment's");
        let stranger = LinkKeys { withdrawal: [8; KEY_BYTES], ..keys(1) };
        assert_eq!(stranger.verify("prod", &text, at(1)), Err(InvalidLink), "another installation's");
    }

    #[test]
    fn links_of_a_retired_key_die_a_day_after_it_and_those_it_forges_at_once() {
        let text = keys(1).sign("prod", &link());
        let confirms = |keys: &LinkKeys, text: &str, hours| keys.verify("prod", text, at(hours)).unwrap().confirms;
        assert!(confirms(&rotated(2), &text, 3));
        assert!(!confirms(&keys(2), &text, 3), "a key that was taken away");
        assert!(!confirms(&rotated(-2), &text, 3), "the link ends later than the key's last day");
        let forged = Link { expiry: at(1000), ..link() };
        assert!(!confirms(&rotated(2), &keys(1).sign("prod", &forged), 3));
    }

    #[test]
    fn codes_are_typed_as_people_type_and_differ_with_every_mail() {
        let code = keys(1).code("prod", &link());
        assert_eq!(code.len(), CODE_LETTERS + 1);
        for typed in [code.clone(), code.to_lowercase(), code.replace('-', " "), format!(" {} ", code.replace('-', ""))]
        {
            assert!(is_code(&typed, &code), "{typed}");
        }
        for typed in ["", "-", "AAAA-AAAA", &code[..8]] {
            assert!(!is_code(typed, &code), "{typed}");
        }
        let later = Link { expiry: at(25), ..link() };
        assert_ne!(keys(1).code("prod", &later), code);
        assert_eq!(keys(2).code("prod", &link()), code, "withdrawing outlives a rotation");
    }
}
