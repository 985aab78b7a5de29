//! Converts identities between the model, the operator, and the scenarios.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sender_operator::ses::{
    Diagnosis, Dkim, ENVIRONMENT_TAG, Identity, ListPage, ListedIdentity, OWNER_TAG, SesError, SetUp, Status as Seen,
};
use ses_simulator::{
    IdentityPatch, IdentityType, IdentityView, Status, TenantPatch,
    core::{Ses, api},
};

/// An identity for scenarios: the part that the console shows and can change.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub verification: Status,
    pub dkim: Status,
    pub signing: bool,
    /// Easy DKIM, not a key of the customer (BYODKIM).
    pub easy: bool,
    pub tags: BTreeMap<String, String>,
    /// No DNS record changes its states.
    pub blind: bool,
    /// Its settings.
    pub set_up: SetUp,
    /// Associated SES tenants.
    pub associations: Vec<String>,
}

impl From<IdentityView> for Held {
    fn from(view: IdentityView) -> Self {
        Self {
            verification: view.verification_status,
            dkim: view.dkim_status,
            signing: view.signing_enabled,
            easy: view.origin == "AWS_SES",
            tags: view.tags,
            blind: view.pinned,
            set_up: SetUp {
                policies: view.policies.into_keys().collect(),
                mail_from: view.mail_from.map(|mail_from| mail_from.domain),
                configuration_set: view.configuration_set,
            },
            associations: view.tenants,
        }
    }
}

impl Held {
    pub fn owner(&self) -> Option<&String> {
        self.tags.get(OWNER_TAG)
    }

    pub fn environment(&self) -> Option<&String> {
        self.tags.get(ENVIRONMENT_TAG)
    }

    /// Applies the differences from the earlier state. Policies and associations can only be added.
    pub fn put(self, domain: &str, before: &Self, ses: &mut Ses, now: Timestamp) {
        let cleared =
            |now: &Option<String>, before: &Option<String>| (now != before).then(|| now.clone().unwrap_or_default());
        // A search without a result has begun.
        let begun = |status| if self.blind && status == Status::NotStarted { Status::Pending } else { status };
        let (verification, dkim) = (begun(self.verification), begun(self.dkim));
        let patch = IdentityPatch {
            verification_status: Some(verification).filter(|status| *status != before.verification),
            dkim_status: Some(dkim).filter(|status| *status != before.dkim),
            signing_enabled: Some(self.signing),
            origin: (self.easy != before.easy).then(|| if self.easy { "AWS_SES" } else { "EXTERNAL" }.to_owned()),
            tags: Some(self.tags),
            configuration_set: cleared(&self.set_up.configuration_set, &before.set_up.configuration_set),
            mail_from: cleared(&self.set_up.mail_from, &before.set_up.mail_from),
            pinned: Some(self.blind),
            ..IdentityPatch::default()
        };
        assert!(ses.change_identity(domain, patch, now));
        for policy in self.set_up.policies {
            ses.put_policy(domain, &policy, "{}").unwrap();
        }
        for tenant in self.associations {
            ses.put_tenant(&tenant, TenantPatch::default(), now);
            ses.associate(&tenant, domain, now).unwrap();
        }
    }
}

fn status(status: Status) -> Seen {
    Seen::from_wire(status.as_str())
}

/// Converts an answer of SES to the operator's type. `word` overrides the state of its DKIM.
///
/// Before the first search, nothing is found. The reason of a failed search is always the same and no zone is named:
/// statuses are compared as a whole.
pub fn identity(answer: api::EmailIdentity, word: Option<&String>) -> Identity {
    let dkim = answer.dkim_attributes;
    let failed = answer.verification_info.is_none_or(|info| info.error_type.is_some());
    Identity {
        sending: answer.verified_for_sending_status,
        verification: status(answer.verification_status),
        dkim: Dkim {
            signing_enabled: dkim.signing_enabled,
            status: word.map_or_else(|| status(dkim.status), |word| Seen::from_wire(word)),
            tokens: dkim.tokens.unwrap_or_default(),
            zone: dkim.key.map(|key| key.signing_hosted_zone),
            easy: dkim.signing_attributes_origin == "AWS_SES",
        },
        tags: answer.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        diagnosis: Diagnosis { error_type: failed.then(|| "HOST_NOT_FOUND".to_owned()), ..Diagnosis::default() },
        set_up: SetUp {
            policies: answer.policies.into_keys().collect(),
            mail_from: answer.mail_from_attributes.mail_from_domain,
            configuration_set: answer.configuration_set_name,
        },
    }
}

/// Converts a page of a list to the operator's type: domains only.
pub fn page(answer: api::EmailIdentities) -> ListPage {
    let domains = answer.email_identities.into_iter().filter(|info| info.identity_type == IdentityType::Domain);
    let listed = domains.map(|info| {
        let verification = status(info.verification_status);
        (info.identity_name, ListedIdentity { sending: info.sending_enabled, verification })
    });
    ListPage { identities: listed.collect(), next: answer.next_token }
}

/// Converts an error of SES as the operator's own adapter does.
pub fn error(error: &api::ApiError) -> SesError {
    let code = error.code.clone();
    match code.as_str() {
        "AlreadyExistsException" => SesError::AlreadyExists,
        "NotFoundException" => SesError::NotFound,
        "TooManyRequestsException" if error.message.contains("Daily") => SesError::LimitExceeded { code },
        "TooManyRequestsException" => SesError::Throttled,
        "LimitExceededException" => SesError::LimitExceeded { code },
        "MessageRejected" if error.message.contains("not verified") => SesError::NotVerified,
        "MessageRejected" | "MailFromDomainNotVerifiedException" => SesError::Rejected { code },
        "SendingPausedException" | "AccountSuspendedException" => SesError::SendingPaused,
        "AccessDeniedException" => SesError::Denied { code },
        _ if error.message.contains("tenant associations") => SesError::Associated,
        _ => SesError::Refused { code },
    }
}
