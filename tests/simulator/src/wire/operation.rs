//! Which operation a request is, by method and path (the SDK's `uri_base` functions are the source).

/// The operations: one list for the type and the names, which are those in the API reference and in IAM.
macro_rules! operations {
    ($($name:ident),* $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Operation {
            $($name),*
        }

        impl Operation {
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name)),*
                }
            }
        }
    };
}

operations! {
    CreateEmailIdentity,
    GetEmailIdentity,
    ListEmailIdentities,
    DeleteEmailIdentity,
    PutEmailIdentityDkimAttributes,
    PutEmailIdentityDkimSigningAttributes,
    PutEmailIdentityConfigurationSetAttributes,
    PutEmailIdentityMailFromAttributes,
    CreateEmailIdentityPolicy,
    UpdateEmailIdentityPolicy,
    DeleteEmailIdentityPolicy,
    GetEmailIdentityPolicies,
    CreateConfigurationSet,
    GetConfigurationSet,
    DeleteConfigurationSet,
    TagResource,
    UntagResource,
    ListTagsForResource,
    CreateTenant,
    GetTenant,
    ListTenants,
    DeleteTenant,
    CreateTenantResourceAssociation,
    DeleteTenantResourceAssociation,
    ListTenantResources,
    ListResourceTenants,
    GetAccount,
    SendEmail,
}

/// What method and path say about a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) operation: Operation,
    pub(crate) identity: Option<String>,
    pub(crate) name: Option<String>,
}

pub(crate) fn route(method: &str, path: &str) -> Option<Route> {
    let rest = path.strip_prefix("/v2/email/")?;
    let segments: Vec<&str> = rest.split('/').collect();
    let operation = match (method, segments.as_slice()) {
        ("POST", ["identities"]) => Operation::CreateEmailIdentity,
        ("POST", ["list-identities"]) => Operation::ListEmailIdentities,
        ("GET", ["identities", _]) => Operation::GetEmailIdentity,
        ("DELETE", ["identities", _]) => Operation::DeleteEmailIdentity,
        ("PUT", ["identities", _, "dkim"]) => Operation::PutEmailIdentityDkimAttributes,
        ("PUT", ["identities", _, "dkim", "signing"]) => Operation::PutEmailIdentityDkimSigningAttributes,
        ("PUT", ["identities", _, "configuration-set"]) => Operation::PutEmailIdentityConfigurationSetAttributes,
        ("PUT", ["identities", _, "mail-from"]) => Operation::PutEmailIdentityMailFromAttributes,
        ("POST", ["identities", _, "policies", _]) => Operation::CreateEmailIdentityPolicy,
        ("PUT", ["identities", _, "policies", _]) => Operation::UpdateEmailIdentityPolicy,
        ("DELETE", ["identities", _, "policies", _]) => Operation::DeleteEmailIdentityPolicy,
        ("GET", ["identities", _, "policies"]) => Operation::GetEmailIdentityPolicies,
        ("POST", ["configuration-sets"]) => Operation::CreateConfigurationSet,
        ("GET", ["configuration-sets", _]) => Operation::GetConfigurationSet,
        ("DELETE", ["configuration-sets", _]) => Operation::DeleteConfigurationSet,
        ("POST", ["tags"]) => Operation::TagResource,
        ("DELETE", ["tags"]) => Operation::UntagResource,
        ("GET", ["tags"]) => Operation::ListTagsForResource,
        ("POST", ["tenants"]) => Operation::CreateTenant,
        ("POST", ["tenants", "get"]) => Operation::GetTenant,
        ("POST", ["tenants", "list"]) => Operation::ListTenants,
        ("POST", ["tenants", "delete"]) => Operation::DeleteTenant,
        ("POST", ["tenants", "resources"]) => Operation::CreateTenantResourceAssociation,
        ("POST", ["tenants", "resources", "delete"]) => Operation::DeleteTenantResourceAssociation,
        ("POST", ["tenants", "resources", "list"]) => Operation::ListTenantResources,
        ("POST", ["resources", "tenants", "list"]) => Operation::ListResourceTenants,
        ("GET", ["account"]) => Operation::GetAccount,
        ("POST", ["outbound-emails"]) => Operation::SendEmail,
        _ => return None,
    };
    let (identity, name) = match segments.as_slice() {
        ["identities", identity, "policies", name] => (Some(identity), Some(name)),
        ["identities", identity, ..] => (Some(identity), None),
        ["configuration-sets", name] => (None, Some(name)),
        _ => (None, None),
    };
    let decoded = |name: &&str| percent_decoded(name);
    Some(Route { operation, identity: identity.map(decoded), name: name.map(decoded) })
}

/// The parameters of a query string, in order, decoded.
pub(crate) fn query(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (percent_decoded(key), percent_decoded(value))
        })
        .collect()
}

/// `%40` becomes `@`; a `%` that starts nothing stays.
pub(crate) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let byte = code.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        decoded.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_by_method_and_path() {
        use Operation as O;
        let table = [
            ("POST", "/v2/email/identities", Some((O::CreateEmailIdentity, None))),
            ("POST", "/v2/email/list-identities", Some((O::ListEmailIdentities, None))),
            ("GET", "/v2/email/identities", None),
            ("GET", "/v2/email/identities/a%40b.example", Some((O::GetEmailIdentity, Some("a@b.example")))),
            ("DELETE", "/v2/email/identities/b.example", Some((O::DeleteEmailIdentity, Some("b.example")))),
            (
                "PUT",
                "/v2/email/identities/b.example/dkim/signing",
                Some((O::PutEmailIdentityDkimSigningAttributes, Some("b.example"))),
            ),
            (
                "PUT",
                "/v2/email/identities/b.example/mail-from",
                Some((O::PutEmailIdentityMailFromAttributes, Some("b.example"))),
            ),
            ("PUT", "/v2/email/identities/b.example/feedback", None),
            ("POST", "/v2/email/tenants", Some((O::CreateTenant, None))),
            ("POST", "/v2/email/tenants/get", Some((O::GetTenant, None))),
            ("POST", "/v2/email/tenants/resources/delete", Some((O::DeleteTenantResourceAssociation, None))),
            ("GET", "/v2/email/tenants", None),
            ("GET", "/v2/email/account", Some((O::GetAccount, None))),
            ("POST", "/v2/email/outbound-emails", Some((O::SendEmail, None))),
            ("GET", "/elsewhere", None),
        ];
        for (method, path, expected) in table {
            let expected =
                expected.map(|(operation, name)| Route { operation, identity: name.map(str::to_owned), name: None });
            assert_eq!(route(method, path), expected, "{method} {path}");
        }
        let policy = route("PUT", "/v2/email/identities/a%40b.example/policies/one");
        let (operation, identity, name) = (O::UpdateEmailIdentityPolicy, "a@b.example".to_owned(), "one".to_owned());
        let set = route("GET", "/v2/email/configuration-sets/tracked").unwrap();
        assert_eq!((set.operation, set.identity, set.name.as_deref()), (O::GetConfigurationSet, None, Some("tracked")));
        assert_eq!(policy, Some(Route { operation, identity: Some(identity), name: Some(name) }));
    }

    #[test]
    fn queries_and_paths_are_decoded() {
        assert_eq!(
            query("a=1&b=x%20y&a=&c"),
            [("a", "1"), ("b", "x y"), ("a", ""), ("c", "")].map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
        assert_eq!(percent_decoded("100%"), "100%");
        assert_eq!(percent_decoded("%4z%C3%BC"), "%4zü");
    }
}
