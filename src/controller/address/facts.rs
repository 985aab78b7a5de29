//! What a pass over an address knows: everything [`super::decide`] and [`super::status`] look at.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    api::SenderAddress,
    controller::domain::facts::{Installation, Trouble},
    mail::{Language, Templates},
    model::{
        address::Address,
        claim::{Account, State, StoredClaim},
        confirmation::{
            Confirmation, Request,
            limits::{Limit, Limits, declined_until},
        },
        coverage::Suffixes,
        link::LinkKeys,
        ownership::address::{Asker, Question},
        tenant::Tenant,
    },
    ses::SesError,
};

/// How this installation asks the owners of mailboxes.
#[derive(Clone, Debug)]
pub struct Post {
    /// Sender of the mails.
    pub sender: Address,
    /// Name beside it.
    pub sender_name: Option<String>,
    /// SES configuration set of the mails.
    pub configuration_set: Option<String>,
    /// Start of links, without a slash at the end.
    pub public_url: String,
    /// Who runs the installation.
    pub company: Option<String>,
    /// Language of those who don't choose one.
    pub language: Language,
    /// The mails' words.
    pub templates: Arc<Templates>,
    /// Keys of links.
    pub keys: LinkKeys,
    /// Whether a code has to be typed.
    pub codes: bool,
    /// How many mails may be sent.
    pub limits: Limits,
}

/// An object that asks.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// For ownership.
    pub asker: Asker,
    /// The object itself.
    pub object: SenderAddress,
}

/// What keeps the next mail from being sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// The installation has no sender or no public address.
    NotConfigured,
    /// A limit, until then.
    Limit(Limit, Timestamp),
    /// The sender can't send.
    Sender(SenderTrouble),
    /// SES did not take the mail.
    Ses(SesError),
}

/// What is wrong with the operator's own sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderTrouble {
    /// SES does not send for it.
    NotVerified,
    /// SES has paused sending for the account.
    Paused,
    /// SES sends to verified recipients only, and this one is not.
    Sandbox,
}

/// What is kept of an address between passes. Losing it costs nothing but time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Failed passes in a row.
    pub failures: u32,
    /// What SES failed with last, until a pass gets through.
    pub ses_error: Option<SesError>,
}

/// Everything known about one address in one pass.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The address.
    pub address: Address,
    /// Its claim.
    pub claim: Option<StoredClaim>,
    /// Who asks, oldest first.
    pub candidates: Vec<Candidate>,
    /// Whether `candidates` come from a live list of this pass.
    pub candidates_live: bool,
    /// The claims on its domain and above.
    pub suffixes: Suffixes,
    /// The object that holds the covering domain is suspended.
    pub domain_suspended: bool,
    /// Random ids for a new tenure and a new request.
    pub new_ids: [String; 2],
    /// What keeps the next mail back, if it was tried.
    pub held_back: Option<HeldBack>,
    /// What is kept between passes.
    pub memory: Memory,
    /// What went wrong in this pass.
    pub trouble: Option<Trouble>,
    /// What would have been done (dry run).
    pub plan: Option<String>,
}

impl Observed {
    /// The question of ownership, put to `askers`.
    pub fn ownership<'a>(
        &'a self,
        me: &'a Installation,
        account: &'a Account,
        askers: &'a [Asker],
        now: Timestamp,
    ) -> Question<'a> {
        let signed = |time| SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        Question {
            environment: &me.environment,
            address: &self.address,
            account,
            claim: self.claim.as_ref(),
            askers,
            askers_live: self.candidates_live,
            suffixes: &self.suffixes,
            new_ids: &self.new_ids,
            release_delay: signed(me.release_delay),
            retention: signed(me.claim_retention),
            approval: me.approval,
            now,
        }
    }

    /// What the claim keeps of the confirmation.
    pub fn confirmation(&self) -> Option<&Confirmation> {
        self.claim.as_ref()?.claim.confirmation.as_ref()
    }

    /// The request of the holder.
    pub fn request(&self) -> Option<&Request> {
        let held = self.claim.as_ref().is_some_and(|stored| stored.claim.state == State::Held);
        self.confirmation().filter(|_| held)?.request.as_ref()
    }

    /// The candidate that holds the claim.
    pub fn holder(&self) -> Option<&Candidate> {
        let claim = self.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.state == State::Held)?;
        let holder = claim.holder.as_ref()?;
        self.candidates.iter().find(|candidate| candidate.asker.object.uid == holder.uid)
    }

    /// Until when the owner does not want to hear from this tenant.
    pub fn declined_until(&self, tenant: &Tenant, now: Timestamp) -> Option<Timestamp> {
        declined_until(&self.confirmation()?.declines, tenant, now)
    }

    /// Whether an object's newest generation has no status yet.
    pub fn has_unseen_wish(&self) -> bool {
        self.candidates.iter().any(|candidate| {
            let observed = candidate.object.status.as_ref().map(|status| status.observed_generation);
            observed != candidate.object.metadata.generation
        })
    }
}
