//! The operator's own Secret: the owner id, the key for domain challenges, and the keys for confirmation links.
//!
//! All are generated once. An existing Secret is never overwritten, so two replicas that start together end with the
//! same values. An incomplete Secret is an error for a person to fix; new keys would invalidate the old ones.

use std::{collections::BTreeMap, fmt, time::Duration};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jiff::Timestamp;
use k8s_openapi::{ByteString, api::core::v1::Secret};
use kube::{
    Api, Client,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
};
use serde_json::json;

use crate::{
    api::FIELD_MANAGER,
    model::{
        challenge::{ChallengeKeys, KEY_BYTES},
        link::{LinkKeys, RetiredKey},
    },
};

const OWNER_ID: &str = "owner-id";
const CHALLENGE_KEY: &str = "challenge-key";
/// Previous challenge key: its tokens are still accepted.
const PREVIOUS_CHALLENGE_KEY: &str = "challenge-key-previous";
const CONFIRMATION_KEY: &str = "confirmation-key";
/// Previous key of confirmation links: its links still confirm for a day after its retirement.
const PREVIOUS_CONFIRMATION_KEY: &str = "confirmation-key-previous";
/// Retirement time of the previous key (RFC 3339).
const CONFIRMATION_KEY_RETIRED: &str = "confirmation-key-retired";
/// Key for withdrawals; after a change of it no earlier confirmation can be withdrawn.
const WITHDRAWAL_KEY: &str = "withdrawal-key";
const TIMEOUT: Duration = Duration::from_secs(10);

/// Owner id and keys of an environment. Its `Debug` output contains no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The owner id in the tags of this environment's identities at SES.
    pub owner_id: String,
    pub challenge: ChallengeKeys,
    pub links: LinkKeys,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("owner_id", &self.owner_id).finish_non_exhaustive()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("the Secret {namespace}/{name} cannot be read or created: {source}")]
    Api { namespace: String, name: String, source: Box<kube::Error> },
    #[error("the API server did not respond in time to a request for the Secret {0}")]
    Timeout(String),
    #[error(
        "the Secret {0} is incomplete: restore it from a backup. It needs owner-id (1 to 64 characters of a-z, 0-9 and hyphens), challenge-key, confirmation-key and withdrawal-key (32 bytes each). It can have challenge-key-previous, and confirmation-key-previous together with confirmation-key-retired (such as 2026-01-31T12:00:00Z)"
    )]
    Incomplete(String),
    /// The system provided no random numbers.
    #[error("the system returned no random numbers")]
    NoRandomness,
}

/// Reads the Secret, or creates it if it does not exist. `owner_id` replaces the random id in a new Secret.
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
            return match completed(&found)? {
                // A conflict means that another replica was first; the next attempt reads its write.
                Some(patch) => api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.map_err(failed),
                None => Ok(found),
            };
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
    let id = u128::from_be_bytes(random()?);
    let owner_id = owner_id.map_or_else(|| format!("{id:032x}"), str::to_owned);
    let mut data = BTreeMap::from([(OWNER_ID.to_owned(), ByteString(owner_id.into_bytes()))]);
    for name in [CHALLENGE_KEY, CONFIRMATION_KEY, WITHDRAWAL_KEY] {
        data.insert(name.to_owned(), ByteString(random::<KEY_BYTES>()?.to_vec()));
    }
    let metadata = ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() };
    Ok(Secret { metadata, data: Some(data), ..Secret::default() })
}

/// The keys that a Secret from before confirmations lacks, as a patch conditional on its version. A Secret with some of
/// them was edited by a person and is left alone.
fn completed(found: &Secret) -> Result<Option<serde_json::Value>, KeysError> {
    let has = |name: &str| found.data.as_ref().is_some_and(|data| data.contains_key(name));
    if has(CONFIRMATION_KEY) || has(WITHDRAWAL_KEY) || has(PREVIOUS_CONFIRMATION_KEY) {
        return Ok(None);
    }
    let (confirmation, withdrawal) = (random::<KEY_BYTES>()?, random::<KEY_BYTES>()?);
    Ok(Some(json!({
        "metadata": { "resourceVersion": found.metadata.resource_version, "uid": found.metadata.uid },
        "data": {
            CONFIRMATION_KEY: ByteString(confirmation.to_vec()),
            WITHDRAWAL_KEY: ByteString(withdrawal.to_vec()),
        },
    })))
}

