//! The target of a request, for journal, faults and dispatch.

use serde_json::Value;

use super::operation::{Operation, Route, route};
use super::{AwsRequest, sts};
use crate::core::account::Account;
use crate::core::mail::address;
use crate::journal::Email;

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

pub(super) struct Target {
    pub(super) service: Service,
    /// For journal and faults; `METHOD /path` if SES has no such operation.
    pub(super) name: String,
    /// `None` for STS, and for unsupported operations.
    pub(super) operation: Option<Operation>,
    /// The identity in path, body or ARN, in the caller's spelling; for a mail, the sender's address.
    pub(super) identity: Option<String>,
    /// The other name in the path: a policy or a configuration set. Empty if there is none.
    pub(super) name_in_path: String,
    pub(super) tenant: Option<String>,
}

impl Target {
    pub(super) fn of(request: &AwsRequest, account: &Account) -> Self {
        if request.path == "/" {
            let name = sts::action(&request.body);
            let name_in_path = String::new();
            return Self { service: Service::Sts, name, operation: None, identity: None, name_in_path, tenant: None };
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let route = route(&request.method, &request.path);
        let (operation, identity, name_in_path) = match route {
            Some(Route { operation, identity, name }) => (Some(operation), identity, name.unwrap_or_default()),
            None => (None, None, String::new()),
        };
        let arn = arn(request, &body);
        let in_arn = || account.name_in_arn(arn.as_deref()?).map(str::to_owned);
        let unknown = || format!("{} {}", request.method, request.path);
        Self {
            service: Service::Ses,
            name: operation.map_or_else(unknown, |operation| operation.name.to_owned()),
            operation,
            identity: identity.or_else(|| text(&body, "EmailIdentity")).or_else(in_arn).or_else(|| sender(&body)),
            name_in_path,
            tenant: text(&body, "TenantName").or_else(|| tenant_in_arn(account, arn.as_deref()?)),
        }
    }
}

/// The address of `FromEmailAddress`, without a name.
fn sender(body: &Value) -> Option<String> {
    body["FromEmailAddress"].as_str().map(|written| address::spec(written).to_owned())
}

/// The ARN in the body or in the query.
fn arn(request: &AwsRequest, body: &Value) -> Option<String> {
    request.parameters("ResourceArn").next().or_else(|| text(body, "ResourceArn"))
}

/// The tenant in an ARN `…:tenant/NAME/ID`.
fn tenant_in_arn(account: &Account, arn: &str) -> Option<String> {
    let (name, _) = arn.strip_prefix(&account.arn_prefix())?.strip_prefix("tenant/")?.split_once('/')?;
    Some(name.to_owned())
}

fn text(body: &Value, member: &str) -> Option<String> {
    body[member].as_str().map(str::to_owned)
}

/// Paths of mail bodies in a request.
const BODIES: [&str; 2] = ["/Content/Simple/Body/Text/Data", "/Content/Simple/Body/Html/Data"];

/// The mail of a request, for the journal.
pub(super) fn email(request: &AwsRequest, message_id: Option<String>) -> Email {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let addresses = |kind: &str| body["Destination"][kind].as_array().cloned().unwrap_or_default();
    let to = ["ToAddresses", "CcAddresses", "BccAddresses"].into_iter().flat_map(addresses);
    Email {
        from: text(&body, "FromEmailAddress"),
        to: to.filter_map(|address| address.as_str().map(str::to_owned)).collect(),
        subject: text(&body["Content"]["Simple"]["Subject"], "Data"),
        configuration_set: text(&body, "ConfigurationSetName"),
        message_id,
    }
}

/// A summary of the request for the journal, without private keys and mail bodies, because links in them can be secret.
pub(super) fn summary(request: &AwsRequest) -> String {
    let mut summary = match serde_json::from_slice::<Value>(&request.body) {
        Ok(mut body) => {
            for place in ["/DkimSigningAttributes", "/SigningAttributes"] {
                if let Some(key) = body.pointer_mut(&format!("{place}/DomainSigningPrivateKey")) {
                    *key = Value::from("…");
                }
            }
            for place in BODIES {
                if let Some(text) = body.pointer_mut(place) {
                    *text = Value::from("…");
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
