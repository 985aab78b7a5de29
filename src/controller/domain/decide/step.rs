//! The steps that a reconcile of a domain is made of.

use crate::{api::reasons::EventReason, controller::subject, model::claim::Claim};

/// The next step for a domain.
pub type Decision = subject::Decision<Step>;

/// One read or one write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Something has to be read.
    Read(Read),
    /// Something has to be written.
    Write(Write),
}

/// Something has to be read first.
pub fn read(read: Read) -> Decision {
    Decision::Act(Step::Read(read))
}

/// Something has to be written.
pub fn write(write: Write) -> Decision {
    Decision::Act(Step::Write(write))
}

/// The claim becomes this, without an event.
pub fn swap(claim: Claim) -> Decision {
    write(Write::Claim(Box::new(claim), None))
}

/// A read that is made only when it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Live list of the claims above and below.
    Related,
    /// Live list of the resources that claim the domain.
    Claimants,
    /// The identity at SES: one management call.
    Identity,
    /// The records in DNS.
    Records,
    /// The challenge record in DNS.
    Challenge,
    /// The SES tenants that the identity is associated with: one management call.
    Associations,
    /// Identities of addresses under the domain: one management call for each 1,000 that the account has.
    Addresses,
}

/// Something on an identity that a former holder set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leftover {
    /// The association with an SES tenant, by its name.
    Association(String),
    /// A sending authorization policy, by its name.
    Policy(String),
    /// The custom MAIL FROM domain.
    MailFrom,
    /// The default configuration set.
    ConfigurationSet,
}

/// A write.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// The claim becomes this (created, or compared and swapped).
    Claim(Box<Claim>, Option<EventReason>),
    /// The claim, free for long enough, is forgotten.
    ForgetClaim,
    /// Creates the identity. `true`: it had existed before and was gone.
    CreateIdentity(bool),
    /// Puts Easy DKIM on. `true`: restarts a verification that SES gave up; else puts right what somebody changed.
    StartEasyDkim(bool),
    /// Turns DKIM signing on again.
    EnableSigning,
    /// Marks the identity as retained, or takes the mark away.
    MarkRetained(bool),
    /// Takes in an identity that somebody else made, by our tags.
    Adopt,
    /// Removes what others set up on the identity.
    Strip(Vec<Leftover>),
    /// Deletes the identity.
    DeleteIdentity,
}

impl Write {
    /// The plan that a dry run reports, behind "the operator".
    pub fn plan(&self, domain: &str) -> String {
        match self {
            Self::Claim(claim, _) => format!("would set the claim on {domain} to {}", claim.state.as_str()),
            Self::ForgetClaim => format!("would delete the released claim on {domain}"),
            Self::CreateIdentity(_) => format!("would create the SES identity {domain}"),
            Self::StartEasyDkim(_) => format!("would start Easy DKIM for {domain}"),
            Self::EnableSigning => format!("would turn DKIM signing on for {domain}"),
            Self::MarkRetained(true) => format!("would tag the SES identity {domain} as retained"),
            Self::MarkRetained(false) => {
                format!("would remove the tag for retained identities from the SES identity {domain}")
            }
            Self::Adopt => format!("would adopt the SES identity {domain}"),
            Self::Strip(_) => format!("would remove foreign settings from the SES identity {domain}"),
            Self::DeleteIdentity => format!("would delete the SES identity {domain}"),
        }
    }
}