fn random<const N: usize>() -> Result<[u8; N], KeysError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| KeysError::NoRandomness)?;
    Ok(bytes)
}

/// The setting for the owner id overrides the Secret.
fn parse(mut data: BTreeMap<String, ByteString>, owner_id: Option<&str>) -> Option<Keys> {
    let stored = String::from_utf8(data.remove(OWNER_ID)?.0).ok()?;
    let owner_id = owner_id.map_or(stored, str::to_owned);
    let current = data.remove(CHALLENGE_KEY)?.0.try_into().ok()?;
    let previous = match data.remove(PREVIOUS_CHALLENGE_KEY) {
        Some(key) => Some(key.0.try_into().ok()?),
        None => None,
    };
    let links = link_keys(&mut data)?;
    is_owner_id(&owner_id).then_some(Keys { owner_id, challenge: ChallengeKeys { current, previous }, links })
}

fn link_keys(data: &mut BTreeMap<String, ByteString>) -> Option<LinkKeys> {
    let current = data.remove(CONFIRMATION_KEY)?.0.try_into().ok()?;
    let withdrawal = data.remove(WITHDRAWAL_KEY)?.0.try_into().ok()?;
    let previous = match (data.remove(PREVIOUS_CONFIRMATION_KEY), data.remove(CONFIRMATION_KEY_RETIRED)) {
        (Some(key), Some(retired)) => {
            let retired = std::str::from_utf8(&retired.0).ok()?.trim().parse().ok()?;
            Some(RetiredKey { key: key.0.try_into().ok()?, retired })
        }
        (None, None) => None,
        // Without its retirement time, the previous key would be accepted indefinitely.
        _ => return None,
    };
    Some(LinkKeys { current, previous, withdrawal })
}

/// A unique id. If the system provides no randomness, the time makes it unique, but not secret.
pub fn random_id() -> String {
    let mut bytes = [0; 16];
    let random = SystemRandom::new().fill(&mut bytes).map(|()| u128::from_be_bytes(bytes));
    let id = random.unwrap_or_else(|_| Timestamp::now().as_nanosecond().unsigned_abs());
    format!("{id:032x}")
}

/// Whether the text is valid in a tag and in a claim.
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
            (CONFIRMATION_KEY.to_owned(), ByteString(vec![8; 32])),
            (WITHDRAWAL_KEY.to_owned(), ByteString(vec![9; 32])),
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
    fn a_retired_confirmation_key_comes_with_its_time() {
        let mut retired = data("owner", 32);
        retired.insert(PREVIOUS_CONFIRMATION_KEY.to_owned(), ByteString(vec![6; 32]));
        retired.insert(CONFIRMATION_KEY_RETIRED.to_owned(), ByteString(b"2026-01-31T12:00:00Z\n".to_vec()));
        let previous = parse(retired, None).unwrap().links.previous.unwrap();
        assert_eq!((previous.key, previous.retired.to_string().as_str()), ([6; 32], "2026-01-31T12:00:00Z"));
    }

    #[test]
    fn a_secret_from_before_confirmations_gets_their_keys_once() {
        let mut before = new_secret("s", None).unwrap();
        before.metadata.resource_version = Some("7".to_owned());
        assert!(completed(&before).unwrap().is_none(), "it has all");
        let data = before.data.as_mut().unwrap();
        data.remove(CONFIRMATION_KEY);
        assert!(completed(&before).unwrap().is_none(), "somebody took a part of it away");
        before.data.as_mut().unwrap().remove(WITHDRAWAL_KEY);
        let patch = completed(&before).unwrap().unwrap();
        assert_eq!(patch["metadata"]["resourceVersion"], "7", "and only this version of it");
        assert_eq!(patch["data"].as_object().unwrap().len(), 2);
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
            ("no confirmation key", {
                let mut data = data("stored", 32);
                data.remove(CONFIRMATION_KEY);
                data
            }),
            ("a retired key without its time", {
                let mut data = data("stored", 32);
                data.insert(PREVIOUS_CONFIRMATION_KEY.to_owned(), ByteString(vec![6; 32]));
                data
            }),
            ("upper case id", data("Stored", 32)),
            ("empty id", data("", 32)),
        ] {
            assert!(parse(broken, None).is_none(), "{case}");
        }
    }
}
