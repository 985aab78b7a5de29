//! Whether the operator's own sender can send: checked from time to time, for all addresses together.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    cluster::leadership::Term,
    controller::{
        address::observe::observation::{HeldBack, SenderTrouble},
        config::MailConfig,
        context::{Context, ReconcileError},
    },
    model::scheduling::lanes::Lane,
    ses::{SesError, call_budget::CallRequest},
};

/// Time until a working sender is checked again.
const GOOD: Duration = Duration::from_mins(10);
/// Time until a failing sender is checked again; a person is probably fixing it.
const BAD: Duration = Duration::from_secs(30);

/// The last check of the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sight {
    trouble: Option<SenderTrouble>,
    production: bool,
    at: Instant,
}

/// The operator's own sender and its last check.
#[derive(Debug, Default)]
pub struct Sender {
    seen: Mutex<Option<Sight>>,
    /// One check at a time; concurrent callers share its result.
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

/// Sends the confirmation mails of all addresses.
pub struct Mailer {
    pub context: Arc<Context>,
    /// Serializes the counting of sends; concurrent counts could exceed a limit.
    pub counting: tokio::sync::Mutex<()>,
    sender: Sender,
}

impl Mailer {
    /// A mailer that has not checked its sender yet.
    pub fn new(context: Arc<Context>) -> Self {
        Self { context, counting: tokio::sync::Mutex::default(), sender: Sender::default() }
    }

    /// The reason that holds all mails back, if any.
    pub async fn sender_trouble(&self, mail: &MailConfig, term: Term) -> Result<Option<HeldBack>, ReconcileError> {
        let _one = self.sender.looking.lock().await;
        let sight = match self.sender.fresh() {
            Some(sight) => sight,
            None => self.look_at_sender(mail, term).await?,
        };
        Ok(sight.trouble.map(HeldBack::Sender))
    }

    /// The cause when SES rejects a mail because an identity is not verified. In the sandbox it is the recipient,
    /// unless the sender lost its verification since the last check.
    pub fn why_not_verified(&self) -> SenderTrouble {
        let sandbox = self.sender.fresh().is_some_and(|sight| !sight.production);
        self.sender.put(None);
        if sandbox { SenderTrouble::Sandbox } else { SenderTrouble::NotVerified }
    }

    /// Two or more management calls, in the interactive lane because a person waits for a mail.
    async fn look_at_sender(&self, mail: &MailConfig, term: Term) -> Result<Sight, ReconcileError> {
        let (context, tenant) = (&self.context, Arc::<str>::from(""));
        let request =
            || CallRequest { lane: Lane::Interactive, tenant: &tenant, place: context.last_place(), subject: "" };
        let standing = context.ses_call(term, request(), "GetAccount", || context.ports.ses.standing()).await?;
        let mut trouble = (!standing.sending).then_some(SenderTrouble::Paused);
        if trouble.is_none() && !self.sender_is_verified(mail, term).await? {
            trouble = Some(SenderTrouble::NotVerified);
        }
        let sight = Sight { trouble, production: standing.production, at: Instant::now() };
        self.sender.put(Some(sight));
        self.tell_of_sender(mail, &sight);
        Ok(sight)
    }

    /// Whether SES sends for the sender's domain or for a parent of it.
    async fn sender_is_verified(&self, mail: &MailConfig, term: Term) -> Result<bool, ReconcileError> {
        let (context, tenant) = (&self.context, Arc::<str>::from(""));
        let domain = mail.sender.domain();
        for suffix in std::iter::once(domain.clone()).chain(domain.ancestors()) {
            let request =
                CallRequest { lane: Lane::Interactive, tenant: &tenant, place: context.last_place(), subject: "" };
            let found =
                context.ses_call(term, request, "GetEmailIdentity", || context.ports.ses.identity(&suffix)).await?;
            // SES uses the nearest existing identity, verified itself or through a parent.
            if found.is_some_and(|identity| identity.sends()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reports a failing sender in readiness; everything else continues.
    fn tell_of_sender(&self, mail: &MailConfig, sight: &Sight) {
        let sender = &mail.sender;
        let note = match sight.trouble {
            Some(SenderTrouble::NotVerified) => Some(format!(
                "SES does not send for {sender} (--confirmation-sender): verify its domain, for example by a SenderDomain"
            )),
            Some(SenderTrouble::Paused) => {
                Some("AWS has paused sending for the account: check the SES console".to_owned())
            }
            None if !sight.production => Some(
                "the SES account is in the sandbox and sends to verified recipients only: request production access from AWS"
                    .to_owned(),
            ),
            Some(SenderTrouble::Sandbox) | None => None,
        };
        if let Some(note) = &note {
            tracing::warn!(note, "the sender of confirmation mails needs attention");
        }
        self.context.health.note("mail", note);
    }

    /// What an error at sending means for the mail's address.
    pub fn held_back_by(&self, error: &SesError) -> HeldBack {
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
