//! One request with a verified link: reads the claim, shows the state of the link, and executes a click.

use std::time::Duration;

use axum::{
    http::{StatusCode, Uri, header::LOCATION},
    response::{IntoResponse, Response},
};
use futures::future::try_join_all;
use tokio::time::Instant;

use super::{
    event::Outcome,
    guard::{Tongue, frame, page, parameter},
    site::Site,
    view::{CodeTrouble, Matter, Remark, Scene, query},
};
use crate::{
    cluster::store::StoreError,
    mail::Asker,
    model::{
        address,
        claim::{Claim, StoredClaim, claim_name},
        confirmation::{
            answering::{self, Act, Click, Effect, Page},
            evidence::Visitor,
        },
        coverage::Suffixes,
        link::Opened,
        tenant::Tenant,
    },
};

/// Attempts to execute a click when other writers interfere.
const TRIES: usize = 5;

/// A request with a verified link.
pub(super) struct Visit<'a> {
    pub(super) site: &'a Site,
    pub(super) opened: &'a Opened,
    /// The link as in the path.
    pub(super) link: &'a str,
    pub(super) uri: &'a Uri,
    pub(super) tongue: Tongue,
}

/// The state of the link in the cluster.
struct Standing {
    stored: StoredClaim,
    suffixes: Suffixes,
    page: Page,
}

/// The step of the page, and what was wrong with the typed code.
#[derive(Clone, Copy)]
struct Step {
    withdrawing: bool,
    trouble: Option<CodeTrouble>,
}

