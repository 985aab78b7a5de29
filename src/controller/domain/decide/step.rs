//! The steps of a domain's reconcile.

use crate::{api::reasons::EventReason, controller::subject, model::claim::Claim};

pub type Decision = subject::Decision<Step>;

/// One read or one write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Read(Read),
    Write(Write),
}

pub fn read(read: Read) -> Decision {
    Decision::Act(Step::Read(read))
}

pub fn write(write: Write) -> Decision {
    Decision::Act(Step::Write(write))
}

/// Replaces the claim without an event.
pub fn swap(claim: Claim) -> Decision {
    write(Write::Claim(Box::new(claim), None))
}

/// A read that is made only when it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Live list of the claims above and below.
    Related,
    /// Live list of the resources that claim the domain.
    Resources,
    /// The identity at SES: one management call.
    Identity,
    /// The records in DNS.
    Records,
    /// The challenge record in DNS.
    Challenge,
    /// The identity's associations with SES tenants: one management call.
    Associations,
    /// Identities of addresses under the domain: one management call per 1,000 identities of the account.
    Addresses,
}

/// A setting of a former holder on an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForeignSetting {
    /// The association with an SES tenant, by name.
    Association(String),
    /// A sending authorization policy, by name.
    Policy(String),
    MailFrom,
    /// The default configuration set.
    ConfigurationSet,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Creates the claim, or replaces it by compare-and-swap.
    Claim(Box<Claim>, Option<EventReason>),
    /// Deletes a claim whose retention time is over.
    ForgetClaim,
    /// Creates the identity. `true`: it existed before and was lost.
    CreateIdentity(bool),
    /// Enables Easy DKIM. `true`: restarts a verification that SES gave up; `false`: repairs a changed setting.
    StartEasyDkim(bool),
    /// Enables DKIM signing again.
    EnableSigning,
    /// Adds or removes the tag that marks the identity as retained.
    MarkRetained(bool),
    /// Adopts a foreign identity by setting our tags.
    Adopt,
    /// Removes foreign settings from the identity.
    RemoveForeignSettings(Vec<ForeignSetting>),
    DeleteIdentity,
}

impl Write {
    /// Description of the write in a dry run.
    pub fn plan(&self, domain: &str) -> String {
        match self {
            Self::Claim(claim, _) => format!("would set the claim on {domain} to {}", claim.state.as_str()),
            Self::ForgetClaim => format!("would delete the released claim on {domain}"),
            Self::CreateIdentity(_) => format!("would create the SES identity {domain}"),
            Self::StartEasyDkim(_) => format!("would start Easy DKIM for {domain}"),
            Self::EnableSigning => format!("would turn on DKIM signing for {domain}"),
            Self::MarkRetained(true) => format!("would tag the SES identity {domain} as retained"),
            Self::MarkRetained(false) => format!("would remove the retained tag from the SES identity {domain}"),
            Self::Adopt => format!("would adopt the SES identity {domain}"),
            Self::RemoveForeignSettings(_) => format!("would remove existing settings from the SES identity {domain}"),
            Self::DeleteIdentity => format!("would delete the SES identity {domain}"),
        }
    }
}
