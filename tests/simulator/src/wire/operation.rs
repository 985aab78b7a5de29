//! Finds the operation of a request by method and path (from the SDK's `uri_base` functions), and reads its input.

use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::target::Target;
use super::{AwsRequest, error};
use crate::core::api::{self, ApiError, Call, Context};

/// A supported operation.
#[derive(Clone, Copy)]
pub(super) struct Operation {
    /// The name in the API reference and in IAM.
    pub(super) name: &'static str,
    /// Reads the call, executes it, and writes its answer.
    pub(super) run: fn(&mut Context<'_>, &Input<'_>) -> Result<Value, ApiError>,
}

impl Operation {
    pub(super) fn sends(self) -> bool {
        self.name == "SendEmail"
    }
}

/// The operation with a name. Its members are in the body; those in braces are in the path or the query.
macro_rules! operation {
    ($name:ident) => {
        operation!(@ $name, |input| input.body()?)
    };
    ($name:ident { $($member:ident,)+ .. }) => {
        operation!(@ $name, |input| api::$name { $($member: input.$member(),)+ ..input.body()? })
    };
    ($name:ident { $($member:ident),+ }) => {
        operation!(@ $name, |input| api::$name { $($member: input.$member()),+ })
    };
    (@ $name:ident, |$input:ident| $call:expr) => {
        Operation {
            name: stringify!($name),
            run: |cx, $input| {
                let call: api::$name = $call;
                Ok(json!(call.run(cx)?))
            },
        }
    };
}

/// The information in method and path.
pub(super) struct Route {
    pub(super) operation: Operation,
    /// The identity in the path.
    pub(super) identity: Option<String>,
    /// The policy or the configuration set in the path.
    pub(super) name: Option<String>,
}

/// The operation of a request and the names in its path.
pub(super) fn route(method: &str, path: &str) -> Option<Route> {
    let rest = path.strip_prefix("/v2/email/")?;
    let segments: Vec<&str> = rest.split('/').collect();
    let operation = match (method, segments.as_slice()) {
        ("POST", ["identities"]) => operation!(CreateEmailIdentity),
        ("POST", ["list-identities"]) => operation!(ListEmailIdentities),
        ("GET", ["identities", _]) => operation!(GetEmailIdentity { email_identity }),
        ("DELETE", ["identities", _]) => operation!(DeleteEmailIdentity { email_identity }),
        ("PUT", ["identities", _, "dkim"]) => operation!(PutEmailIdentityDkimAttributes { email_identity, .. }),
        ("PUT", ["identities", _, "dkim", "signing"]) => {
            operation!(PutEmailIdentityDkimSigningAttributes { email_identity, .. })
        }
        ("PUT", ["identities", _, "configuration-set"]) => {
            operation!(PutEmailIdentityConfigurationSetAttributes { email_identity, .. })
        }
        ("PUT", ["identities", _, "mail-from"]) => {
            operation!(PutEmailIdentityMailFromAttributes { email_identity, .. })
        }
        ("POST", ["identities", _, "policies", _]) => {
            operation!(CreateEmailIdentityPolicy { email_identity, policy_name, .. })
        }
        ("PUT", ["identities", _, "policies", _]) => {
            operation!(UpdateEmailIdentityPolicy { email_identity, policy_name, .. })
        }
        ("DELETE", ["identities", _, "policies", _]) => {
            operation!(DeleteEmailIdentityPolicy { email_identity, policy_name })
        }
        ("GET", ["identities", _, "policies"]) => operation!(GetEmailIdentityPolicies { email_identity }),
        ("POST", ["configuration-sets"]) => operation!(CreateConfigurationSet),
        ("GET", ["configuration-sets", _]) => operation!(GetConfigurationSet { configuration_set_name }),
        ("DELETE", ["configuration-sets", _]) => operation!(DeleteConfigurationSet { configuration_set_name }),
        ("POST", ["tags"]) => operation!(TagResource),
        ("DELETE", ["tags"]) => operation!(UntagResource { resource_arn, tag_keys }),
        ("GET", ["tags"]) => operation!(ListTagsForResource { resource_arn }),
        ("POST", ["tenants"]) => operation!(CreateTenant),
        ("POST", ["tenants", "get"]) => operation!(GetTenant),
        ("POST", ["tenants", "list"]) => operation!(ListTenants),
        ("POST", ["tenants", "delete"]) => operation!(DeleteTenant),
        ("POST", ["tenants", "resources"]) => operation!(CreateTenantResourceAssociation),
        ("POST", ["tenants", "resources", "delete"]) => operation!(DeleteTenantResourceAssociation),
        ("POST", ["tenants", "resources", "list"]) => operation!(ListTenantResources),
        ("POST", ["resources", "tenants", "list"]) => operation!(ListResourceTenants),
        ("GET", ["account"]) => Operation { name: "GetAccount", run: |cx, _| Ok(json!(api::GetAccount.run(cx)?)) },
        ("POST", ["outbound-emails"]) => operation!(SendEmail),
        _ => return None,
    };
    let (identity, name) = match segments.as_slice() {
        ["identities", identity, "policies", name] => (Some(identity), Some(name)),
        ["identities", identity, ..] => (Some(identity), None),
        ["configuration-sets", name] => (None, Some(name)),
        _ => (None, None),
    };
    let decoded = |name: &&str| percent_decode_str(name).decode_utf8_lossy().into_owned();
    Some(Route { operation, identity: identity.map(decoded), name: name.map(decoded) })
}

/// The sources of a call's members.
pub(super) struct Input<'a> {
    pub(super) target: &'a Target,
    pub(super) request: &'a AwsRequest,
}

impl Input<'_> {
    fn email_identity(&self) -> String {
        self.target.identity.clone().unwrap_or_default()
    }

    fn policy_name(&self) -> String {
        self.target.name_in_path.clone()
    }

    fn configuration_set_name(&self) -> String {
        self.target.name_in_path.clone()
    }

    fn resource_arn(&self) -> Option<String> {
        self.request.parameters("ResourceArn").next()
    }

    fn tag_keys(&self) -> Vec<String> {
        self.request.parameters("TagKeys").collect()
    }

    /// A JSON body; an empty one is an empty object.
    fn body<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let body = if self.request.body.is_empty() { b"{}" } else { self.request.body.as_slice() };
        serde_json::from_slice(body).map_err(|error| error::serialization(&error))
    }
}
