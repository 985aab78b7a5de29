//! One request with a verified link: reads the claim, shows the state of the link, and executes a click.

use std::time::Duration;

use axum::{
    http::{StatusCode, Uri, header::LOCATION},
    response::{IntoResponse, Response},
};
use futures::future::try_join_all;
use tokio::time::Instant;

use super::{
    event::PageOutcome,
    guard::{PageLocale, frame, page, parameter},
    site::Site,
    view::{CodeError, Flash, PageState, PageSubject, query},
};
use crate::{
    cluster::store::StoreError,
    mail::ClaimantName,
    model::{
        address,
        claim::{Claim, StoredClaim, claim_name},
        confirmation::{
            answer::{self, Act, Click, ConfirmationPage, Effect},
            evidence::Visitor,
        },
        coverage::Suffixes,
        link::VerifiedLink,
        tenant::Tenant,
    },
};

/// Attempts to execute a click when other writers interfere.
const TRIES: usize = 5;

/// A request with a verified link.
pub(super) struct LinkRequest<'a> {
    pub(super) site: &'a Site,
    pub(super) verified: &'a VerifiedLink,
    /// The link as in the path.
    pub(super) link: &'a str,
    pub(super) uri: &'a Uri,
    pub(super) locale: PageLocale,
}

/// The state of the link in the cluster.
struct LinkState {
    stored: StoredClaim,
    suffixes: Suffixes,
    page: ConfirmationPage,
}

/// The step of the page, and what was wrong with the typed code.
#[derive(Clone, Copy)]
struct CodeEntry {
    withdrawing: bool,
    code_error: Option<CodeError>,
}

