//! One request to the API server: its deadline and its error class.

use std::future::Future;

use kube::{Api, Resource, ResourceExt, api::ListParams, core::Status};
use serde::de::DeserializeOwned;

use super::store::{REQUEST_DEADLINE, StoreError};
use crate::api::GROUP;

pub(super) async fn bounded<T>(request: impl Future<Output = Result<T, kube::Error>> + Send) -> Result<T, StoreError> {
    match tokio::time::timeout(REQUEST_DEADLINE, request).await {
        Ok(answer) => answer.map_err(|error| classify(&error)),
        Err(_) => Err(StoreError::Unavailable),
    }
}

/// The object; `None`: the API server reports that it does not exist.
pub(super) async fn found<T>(
    request: impl Future<Output = Result<T, kube::Error>> + Send,
) -> Result<Option<T>, StoreError> {
    match bounded(request).await {
        Ok(object) => Ok(Some(object)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tenants' objects on one page of a list. Each can have annotations of 256 KiB, so a page has at most 13 MiB.
pub(super) const PAGE: u32 = 50;
/// Claims on one page. Only the operator writes them, and each has a few KiB.
pub(super) const CLAIMS_PAGE: u32 = 500;
/// Bytes of the value of an annotation of ours that are kept of a listed object.
const KEPT_VALUE: usize = 1200;

/// All objects of a list, page by page. Each page is one request, and large metadata is dropped before the next one.
pub(super) async fn list<K>(api: &Api<K>, params: ListParams, page: u32) -> Result<Vec<K>, StoreError>
where
    K: Resource + Clone + DeserializeOwned + std::fmt::Debug + Send,
{
    let mut params = params.limit(page);
    let mut all = Vec::new();
    loop {
        let page = bounded(api.list(&params)).await?;
        params.continue_token = page.metadata.continue_.filter(|token| !token.is_empty());
        all.extend(page.items.into_iter().map(without_large_metadata));
        if params.continue_token.is_none() {
            return Ok(all);
        }
    }
}

fn without_large_metadata<K: Resource>(mut object: K) -> K {
    object.managed_fields_mut().clear();
    object.annotations_mut().retain(|key, _| key.split_once('/').is_some_and(|(group, _)| group == GROUP));
    for value in object.annotations_mut().values_mut() {
        value.truncate(value.floor_char_boundary(KEPT_VALUE));
    }
    object
}

/// Whether the API server itself reports, by name, that one object does not exist. Any other 404 comes from a proxy, or
/// from a server that does not serve the kind at the moment; it proves no absence.
pub(super) fn is_absence(status: &Status) -> bool {
    status.code == 404
        && status.reason == "NotFound"
        && status.details.as_ref().is_some_and(|details| !details.name.is_empty())
}

fn classify(error: &kube::Error) -> StoreError {
    tracing::debug!(%error, "request to the API server failed");
    match error {
        kube::Error::Api(status) if is_absence(status) => StoreError::NotFound,
        kube::Error::Api(status) => match status.code {
            409 => StoreError::Conflict,
            401 | 403 => StoreError::Denied(status.message.clone()),
            400 | 422 => StoreError::Invalid(status.message.clone()),
            _ => StoreError::Unavailable,
        },
        kube::Error::SerdeError(_) => StoreError::Invalid("an object that this operator cannot parse".to_owned()),
        _ => StoreError::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_object_keeps_only_short_annotations_of_ours() {
        let text = r#"{"apiVersion": "sender-operator.io/v1alpha1", "kind": "SenderDomain", "spec": {"domain": "a.example"},
            "metadata": {"name": "a", "managedFields": [{"manager": "kubectl"}], "annotations": {
                "sender-operator.io/resend": "long", "example.com/large": "value", "plain": "value"}}}"#;
        let mut object: crate::api::SenderDomain = serde_json::from_str(text).unwrap();
        object.annotations_mut().insert("sender-operator.io/resend".to_owned(), "é".repeat(100_000));
        let kept = without_large_metadata(object);
        assert!(kept.managed_fields().is_empty());
        let kept: Vec<(&String, usize)> = kept.annotations().iter().map(|(key, value)| (key, value.len())).collect();
        assert_eq!(kept, [(&"sender-operator.io/resend".to_owned(), KEPT_VALUE)]);
    }

    #[test]
    fn only_the_api_servers_own_word_about_one_object_is_an_absence() {
        let status = |text: &str| serde_json::from_str::<Status>(text).unwrap();
        let gone = r#"{"status": "Failure", "reason": "NotFound", "details": {"name": "mail", "kind": "senderdomains"},
            "code": 404}"#;
        let unserved = r#"{"status": "Failure", "reason": "NotFound", "details": {}, "code": 404,
            "message": "the server could not find the requested resource"}"#;
        let page = Status::failure("404 page not found", "Failed to parse error data").with_code(404);
        for (status, expected) in [
            (status(gone), StoreError::NotFound),
            (status(unserved), StoreError::Unavailable),
            (page, StoreError::Unavailable),
        ] {
            assert_eq!(classify(&kube::Error::Api(status.clone().boxed())), expected, "{status:?}");
        }
    }
}
