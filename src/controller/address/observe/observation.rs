//! All facts about one address in one reconcile. `decide` and the report read them; only `act` adds to them.

use jiff::Timestamp;

use crate::{
    api::SenderAddress,
    controller::subject::{Progress, SubjectObservation},
    model::{
        address::Address,
        claim::{State, StoredClaim},
        confirmation::{
            Confirmation, Request,
            limits::{Limit, declined_until},
        },
        coverage::Suffixes,
        ownership::address::AddressClaimant,
        tenant::Tenant,
    },
    ses::SesError,
};

/// A resource that claims the address.
#[derive(Clone, Debug)]
pub struct AddressResource {
    /// Its ownership input.
    pub claimant: AddressClaimant,
    pub object: SenderAddress,
}

/// What prevents the next mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// No sender or no public URL is configured.
    NotConfigured,
    /// A limit, until this time.
    Limit(Limit, Timestamp),
    /// The sender can't send.
    Sender(SenderProblem),
    /// SES rejected the mail.
    Ses(SesError),
}

/// What is wrong with the operator's own sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderProblem {
    /// SES does not send for it.
    NotVerified,
    /// SES has paused sending for the account.
    Paused,
    /// SES sends to verified recipients only, and this one is not verified.
    Sandbox,
}

/// All facts about one address in one reconcile.
#[derive(Clone, Debug)]
pub struct Observation {
    pub address: Address,
    pub claim: Option<StoredClaim>,
    /// The resources that claim it, oldest first.
    pub resources: Vec<AddressResource>,
    /// `claimants` come from a live list of this reconcile.
    pub resources_live: bool,
    /// The claims on its domain and parent domains.
    pub suffixes: Suffixes,
    /// The object that holds the covering domain is suspended.
    pub domain_suspended: bool,
    /// Random ids for a new tenure and a new request.
    pub new_ids: [String; 2],
    /// What prevented the next mail, if one was due.
    pub held_back: Option<HeldBack>,
    pub progress: Progress,
}

impl Observation {
    pub fn confirmation(&self) -> Option<&Confirmation> {
        self.claim.as_ref()?.claim.confirmation.as_ref()
    }

    /// The request of the holder.
    pub fn request(&self) -> Option<&Request> {
        let held = self.claim.as_ref().is_some_and(|stored| stored.claim.state == State::Held);
        self.confirmation().filter(|_| held)?.request.as_ref()
    }

    /// The claimant that holds the claim.
    pub fn holder(&self) -> Option<&AddressResource> {
        let claim = self.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.state == State::Held)?;
        let holder = claim.holder.as_ref()?;
        self.resources.iter().find(|resource| resource.claimant.object.uid == holder.uid)
    }

    /// End of the owner's decline for this tenant.
    pub fn declined_until(&self, tenant: &Tenant, now: Timestamp) -> Option<Timestamp> {
        declined_until(&self.confirmation()?.declines, tenant, now)
    }

    /// Whether the newest generation of a claimant has no status yet.
    pub fn has_unreported_generation(&self) -> bool {
        self.resources.iter().any(|resource| {
            let observed = resource.object.status.as_ref().map(|status| status.observed_generation);
            observed != resource.object.metadata.generation
        })
    }
}

impl SubjectObservation for Observation {
    /// Claims and mails are read in every reconcile.
    type Cache = ();

    fn claim(&self) -> Option<&StoredClaim> {
        self.claim.as_ref()
    }

    fn is_gone(&self) -> bool {
        self.claim.is_none() && self.resources.is_empty()
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }

    fn progress_mut(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn into_cache(self) {}
}
