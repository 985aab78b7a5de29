//! Writes to SES, and what becomes of the pass after each.

use std::collections::BTreeMap;

use super::{
    Turns,
    facts::{Observed, Sight, Trouble},
    step::{Leftover, Write},
};
use crate::{
    controller::Controller,
    ses::{CLAIM_TAG, RETAINED_TAG, SesError},
};

impl Controller {
    /// Whether it was this call that changed something.
    pub(super) async fn write_to_ses(
        &self,
        seen: &mut Observed,
        write: &Write,
        turns: &Turns<'_>,
    ) -> Result<bool, Trouble> {
        seen.challenge_live = false;
        let done = match write {
            Write::Strip(leftovers) => self.strip(seen, leftovers, turns).await,
            _ => self.one_write(seen, write, turns).await,
        };
        // Also after a failure: the call may have had its effect although its answer was lost.
        if !matches!(done, Err(Trouble::Deferred(_) | Trouble::NoSeat(_) | Trouble::NotLeading)) {
            let before = std::mem::take(&mut seen.memory.identity);
            seen.memory.identity = if done.is_ok() { Sight::Unsure } else { before.doubted() };
            seen.identity_live = false;
            seen.associations = None;
            seen.written_to_ses = true;
        }
        match done {
            Ok(true) if *write == Write::StartEasyDkim(true) => {
                seen.memory.restarts = (seen.memory.restarts.0.saturating_add(1), Some(self.ports.clock.now()));
                Ok(true)
            }
            // Not a failure: something else has to be done first.
            Err(Trouble::Ses(SesError::Associated)) => {
                seen.delete_refused = true;
                Ok(false)
            }
            other => other,
        }
    }

    async fn one_write(&self, seen: &Observed, write: &Write, turns: &Turns<'_>) -> Result<bool, Trouble> {
        let (ses, domain) = (&self.ports.ses, &seen.domain);
        let arn = self.me.caller.identity_arn(domain);
        let tags = self.me.tags();
        let retained = BTreeMap::from([(RETAINED_TAG.to_owned(), "true".to_owned())]);
        let done = match write {
            Write::CreateIdentity(_) => {
                let claim = seen.claim.iter().map(|stored| (CLAIM_TAG.to_owned(), stored.uid.clone()));
                let tags = tags.into_iter().chain(claim).collect();
                match self.call(seen, turns, "CreateEmailIdentity", || ses.create(domain, &tags)).await {
                    // Somebody was first, perhaps ourselves before a crash: the tags will say.
                    Err(Trouble::Ses(SesError::AlreadyExists)) => return Ok(false),
                    other => other,
                }
            }
            Write::StartEasyDkim(_) => {
                let operation = "PutEmailIdentityDkimSigningAttributes";
                self.call(seen, turns, operation, || ses.start_easy_dkim(domain)).await
            }
            Write::EnableSigning => {
                self.call(seen, turns, "PutEmailIdentityDkimAttributes", || ses.enable_signing(domain)).await
            }
            Write::MarkRetained(true) => self.call(seen, turns, "TagResource", || ses.tag(&arn, &retained)).await,
            Write::MarkRetained(false) => {
                self.call(seen, turns, "UntagResource", || ses.untag(&arn, RETAINED_TAG)).await
            }
            Write::Adopt => self.call(seen, turns, "TagResource", || ses.tag(&arn, &tags)).await,
            Write::DeleteIdentity => self.call(seen, turns, "DeleteEmailIdentity", || ses.delete(domain)).await,
            Write::Claim(..) | Write::ForgetClaim | Write::Strip(_) => return Ok(false),
        };
        done.map(|()| true)
    }

    async fn strip(&self, seen: &Observed, leftovers: &[Leftover], turns: &Turns<'_>) -> Result<bool, Trouble> {
        let (ses, domain) = (&self.ports.ses, &seen.domain);
        let arn = self.me.caller.identity_arn(domain);
        for leftover in leftovers {
            match leftover {
                Leftover::Association(tenant) => {
                    let operation = "DeleteTenantResourceAssociation";
                    self.call(seen, turns, operation, || ses.disassociate(tenant, &arn)).await?;
                }
                Leftover::Policy(name) => {
                    let operation = "DeleteEmailIdentityPolicy";
                    self.call(seen, turns, operation, || ses.delete_policy(domain, name)).await?;
                }
                Leftover::MailFrom => {
                    let operation = "PutEmailIdentityMailFromAttributes";
                    self.call(seen, turns, operation, || ses.clear_mail_from(domain)).await?;
                }
                Leftover::ConfigurationSet => {
                    let operation = "PutEmailIdentityConfigurationSetAttributes";
                    self.call(seen, turns, operation, || ses.clear_configuration_set(domain)).await?;
                }
            }
        }
        Ok(true)
    }
}