impl LinkRequest<'_> {
    /// The page of the link's current state.
    pub(super) async fn shown(&self) -> (PageOutcome, Response) {
        match self.read().await {
            Ok(Some(link_state)) => {
                let withdrawing = parameter(self.uri, "step") == Some("withdraw");
                (PageOutcome::Shown, self.request(&link_state, CodeEntry { withdrawing, code_error: None }).await)
            }
            Ok(None) => (PageOutcome::NotFound, self.page(&PageState::NotFound)),
            Err(error) => self.unavailable(&error, false),
        }
    }

    /// Executes a click, and retries on conflicts until it is written.
    pub(super) async fn answered(&self, act: Act, typed: &str, visitor: Visitor) -> (PageOutcome, Response) {
        let code = self.site.settings.code_required.then_some(typed);
        let now = self.site.clock.now();
        let click = Click { act, code, visitor, decline_time: self.site.settings.decline_time, now };
        let mut uncertain = false;
        for _ in 0..TRIES {
            let link_state = match self.read().await {
                Ok(Some(link_state)) => link_state,
                Ok(None) => return (PageOutcome::NotFound, self.page(&PageState::NotFound)),
                Err(error) => return self.unavailable(&error, uncertain),
            };
            let effect = answer::click(Some(&link_state.stored.claim), &link_state.suffixes, self.verified, &click);
            let (next, page) = match effect {
                Effect::Nothing(page) => return (PageOutcome::Unchanged, self.back(act, page)),
                Effect::WrongCode(_) => return self.wrong_code(&link_state, act, typed).await,
                Effect::Write(next, page) => (next, page),
            };
            // A visitor who guesses codes must not learn which one was right.
            if let Some(wait) = self.locked() {
                return (
                    PageOutcome::Locked,
                    self.page(&PageState::Locked(self.subject(&link_state.stored.claim, None), wait)),
                );
            }
            match self.site.store.swap_claim(&self.claim_name(), &link_state.stored, &next).await {
                Ok(_) => return (PageOutcome::Changed, self.back(act, page)),
                // Another writer was first, or the result of the write is unknown: read the claim again.
                Err(StoreError::Conflict | StoreError::NotFound) => {}
                Err(StoreError::Unavailable) => uncertain = true,
                Err(error) => return self.unavailable(&error, uncertain),
            }
        }
        self.unavailable(&StoreError::Conflict, uncertain)
    }

    /// Reads the claim of the link, and those on the domain that it depends on. `None`: there is no request.
    async fn read(&self) -> Result<Option<LinkState>, StoreError> {
        let Some(stored) = self.site.store.claim(&self.claim_name()).await? else { return Ok(None) };
        let request = stored.claim.confirmation.as_ref().and_then(|confirmation| confirmation.request.as_ref());
        let request = request.filter(|request| request.link_id() == Some(self.verified.link.id));
        let (Some(request), Some(address)) = (request, &stored.claim.subject.address) else { return Ok(None) };
        let environment = &self.site.settings.environment;
        // Domains above the one of the request are irrelevant.
        let above = address
            .domain()
            .ancestors()
            .filter(|domain| *domain == request.domain_tenure.domain || domain.is_below(&request.domain_tenure.domain));
        let names =
            std::iter::once(address.domain().clone()).chain(above).map(|domain| claim_name(environment, &domain));
        let reads = names.map(|name| async move { self.site.store.claim(&name).await });
        let claims: Vec<StoredClaim> = try_join_all(reads).await?.into_iter().flatten().collect();
        let suffixes = Suffixes::of(address, claims.iter().map(|stored| &stored.claim));
        let page = answer::page(Some(&stored.claim), &suffixes, self.verified);
        Ok((page != ConfirmationPage::Gone).then_some(LinkState { stored, suffixes, page }))
    }

    async fn request(&self, link_state: &LinkState, entry: CodeEntry) -> Response {
        let claim = &link_state.stored.claim;
        let mut link_request = LinkRequest { ..*self };
        let mut note = None;
        // Read the claimant's resource only if it matters: its note for an open request, its locale if the visitor
        // named no language.
        if let Some(holder) =
            claim.holder.as_ref().filter(|_| link_state.page == ConfirmationPage::Asked || !self.locale.wanted)
        {
            match self.site.store.request_details(holder).await {
                Ok(request_details) => {
                    let request_details = request_details.unwrap_or_default();
                    link_request.locale = self.locale.or(request_details.locale);
                    note = request_details.note;
                }
                // The visitor can answer without the note.
                Err(error) => tracing::warn!(%error, "the note of a request could not be read; the page omits it"),
            }
        }
        let subject = self.subject(claim, note);
        let asks = link_state.page == ConfirmationPage::Asked
            || (link_state.page == ConfirmationPage::Confirmed && entry.withdrawing);
        if let Some(wait) = self.locked().filter(|_| asks) {
            return link_request.page(&PageState::Locked(subject, wait));
        }
        let CodeEntry { withdrawing, code_error } = entry;
        link_request.page(&PageState::Request {
            page: link_state.page,
            subject,
            withdrawing,
            code_error,
            flash: self.flash(),
        })
    }

    async fn wrong_code(&self, link_state: &LinkState, act: Act, typed: &str) -> (PageOutcome, Response) {
        let missing = typed.trim().is_empty();
        if !missing && let Err(wait) = self.site.wrong_codes.take(self.attempt(), Instant::now().into_std()) {
            return (
                PageOutcome::Locked,
                self.page(&PageState::Locked(self.subject(&link_state.stored.claim, None), wait)),
            );
        }
        let code_error = Some(if missing { CodeError::Missing } else { CodeError::Wrong });
        let entry = CodeEntry { withdrawing: act == Act::Withdraw, code_error };
        (PageOutcome::WrongCode, self.request(link_state, entry).await)
    }

    /// Redirects from a form to the page of the link. A relative reference (RFC 9110 §10.2.2) stays on the same site
    /// behind any proxy.
    fn back(&self, act: Act, page: ConfirmationPage) -> Response {
        let flash = match (act, is_done(act, page)) {
            (Act::Undo, true) => Some("undone"),
            (_, true) => None,
            (_, false) => Some("meanwhile"),
        };
        let flash: Vec<(&str, &str)> = flash.map(|flash| ("flash", flash)).into_iter().collect();
        let query = query(frame(self.site, self.locale), &flash);
        (StatusCode::SEE_OTHER, [(LOCATION, format!("{}{query}", self.link))]).into_response()
    }

    fn unavailable(&self, error: &StoreError, uncertain: bool) -> (PageOutcome, Response) {
        tracing::warn!(%error, uncertain, "a confirmation page could not be served");
        (PageOutcome::Unavailable, self.page(&PageState::Unavailable { uncertain }))
    }

    fn page(&self, state: &PageState) -> Response {
        page(self.site, state, self.locale)
    }

    fn subject(&self, claim: &Claim, note: Option<String>) -> PageSubject {
        let holder = claim.holder.as_ref();
        let tenant = match &claim.tenant {
            Some(Tenant::Label(label)) => Some(label.clone()),
            _ => None,
        };
        PageSubject {
            address: claim.subject.address.as_ref().map(ToString::to_string).unwrap_or_default(),
            claimant: ClaimantName {
                namespace: holder.map(|holder| holder.namespace.clone()).unwrap_or_default(),
                name: holder.map(|holder| holder.name.clone()).unwrap_or_default(),
                tenant,
            },
            note,
            expiry: self.verified.link.expiry,
            ended: self.site.clock.now() >= self.verified.link.expiry,
        }
    }

    fn flash(&self) -> Option<Flash> {
        match parameter(self.uri, "flash") {
            Some("undone") => Some(Flash::Undone),
            Some("meanwhile") => Some(Flash::Meanwhile),
            _ => None,
        }
    }

    fn claim_name(&self) -> String {
        address::claim_name(&self.site.settings.environment, &self.verified.link.hash)
    }

    /// Key of the wrong-code limit: each attempt has its own links.
    fn attempt(&self) -> ([u8; 16], u32) {
        (self.verified.link.id, self.verified.link.attempt)
    }

    fn locked(&self) -> Option<Duration> {
        let counts = self.site.settings.code_required;
        self.site.wrong_codes.peek(self.attempt(), Instant::now().into_std()).err().filter(|_| counts)
    }
}

/// Whether the page already shows the result of the button.
fn is_done(act: Act, page: ConfirmationPage) -> bool {
    matches!(
        (act, page),
        (Act::Confirm, ConfirmationPage::Confirmed)
            | (Act::Decline, ConfirmationPage::Declined { .. })
            | (Act::Undo, ConfirmationPage::Asked)
            | (Act::Withdraw, ConfirmationPage::Withdrawn { .. })
    )
}
