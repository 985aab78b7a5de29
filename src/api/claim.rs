//! `SenderClaim`: the record of the owner of a domain or an address.

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::model::claim::Claim;

/// Record of who owns a domain or an address in one environment. All rights are derived from it. Only the operator
/// writes it; administrators act through annotations, such as `sender-operator.io/force-release`.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[kube(
    group = "sender-operator.io",
    version = "v1alpha1",
    kind = "SenderClaim",
    plural = "senderclaims",
    shortname = "sclaim",
    category = "sender",
    doc = "Record of who owns a sender domain or address. Written by the operator.",
    selectable = ".spec.subject.domain",
    selectable = ".spec.subject.address",
    selectable = ".spec.tenant",
    selectable = ".spec.state",
    validation = Rule::new("self.spec.environment == oldSelf.spec.environment && self.spec.subject == oldSelf.spec.subject")
        .message("the environment and the subject of a claim are immutable"),
    printcolumn(name = "Domain", type_ = "string", json_path = ".spec.subject.domain"),
    printcolumn(name = "Address", type_ = "string", json_path = ".spec.subject.address"),
    printcolumn(name = "State", type_ = "string", json_path = ".spec.state"),
    printcolumn(name = "Tenant", type_ = "string", json_path = ".spec.tenant"),
    printcolumn(name = "Proof", type_ = "string", json_path = ".spec.proof.kind"),
    printcolumn(name = "Since", type_ = "date", json_path = ".spec.proof.provenTime"),
    printcolumn(name = "Answer", type_ = "string", json_path = ".spec.confirmation.request.answer.kind"),
    printcolumn(name = "Releasing", type_ = "date", json_path = ".spec.releasingTime"),
    printcolumn(name = "Namespace", type_ = "string", priority = 1, json_path = ".spec.holder.namespace"),
    printcolumn(name = "Holder", type_ = "string", priority = 1, json_path = ".spec.holder.name")
)]
pub struct SenderClaimSpec {
    /// The record.
    #[serde(flatten)]
    pub claim: Claim,
}
