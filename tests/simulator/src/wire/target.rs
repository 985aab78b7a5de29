//! What a request is about, for journal, faults and dispatch.

use serde_json::Value;

use super::operation::{Operation, query, route};
use super::{AwsRequest, sts};
use crate::state::Account;

/// The service a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Ses,
    Sts,
}

impl Service {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ses => "ses",
            Self::Sts => "sts",
        }
    }
}

/// What a request turned out to be.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) service: Service,
    /// For journal and faults; `METHOD /path` when SES has no such operation.
    pub(super) name: String,
    /// `None` for STS, and for what the simulator does not have.
    pub(super) operation: Option<Operation>,
    /// The identity in path, body or ARN, as the caller wrote it.
    pub(super) identity: Option<String>,
}

impl Target {
    pub(super) fn of(request: &AwsRequest, account: &Account) -> Self {
        if request.path == "/" {
            return Self { service: Service::Sts, name: sts::action(&request.body), operation: None, identity: None };
        }
        let (operation, identity) = route(&request.method, &request.path).unzip();
        let unknown = || format!("{} {}", request.method, request.path);
        Self {
            service: Service::Ses,
            name: operation.map_or_else(unknown, |operation| operation.name().to_owned()),
            operation,
            identity: identity.flatten().or_else(|| named_inside(request, account)),
        }
    }
}

/// The identity in the body or in an ARN.
fn named_inside(request: &AwsRequest, account: &Account) -> Option<String> {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    if let Some(name) = body["EmailIdentity"].as_str() {
        return Some(name.to_owned());
    }
    let in_query = query(&request.query).into_iter().find(|(key, _)| key == "ResourceArn").map(|(_, arn)| arn);
    let arn = in_query.or_else(|| body["ResourceArn"].as_str().map(str::to_owned))?;
    account.name_in_arn(&arn).map(str::to_owned)
}

/// The request in short for the journal, without private keys.
pub(super) fn summary(request: &AwsRequest) -> String {
    let mut summary = match serde_json::from_slice::<Value>(&request.body) {
        Ok(mut body) => {
            for place in ["/DkimSigningAttributes", "/SigningAttributes"] {
                if let Some(key) = body.pointer_mut(&format!("{place}/DomainSigningPrivateKey")) {
                    *key = Value::from("…");
                }
            }
            body.to_string()
        }
        Err(_) => String::from_utf8_lossy(&request.body).into_owned(),
    };
    if !request.query.is_empty() {
        summary = format!("?{} {summary}", request.query);
    }
    summary.chars().take(2000).collect()
}
