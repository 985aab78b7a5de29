//! What the operator keeps in its own Secret: the owner id and the key for domain challenges.
//!
//! Both are made once. A Secret that exists is never overwritten, so two replicas that start together end with the same
//! values; one that is incomplete is an error for a person, not something to repair by making new secrets.

use std::{collections::BTreeMap, fmt, time::Duration};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jiff::Timestamp;
use k8s_openapi::{ByteString, api::core::v1::Secret};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
};

use crate::{
    api::FIELD_MANAGER,
    model::challenge::{ChallengeKeys, KEY_BYTES},
};

/// Key of the owner id.
const OWNER_ID: &str = "owner-id";
/// Key of the challenge key.
const CHALLENGE_KEY: &str = "challenge-key";
/// Key of the challenge key before it: its tokens still prove.
const PREVIOUS_CHALLENGE_KEY: &str = "challenge-key-previous";
const TIMEOUT: Duration = Duration::from_secs(10);

/// Owner id and keys of an installation. Prints nothing secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The id with which this installation's identities are tagged at SES.
    pub owner_id: String,
    /// Keys of domain challenges.
    pub challenge: ChallengeKeys,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("owner_id", &self.owner_id).finish_non_exhaustive()
    }
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The API server gave no usable answer.
    #[error("the Secret {namespace}/{name} can't be read or made: {source}")]
    Api {
        /// Namespace of the Secret.
        namespace: String,
        /// Name of the Secret.
        name: String,
        /// What the API server said.
        source: Box<kube::Error>,
    },
    /// No answer in time.
    #[error("the API server did not answer in time for the Secret {0}")]
    Timeout(String),
    /// The Secret lacks a value or has a wrong one.
    #[error(
        "the Secret {0} is incomplete: it needs owner-id (1-64 of a-z, 0-9, -) and challenge-key (32 bytes), and may have challenge-key-previous (32 bytes); restore it from a backup"
    )]
    Incomplete(String),
    /// The system gave no random numbers.
    #[error("the system gave no random numbers")]
    NoRandomness,
}

/// Reads the Secret, and makes it if it does not exist. `owner_id` is used for a new Secret in place of a random one.
pub async fn load_or_create(
    client: Client,
    namespace: &str,
    name: &str,
    owner_id: Option<&str>,
) -> Result<Keys, KeysError> {
    let full_name = format!("{namespace}/{name}");
    let api = Api::<Secret>::namespaced(client, namespace);
    let failed = |source: kube::Error| KeysError::Api {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        source: Box::new(source),
    };
    let work = async {
        if let Some(found) = api.get_opt(name).await.map_err(failed)? {
            return Ok(found);
        }
        let params = PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        match api.create(&params, &new_secret(name, owner_id)?).await {
            Ok(made) => Ok(made),
            // Another replica was first.
            Err(kube::Error::Api(status)) if status.is_already_exists() => api.get(name).await.map_err(failed),
            Err(error) => Err(failed(error)),
        }
    };
    let secret = tokio::time::timeout(TIMEOUT, work).await.map_err(|_| KeysError::Timeout(full_name.clone()))??;
    parse(secret.data.unwrap_or_default(), owner_id).ok_or(KeysError::Incomplete(full_name))
}

fn new_secret(name: &str, owner_id: Option<&str>) -> Result<Secret, KeysError> {
    let mut id = [0_u8; 16];
    let mut key = [0_u8; KEY_BYTES];
    let random = SystemRandom::new();
    random.fill(&mut id).and_then(|()| random.fill(&mut key)).map_err(|_| KeysError::NoRandomness)?;
    let owner_id = owner_id.map_or_else(|| format!("{:032x}", u128::from_be_bytes(id)), str::to_owned);
    Ok(Secret {
        metadata: ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() },
        data: Some(BTreeMap::from([
            (OWNER_ID.to_owned(), ByteString(owner_id.into_bytes())),
            (CHALLENGE_KEY.to_owned(), ByteString(key.to_vec())),
        ])),
        ..Secret::default()
    })
}

/// The setting for the owner id wins over the Secret's.
fn parse(mut data: BTreeMap<String, ByteString>, owner_id: Option<&str>) -> Option<Keys> {
    let stored = String::from_utf8(data.remove(OWNER_ID)?.0).ok()?;
    let owner_id = owner_id.map_or(stored, str::to_owned);
    let current = data.remove(CHALLENGE_KEY)?.0.try_into().ok()?;
    let previous = match data.remove(PREVIOUS_CHALLENGE_KEY) {
        Some(key) => Some(key.0.try_into().ok()?),
        None => None,
    };
    is_owner_id(&owner_id).then_some(Keys { owner_id, challenge: ChallengeKeys { current, previous } })
}

/// An id that was never used. Where the system gives no randomness, the time makes it one: it is unique, not secret.
pub fn random_id() -> String {
    let mut bytes = [0; 16];
    let random = SystemRandom::new().fill(&mut bytes).map(|()| u128::from_be_bytes(bytes));
    let id = random.unwrap_or_else(|_| Timestamp::now().as_nanosecond().unsigned_abs());
    format!("{id:032x}")
}

/// Whether the text can stand in a tag and in a claim.
pub fn is_owner_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(owner: &str, key: usize) -> BTreeMap<String, ByteString> {
        BTreeMap::from([
            (OWNER_ID.to_owned(), ByteString(owner.as_bytes().to_vec())),
            (CHALLENGE_KEY.to_owned(), ByteString(vec![7; key])),
        ])
    }

    #[test]
    fn a_new_secret_reads_back_and_no_two_are_alike() {
        let make = || parse(new_secret("s", None).unwrap().data.unwrap(), None).unwrap();
        let (a, b) = (make(), make());
        assert!(a.owner_id.len() == 32 && a.owner_id != b.owner_id && a.challenge != b.challenge);
        assert!(!format!("{a:?}").contains("challenge"));
        let mut rotated = data("owner", 32);
        rotated.insert(PREVIOUS_CHALLENGE_KEY.to_owned(), ByteString(vec![6; 32]));
        assert_eq!(parse(rotated, None).unwrap().challenge.previous, Some([6; 32]));
    }

    #[test]
    fn an_incomplete_secret_is_refused_and_the_setting_wins() {
        assert_eq!(parse(data("stored", 32), Some("set")).unwrap().owner_id, "set");
        for (case, broken) in [
            ("empty", BTreeMap::new()),
            ("short key", data("stored", 31)),
            ("short key before it", {
                let mut data = data("stored", 32);
                data.insert(PREVIOUS_CHALLENGE_KEY.to_owned(), ByteString(vec![6; 31]));
                data
            }),
            ("upper case id", data("Stored", 32)),
            ("empty id", data("", 32)),
        ] {
            assert!(parse(broken, None).is_none(), "{case}");
        }
    }
}
