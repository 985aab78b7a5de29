//! Admin actions: annotations on claims. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tenant::Tenant;

/// Annotation that lets a held-back deletion in SES proceed (any non-empty value). It approves one release.
pub const APPROVE_RELEASE: &str = "sender-operator.io/approve-release";
/// Annotation that takes a domain from its holder; its value is the reason. While it is set, that tenant cannot reclaim
/// the domain.
pub const FORCE_RELEASE: &str = "sender-operator.io/force-release";
/// Annotation that transfers a domain to the tenant in its value: `tenant/<label>` or `namespace/<name>/<uid>`.
pub const TRANSFER_TO: &str = "sender-operator.io/transfer-to";
/// Annotation with the uid of a recreated namespace, as after a restore. The namespace then continues as the same
/// tenant.
pub const APPROVE_NAMESPACE: &str = "sender-operator.io/approve-namespace";
/// Annotation that approves an address without an email, for senders without a mailbox; its value is the reason.
pub const APPROVE_ADDRESS: &str = "sender-operator.io/approve-address";
/// Annotation that removes the personal data from the evidence of a confirmation (any new value).
pub const ERASE_EVIDENCE: &str = "sender-operator.io/erase-evidence";
/// Admin actions recorded in a claim.
const KEPT: usize = 20;
/// Longest recorded value, in characters.
const LONGEST: usize = 300;

/// Kinds of admin actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum ActionKind {
    /// The tenant loses the subject.
    ForceRelease,
    /// Another tenant gets the subject without a proof.
    Transfer,
    /// A deletion in SES that was held back proceeds.
    ApproveRelease,
    /// A recreated namespace continues as the same tenant.
    ApproveNamespace,
    /// The address is approved in place of the mailbox owner.
    ApproveAddress,
    /// Personal data is removed from the evidence of a confirmation.
    EraseEvidence,
}

impl ActionKind {
    /// Every admin action, with its annotation.
    const ALL: [(&'static str, Self); 6] = [
        (FORCE_RELEASE, Self::ForceRelease),
        (TRANSFER_TO, Self::Transfer),
        (APPROVE_RELEASE, Self::ApproveRelease),
        (APPROVE_NAMESPACE, Self::ApproveNamespace),
        (APPROVE_ADDRESS, Self::ApproveAddress),
        (ERASE_EVIDENCE, Self::EraseEvidence),
    ];

    /// The annotation that requests this action.
    pub fn annotation(self) -> &'static str {
        Self::ALL.iter().find(|(_, action)| *action == self).map_or("", |(key, _)| key)
    }

    /// Whether this action applies to the claim of an address (`true`) or of a domain (`false`).
    fn is_for(self, address: bool) -> bool {
        match self {
            Self::ForceRelease => true,
            Self::Transfer | Self::ApproveRelease | Self::ApproveNamespace => !address,
            Self::ApproveAddress | Self::EraseEvidence => address,
        }
    }
}

/// Admin action: an annotation on a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestedAction {
    /// Kind of the action. Example: `ForceRelease` for the annotation `sender-operator.io/force-release`.
    pub action: ActionKind,
    /// Value of the annotation, truncated to 300 characters. Example: `sends spam`.
    #[schemars(length(max = 300))]
    pub value: String,
}

impl RequestedAction {
    /// Whether this requested action is the handled one. The value of a forced release is its reason: a new wording
    /// does not take the domain from the next holder.
    pub fn is(&self, handled: &Self) -> bool {
        self.action == handled.action && (self.action == ActionKind::ForceRelease || self.value == handled.value)
    }
}

/// Record of a handled admin action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdminAction {
    /// The action.
    #[serde(flatten)]
    pub requested: RequestedAction,
    /// Time at which it was handled.
    pub time: Timestamp,
    /// Owner before the action, as `tenant/<label>` or `namespace/<name>/<uid>`. Absent: no owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub before: Option<Tenant>,
    /// Owner after the action, in the same form. Absent: no owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200))]
    pub after: Option<Tenant>,
}

