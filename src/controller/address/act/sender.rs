//! Whether the operator's own sender can send: checked from time to time, for all addresses together.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    cluster::leadership::Term,
    controller::{
        address::observe::observation::{HeldBack, SenderProblem},
        config::MailConfig,
        context::{Context, ReconcileError},
    },
    model::{
        address::Address,
        confirmation::{
            limits::{Counted, Limit, MailLimits, RecordedMail},
            reservations::Reservations,
        },
        scheduling::lanes::Lane,
        tenant::Tenant,
    },
    ses::{SesError, call_budget::CallRequest},
};

/// Time until a working sender is checked again.
const GOOD: Duration = Duration::from_mins(10);
/// Time until a failing sender is checked again; a person is probably fixing it.
const BAD: Duration = Duration::from_secs(30);

/// The last check of the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SenderState {
    problem: Option<SenderProblem>,
    production: bool,
    at: Instant,
}

/// The operator's own sender and its last check.
#[derive(Debug, Default)]
pub struct Sender {
    last: Mutex<Option<SenderState>>,
    /// One check at a time; concurrent callers share its result.
    reading: tokio::sync::Mutex<()>,
}

impl Sender {
    fn fresh(&self) -> Option<SenderState> {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.filter(|state| state.at.elapsed() < if state.problem.is_some() { BAD } else { GOOD })
    }

    fn put(&self, state: Option<SenderState>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

/// Sends the confirmation mails of all addresses.
pub struct Mailer {
    pub context: Arc<Context>,
    /// Serializes the counting of sends; concurrent counts could exceed a limit.
    pub counting: tokio::sync::Mutex<()>,
    reservations: Mutex<(Option<Term>, Reservations)>,
    sender: Sender,
}

impl Mailer {
    /// A mailer that has not checked its sender yet.
    pub fn new(context: Arc<Context>) -> Self {
        Self {
            context,
            counting: tokio::sync::Mutex::default(),
            reservations: Mutex::default(),
            sender: Sender::default(),
        }
    }

    /// Whether the email may begin now; see [`Reservations::turn`].
    pub fn turn<'a>(
        &self,
        limits: &MailLimits,
        whose: (&Tenant, &Address),
        own: &[RecordedMail],
        all: &(impl Iterator<Item = Counted<'a>> + Clone),
        term: Term,
    ) -> Result<(), (Limit, Timestamp)> {
        let mut reserved = self.reserved();
        // Another replica may have sent emails since the last term.
        if reserved.0.replace(term) != Some(term) {
            reserved.1.clear();
        }
        reserved.1.turn(limits, whose, own, all, self.context.ports.clock.now())
    }

    /// Ends the reservation of an address.
    pub fn release(&self, address: &Address) {
        self.reserved().1.release(address);
    }

    fn reserved(&self) -> MutexGuard<'_, (Option<Term>, Reservations)> {
        // No change panics half-way, so a poisoned lock is usable.
        self.reservations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The reason that holds all mails back, if any.
    pub async fn sender_problem(&self, mail: &MailConfig, term: Term) -> Result<Option<HeldBack>, ReconcileError> {
        let _one = self.sender.reading.lock().await;
        let state = match self.sender.fresh() {
            Some(state) => state,
            None => self.read_sender(mail, term).await?,
        };
        Ok(state.problem.map(HeldBack::Sender))
    }

    /// The cause when SES rejects a mail because an identity is not verified. In the sandbox it is the recipient,
    /// unless the sender lost its verification since the last check.
    pub fn why_not_verified(&self) -> SenderProblem {
        let sandbox = self.sender.fresh().is_some_and(|state| !state.production);
        self.sender.put(None);
        if sandbox { SenderProblem::Sandbox } else { SenderProblem::NotVerified }
    }

    /// Two or more management calls, in the interactive lane because a person waits for a mail.
    async fn read_sender(&self, mail: &MailConfig, term: Term) -> Result<SenderState, ReconcileError> {
        let (context, tenant) = (&self.context, Arc::<str>::from(""));
        let request =
            || CallRequest { lane: Lane::Interactive, tenant: &tenant, place: context.last_place(), subject: "" };
        let account = context.ses_call(term, request(), "GetAccount", || context.ports.ses.account_status()).await?;
        let mut problem = (!account.sending).then_some(SenderProblem::Paused);
        if problem.is_none() && !self.sender_is_verified(mail, term).await? {
            problem = Some(SenderProblem::NotVerified);
        }
        let state = SenderState { problem, production: account.production, at: Instant::now() };
        self.sender.put(Some(state));
        self.note_sender(mail, &state);
        Ok(state)
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
    fn note_sender(&self, mail: &MailConfig, state: &SenderState) {
        let sender = &mail.sender;
        let note = match state.problem {
            Some(SenderProblem::NotVerified) => Some(format!(
                "{sender} (--confirmation-sender) is not verified in SES: verify its domain, for example with a SenderDomain"
            )),
            Some(SenderProblem::Paused) => {
                Some("AWS has paused sending for the account: check the SES console".to_owned())
            }
            None if !state.production => Some(
                "the SES account is in the sandbox and can send only to verified recipients: request production access from AWS"
                    .to_owned(),
            ),
            Some(SenderProblem::Sandbox) | None => None,
        };
        if let Some(note) = &note {
            tracing::warn!(note, "the sender of confirmation emails needs attention");
        }
        self.context.health.note("mail", note);
    }

    /// What an error at sending means for the mail's address.
    pub fn held_back_by(&self, error: &SesError) -> HeldBack {
        match error {
            SesError::NotVerified => HeldBack::Sender(self.why_not_verified()),
            SesError::SendingPaused => {
                self.sender.put(None);
                HeldBack::Sender(SenderProblem::Paused)
            }
            other => HeldBack::Ses(other.clone()),
        }
    }
}
