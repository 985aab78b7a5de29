//! Whether the operator's own sender can send: looked at now and then, for all addresses together.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::facts::{HeldBack, Post, SenderTrouble};
use crate::{
    cluster::leadership::Term,
    controller::{Controller, domain::facts::Trouble},
    ses::{
        SesError,
        budget::{Asking, Lane},
    },
};

/// A sender that can send is looked at again after this.
const GOOD: Duration = Duration::from_mins(10);
/// One that can't, after this: somebody is putting it right.
const BAD: Duration = Duration::from_secs(30);

/// What was seen of the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sight {
    trouble: Option<SenderTrouble>,
    production: bool,
    at: Instant,
}

/// The operator's own sender, as last seen.
#[derive(Debug, Default)]
pub struct Sender {
    seen: Mutex<Option<Sight>>,
    /// One look at a time, and those who wait for it use what it shows.
    looking: tokio::sync::Mutex<()>,
}

impl Sender {
    fn fresh(&self) -> Option<Sight> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.filter(|sight| sight.at.elapsed() < if sight.trouble.is_some() { BAD } else { GOOD })
    }

    fn put(&self, sight: Option<Sight>) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = sight;
    }
}

impl Controller {
    /// What keeps all mails back, if anything does.
    pub(super) async fn sender_trouble(&self, post: &Post, term: Term) -> Result<Option<HeldBack>, Trouble> {
        let _one = self.sender.looking.lock().await;
        let sight = match self.sender.fresh() {
            Some(sight) => sight,
            None => self.look_at_sender(post, term).await?,
        };
        Ok(sight.trouble.map(HeldBack::Sender))
    }

    /// SES did not take a mail because somebody is not verified: in the sandbox it is the recipient, unless the sender has been
    /// lost since it was looked at.
    pub(super) fn why_not_verified(&self) -> SenderTrouble {
        let sandbox = self.sender.fresh().is_some_and(|sight| !sight.production);
        self.sender.put(None);
        if sandbox { SenderTrouble::Sandbox } else { SenderTrouble::NotVerified }
    }

    /// Two or more management calls, as somebody waits for a mail.
    async fn look_at_sender(&self, post: &Post, term: Term) -> Result<Sight, Trouble> {
        let tenant: Arc<str> = Arc::from("");
        let asking = || Asking { lane: Lane::Interactive, tenant: &tenant, place: self.last_place(), subject: "" };
        let standing = self.in_turn(term, asking(), "GetAccount", || self.ports.ses.standing()).await?;
        let mut trouble = (!standing.sending).then_some(SenderTrouble::Paused);
        if trouble.is_none() && !self.sender_is_verified(post, term).await? {
            trouble = Some(SenderTrouble::NotVerified);
        }
        let sight = Sight { trouble, production: standing.production, at: Instant::now() };
        self.sender.put(Some(sight));
        self.tell_of_sender(post, &sight);
        Ok(sight)
    }

    /// Whether SES sends for the sender's domain, or by the right of one above it.
    async fn sender_is_verified(&self, post: &Post, term: Term) -> Result<bool, Trouble> {
        let tenant: Arc<str> = Arc::from("");
        let domain = post.sender.domain();
        for suffix in std::iter::once(domain.clone()).chain(domain.ancestors()) {
            let asking = Asking { lane: Lane::Interactive, tenant: &tenant, place: self.last_place(), subject: "" };
            let found = self.in_turn(term, asking, "GetEmailIdentity", || self.ports.ses.identity(&suffix)).await?;
            // SES uses the nearest identity there is, verified by itself or by one above it.
            if found.is_some_and(|identity| identity.sends()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Readiness names what is wrong; the operator goes on with everything else.
    fn tell_of_sender(&self, post: &Post, sight: &Sight) {
        let sender = &post.sender;
        let note = match sight.trouble {
            Some(SenderTrouble::NotVerified) => Some(format!(
                "SES does not send for {sender} (--confirmation-sender): verify its domain, by a SenderDomain for example"
            )),
            Some(SenderTrouble::Paused) => {
                Some("AWS has paused sending for the account: see the SES console for why".to_owned())
            }
            None if !sight.production => Some(
                "the SES account is in its sandbox: only verified recipients get mails; ask AWS for production access"
                    .to_owned(),
            ),
            Some(SenderTrouble::Sandbox) | None => None,
        };
        if let Some(note) = &note {
            tracing::warn!(note, "mails to the owners of addresses");
        }
        self.health.note("mail", note);
    }

    /// What an error at sending means for the mail's address.
    pub(super) fn held_back_by(&self, error: &SesError) -> HeldBack {
        match error {
            SesError::NotVerified => HeldBack::Sender(self.why_not_verified()),
            SesError::SendingPaused => {
                self.sender.put(None);
                HeldBack::Sender(SenderTrouble::Paused)
            }
            other => HeldBack::Ses(other.clone()),
        }
    }
}