/// The admin actions that a claim's annotations request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedActions {
    /// The actions; each is carried out once.
    pub actions: Vec<RequestedAction>,
    /// An annotation that is invalid, as a sentence.
    pub problem: Option<String>,
}

impl RequestedActions {
    /// Reads the annotations of a claim. `address`: the subject is an address.
    pub fn of(annotations: &BTreeMap<String, String>, address: bool) -> Self {
        let value = |key: &str| annotations.get(key).filter(|value| !value.is_empty());
        let found = ActionKind::ALL.into_iter().filter_map(|(key, action)| Some((key, action, value(key)?)));
        let (mut actions, mut problem) = (Vec::new(), None);
        for (key, action, value) in found {
            if !action.is_for(address) {
                let subject = if address { "an address" } else { "a domain" };
                problem = Some(format!("{key} does not apply to a claim on {subject}. Remove the annotation."));
            } else if action == ActionKind::Transfer && value.parse::<Tenant>().is_err() {
                problem = Some(format!(
                    "{key} does not name a tenant. Use tenant/<label> or namespace/<name>/<uid of the namespace>."
                ));
            } else {
                actions.push(RequestedAction { action, value: value.chars().take(LONGEST).collect() });
            }
        }
        Self { actions, problem }
    }

    /// The requested action of this kind.
    pub fn get(&self, action: ActionKind) -> Option<&RequestedAction> {
        self.actions.iter().find(|requested| requested.action == action)
    }
}

/// Appends a record; drops the oldest ones.
pub fn with_admin_action(admin_actions: &[AdminAction], admin_action: AdminAction) -> Vec<AdminAction> {
    let all = admin_actions.iter().cloned().chain([admin_action]).collect::<Vec<_>>();
    all[all.len().saturating_sub(KEPT)..].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> RequestedActions {
        read(pairs, false)
    }

    fn read(pairs: &[(&str, &str)], address: bool) -> RequestedActions {
        RequestedActions::of(&pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(), address)
    }

    #[test]
    fn annotations_are_read_and_what_names_no_tenant_is_told() {
        assert_eq!(of(&[("other", "x"), (APPROVE_RELEASE, ""), (FORCE_RELEASE, "")]), RequestedActions::default());
        let actions = of(&[(APPROVE_RELEASE, "yes"), (FORCE_RELEASE, "abuse"), (TRANSFER_TO, "tenant/acme")]);
        assert!(actions.get(ActionKind::ApproveRelease).is_some() && actions.problem.is_none());
        assert_eq!(actions.get(ActionKind::ForceRelease).unwrap().value, "abuse");
        assert_eq!(actions.get(ActionKind::Transfer).unwrap().value, "tenant/acme");
        let bad = of(&[(TRANSFER_TO, "acme"), (APPROVE_NAMESPACE, "1")]);
        assert!(bad.problem.unwrap().contains("tenant/<label>") && bad.actions.len() == 1);
    }

    #[test]
    fn an_annotation_that_does_not_apply_to_the_subject_is_reported_and_not_handled() {
        for (key, address) in [
            (TRANSFER_TO, true),
            (APPROVE_RELEASE, true),
            (APPROVE_NAMESPACE, true),
            (APPROVE_ADDRESS, false),
            (ERASE_EVIDENCE, false),
        ] {
            let actions = read(&[(key, "tenant/acme"), (FORCE_RELEASE, "abuse")], address);
            assert!(actions.problem.is_some_and(|problem| problem.starts_with(key)), "{key}");
            assert_eq!(actions.actions.len(), 1, "{key}");
            assert_eq!(read(&[(key, "tenant/acme")], !address).actions.len(), 1, "{key}");
        }
    }

    #[test]
    fn the_newest_admin_actions_are_kept() {
        let requested = |n: usize| RequestedAction { action: ActionKind::ForceRelease, value: n.to_string() };
        let admin_action =
            |n| AdminAction { requested: requested(n), time: Timestamp::UNIX_EPOCH, before: None, after: None };
        let all = (0..30).fold(Vec::new(), |all, n| with_admin_action(&all, admin_action(n)));
        assert_eq!((all.len(), all[0].requested.value.as_str()), (KEPT, "10"));
    }
}