impl Visit<'_> {
    /// The page of the link's current state.
    pub(super) async fn shown(&self) -> (Outcome, Response) {
        match self.look().await {
            Ok(Some(standing)) => {
                let withdrawing = parameter(self.uri, "step") == Some("withdraw");
                (Outcome::Shown, self.request(&standing, Step { withdrawing, trouble: None }).await)
            }
            Ok(None) => (Outcome::NotFound, self.page(&Scene::NotFound)),
            Err(error) => self.trouble(&error, false),
        }
    }

    /// Executes a click, and retries on conflicts until it is written.
    pub(super) async fn answered(&self, act: Act, typed: &str, visitor: Visitor) -> (Outcome, Response) {
        let code = self.site.settings.code_required.then_some(typed);
        let now = self.site.clock.now();
        let click = Click { act, code, visitor, decline_time: self.site.settings.decline_time, now };
        let mut unsure = false;
        for _ in 0..TRIES {
            let standing = match self.look().await {
                Ok(Some(standing)) => standing,
                Ok(None) => return (Outcome::NotFound, self.page(&Scene::NotFound)),
                Err(error) => return self.trouble(&error, unsure),
            };
            let effect = answering::click(Some(&standing.stored.claim), &standing.suffixes, self.opened, &click);
            let (next, page) = match effect {
                Effect::Nothing(page) => return (Outcome::Unchanged, self.back(act, page)),
                Effect::WrongCode(_) => return self.wrong_code(&standing, act, typed).await,
                Effect::Write(next, page) => (next, page),
            };
            // A visitor who guesses codes must not learn which one was right.
            if let Some(wait) = self.locked() {
                return (Outcome::Locked, self.page(&Scene::Locked(self.matter(&standing.stored.claim, None), wait)));
            }
            match self.site.desk.swap_claim(&self.claim_name(), &standing.stored, &next).await {
                Ok(_) => return (Outcome::Changed, self.back(act, page)),
                // Another writer was first, or the result of the write is unknown: read the claim again.
                Err(StoreError::Conflict | StoreError::NotFound) => {}
                Err(StoreError::Unavailable) => unsure = true,
                Err(error) => return self.trouble(&error, unsure),
            }
        }
        self.trouble(&StoreError::Conflict, unsure)
    }

    /// Reads the claim of the link, and those on the domain that it depends on. `None`: there is no request.
    async fn look(&self) -> Result<Option<Standing>, StoreError> {
        let Some(stored) = self.site.desk.claim(&self.claim_name()).await? else { return Ok(None) };
        let request = stored.claim.confirmation.as_ref().and_then(|confirmation| confirmation.request.as_ref());
        let request = request.filter(|request| request.link_id() == Some(self.opened.link.id));
        let (Some(request), Some(address)) = (request, &stored.claim.subject.address) else { return Ok(None) };
        let environment = &self.site.settings.environment;
        // Domains above the one of the request are irrelevant.
        let above = address
            .domain()
            .ancestors()
            .filter(|domain| *domain == request.under.domain || domain.is_below(&request.under.domain));
        let names =
            std::iter::once(address.domain().clone()).chain(above).map(|domain| claim_name(environment, &domain));
        let reads = names.map(|name| async move { self.site.desk.claim(&name).await });
        let claims: Vec<StoredClaim> = try_join_all(reads).await?.into_iter().flatten().collect();
        let suffixes = Suffixes::of(address, claims.iter().map(|stored| &stored.claim));
        let page = answering::page(Some(&stored.claim), &suffixes, self.opened);
        Ok((page != Page::Gone).then_some(Standing { stored, suffixes, page }))
    }

    async fn request(&self, standing: &Standing, step: Step) -> Response {
        let claim = &standing.stored.claim;
        let mut visit = Visit { ..*self };
        let mut note = None;
        // Read the claimant's resource only if it matters: its note for an open request, its locale if the visitor
        // named no language.
        if let Some(holder) = claim.holder.as_ref().filter(|_| standing.page == Page::Asked || !self.tongue.wanted) {
            match self.site.desk.wish(holder).await {
                Ok(wish) => {
                    let wish = wish.unwrap_or_default();
                    visit.tongue = self.tongue.or(wish.locale);
                    note = wish.note;
                }
                // The visitor can answer without the note.
                Err(error) => tracing::warn!(%error, "the note of a request cannot be read; the page omits it"),
            }
        }
        let matter = self.matter(claim, note);
        let asks = standing.page == Page::Asked || (standing.page == Page::Confirmed && step.withdrawing);
        if let Some(wait) = self.locked().filter(|_| asks) {
            return visit.page(&Scene::Locked(matter, wait));
        }
        let Step { withdrawing, trouble } = step;
        visit.page(&Scene::Request { page: standing.page, matter, withdrawing, trouble, remark: self.remark() })
    }

    async fn wrong_code(&self, standing: &Standing, act: Act, typed: &str) -> (Outcome, Response) {
        let missing = typed.trim().is_empty();
        if !missing && let Err(wait) = self.site.wrong_codes.take(self.attempt(), Instant::now().into_std()) {
            return (Outcome::Locked, self.page(&Scene::Locked(self.matter(&standing.stored.claim, None), wait)));
        }
        let trouble = Some(if missing { CodeTrouble::Missing } else { CodeTrouble::Wrong });
        let step = Step { withdrawing: act == Act::Withdraw, trouble };
        (Outcome::WrongCode, self.request(standing, step).await)
    }

    /// Redirects from a form to the page of the link. A relative reference (RFC 9110 §10.2.2) stays on the same site
    /// behind any proxy.
    fn back(&self, act: Act, page: Page) -> Response {
        let remark = match (act, is_done(act, page)) {
            (Act::Undo, true) => Some("undone"),
            (_, true) => None,
            (_, false) => Some("meanwhile"),
        };
        let remark: Vec<(&str, &str)> = remark.map(|remark| ("remark", remark)).into_iter().collect();
        let query = query(frame(self.site, self.tongue), &remark);
        (StatusCode::SEE_OTHER, [(LOCATION, format!("{}{query}", self.link))]).into_response()
    }

    fn trouble(&self, error: &StoreError, unsure: bool) -> (Outcome, Response) {
        tracing::warn!(%error, unsure, "a confirmation page cannot be served");
        (Outcome::Trouble, self.page(&Scene::Trouble { unsure }))
    }

    fn page(&self, scene: &Scene) -> Response {
        page(self.site, scene, self.tongue)
    }

    fn matter(&self, claim: &Claim, note: Option<String>) -> Matter {
        let holder = claim.holder.as_ref();
        let tenant = match &claim.tenant {
            Some(Tenant::Label(label)) => Some(label.clone()),
            _ => None,
        };
        Matter {
            address: claim.subject.address.as_ref().map(ToString::to_string).unwrap_or_default(),
            asker: Asker {
                namespace: holder.map(|holder| holder.namespace.clone()).unwrap_or_default(),
                name: holder.map(|holder| holder.name.clone()).unwrap_or_default(),
                tenant,
            },
            note,
            expiry: self.opened.link.expiry,
            ended: self.site.clock.now() >= self.opened.link.expiry,
        }
    }

    fn remark(&self) -> Option<Remark> {
        match parameter(self.uri, "remark") {
            Some("undone") => Some(Remark::Undone),
            Some("meanwhile") => Some(Remark::Meanwhile),
            _ => None,
        }
    }

    fn claim_name(&self) -> String {
        address::claim_name(&self.site.settings.environment, &self.opened.link.hash)
    }

    /// Key of the wrong-code limit: each attempt has its own links.
    fn attempt(&self) -> ([u8; 16], u32) {
        (self.opened.link.id, self.opened.link.attempt)
    }

    fn locked(&self) -> Option<Duration> {
        let counts = self.site.settings.code_required;
        self.site.wrong_codes.peek(self.attempt(), Instant::now().into_std()).err().filter(|_| counts)
    }
}

/// Whether the page already shows the result of the button.
fn is_done(act: Act, page: Page) -> bool {
    matches!(
        (act, page),
        (Act::Confirm, Page::Confirmed)
            | (Act::Decline, Page::Declined { .. })
            | (Act::Undo, Page::Asked)
            | (Act::Withdraw, Page::Withdrawn { .. })
    )
}
