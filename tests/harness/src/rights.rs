//! Waits until the API server applies a right: roles and bindings take effect a moment after they are written.

use k8s_openapi::api::authorization::v1::SubjectAccessReview;
use kube::{Api, Client, api::PostParams};
use serde_json::{Value, json};

use crate::wait::eventually;

pub(crate) struct Right(Value);

impl Right {
    pub(crate) fn new(verb: &str, group: &str, resource: &str) -> Self {
        Self(json!({ "verb": verb, "group": group, "resource": resource }))
    }

    pub(crate) fn in_namespace(mut self, namespace: &str) -> Self {
        self.0["namespace"] = json!(namespace);
        self
    }

    pub(crate) fn named(mut self, name: &str) -> Self {
        self.0["name"] = json!(name);
        self
    }
}

/// Returns when the user has the right.
pub(crate) async fn granted(admin: &Client, user: &str, groups: &[&str], right: &Right) -> anyhow::Result<()> {
    let reviews: Api<SubjectAccessReview> = Api::all(admin.clone());
    let spec = json!({ "spec": { "user": user, "groups": groups, "resourceAttributes": right.0 } });
    let review: SubjectAccessReview = serde_json::from_value(spec)?;
    eventually(&format!("{user} may {}", right.0), async || {
        let answer = reviews.create(&PostParams::default(), &review).await.map_err(|error| error.to_string())?;
        match answer.status {
            Some(status) if status.allowed => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await
}
