//! A large number of sender domains, as in a cluster after an operator's work.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{StreamExt, TryStreamExt, stream};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
};
use sender_operator::api::SenderDomain;
use serde_json::{Value, json};

use super::say;
use crate::{ControlPlane, controlplane::apply};

/// Objects per namespace.
const PER_NAMESPACE: usize = 1000;
/// Maximum parallel requests.
const PARALLEL: usize = 32;
/// Objects per progress report.
const STEP: usize = 5000;

pub(super) struct Crowd {
    pub(super) environment: String,
    pub(super) objects: usize,
}

impl Crowd {
    /// Creates all of them. Returns the size of one, in bytes of JSON.
    pub(super) async fn apply(&self, cluster: &ControlPlane) -> anyhow::Result<usize> {
        let admin = cluster.admin().await?;
        for n in 0..self.objects.div_ceil(PER_NAMESPACE) {
            let labels = json!({ "sender-operator.io/environment": self.environment });
            let metadata = json!({ "name": format!("crowd-{n}"), "labels": labels });
            apply(&admin, None, &json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata })).await?;
        }
        let done = AtomicUsize::new(0);
        let sizes = stream::iter(0..self.objects).map(|n| {
            let (admin, done) = (&admin, &done);
            async move {
                let size = make(admin, n).await?;
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                if done.is_multiple_of(STEP) {
                    say(&format!("{done} of {} objects", self.objects));
                }
                Ok::<_, anyhow::Error>(size)
            }
        });
        let sizes: Vec<usize> = sizes.buffer_unordered(PARALLEL).try_collect().await?;
        Ok(sizes.iter().sum::<usize>() / sizes.len().max(1))
    }
}

/// One user creates it, another one writes its status: two entries of managedFields.
async fn make(admin: &Client, n: usize) -> anyhow::Result<usize> {
    let api = Api::<SenderDomain>::namespaced(admin.clone(), &format!("crowd-{}", n / PER_NAMESPACE));
    let (name, domain) = (format!("mail-{n}"), format!("mail-{n}.customers.example.com"));
    let params = PostParams { field_manager: Some("argocd-controller".to_owned()), ..PostParams::default() };
    let object: SenderDomain = serde_json::from_value(json!({
        "apiVersion": "sender-operator.io/v1alpha1", "kind": "SenderDomain",
        "metadata": { "name": name }, "spec": { "domain": domain },
    }))?;
    api.create(&params, &object).await?;
    let params = PatchParams::apply("sender-operator-other").force();
    let made = api.patch_status(&name, &params, &Patch::Apply(status(&domain, n))).await?;
    Ok(serde_json::to_vec(&made)?.len())
}

fn status(domain: &str, n: usize) -> Value {
    let condition = |type_: &str, reason: &str, message: String| {
        json!({
            "type": type_, "status": "True", "reason": reason, "message": message, "observedGeneration": 1,
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        })
    };
    let record = |part: usize| {
        let token = format!("{:032x}", n * 3 + part);
        json!({
            "type": "CNAME", "name": format!("{token}._domainkey.{domain}"),
            "value": format!("{token}.dkim.amazonses.com"), "purpose": "DKIM", "requirement": "required",
            "state": "Found",
        })
    };
    json!({
        "apiVersion": "sender-operator.io/v1alpha1", "kind": "SenderDomain",
        "status": {
            "observedGeneration": 1,
            "conditions": [
                condition("Owned", "Held", format!("{domain} belongs to this resource.")),
                condition("IdentityVerified", "Verified", "SES has verified the domain.".to_owned()),
                condition("DkimReady", "Signing", "All records are published, and SES signs.".to_owned()),
                condition("Ready", "Ready", format!("Mail can be sent from {domain}.")),
            ],
            "dnsRecords": [record(0), record(1), record(2)],
            "identity": {
                "arn": format!("arn:aws:ses:eu-west-1:111122223333:identity/{domain}"), "region": "eu-west-1",
                "verificationStatus": "SUCCESS", "dkimStatus": "SUCCESS", "signingEnabled": true,
            },
        },
    })
}
