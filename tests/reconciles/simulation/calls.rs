//! The operator's port to SES: each of its calls is a call of the model, with invariants and scripted failures.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use sender_operator::{
    model::name::Domain,
    ses::{AccountStatus, Caller, Identity, ListPage, Outgoing, Ses, SesError},
};
use ses_simulator::core::api;
use tokio::time::Instant;

use super::{
    account::{Account, Call, PAGE, SesCall},
    failures::How,
    identity, invariants, lock,
    people::{ELSEWHERE, caller},
    ports::Port,
};

const LATENCY: Duration = Duration::from_millis(80);
/// Tenants on a page: so few that a scenario with three of them has two pages.
const TENANTS: i64 = 2;
/// Minimum distance of two calls of one process: SES allows one per second. Slightly less, for the granularity of
/// timers.
const PACE: Duration = Duration::from_millis(990);

impl Port {
    /// One call: its latency, the invariants, scripted failures, its effect.
    async fn call<T>(
        &self,
        call: SesCall,
        domain: &str,
        effect: impl FnOnce(&mut Account, Timestamp) -> Result<T, SesError> + Send,
    ) -> Result<T, SesError> {
        self.way(LATENCY).await;
        self.alive().await;
        let (answer, how) = {
            let cluster = lock(&self.shared.cluster);
            let mut account = lock(&self.shared.account);
            let now = self.shared.now();
            self.shared.faults(invariants::ses_call(&self.link, &cluster.claims, &account, call, domain));
            if self.link.called(Instant::now()).is_some_and(|pause| pause < PACE) {
                self.shared.fault(format!("{call:?} of {domain}: exceeds the call budget"));
            }
            account.look(&lock(&self.shared.zone), now);
            if call.is_write() {
                account.remember(domain, now);
            }
            let (answer, how) = self.becomes(&mut account, call, domain, |account| effect(account, now));
            self.link.known.called(call, domain, answer.as_ref().err());
            let at = self.shared.start.elapsed();
            let error = answer.as_ref().err().cloned();
            account.journal.push(Call { at, operation: call, domain: domain.to_owned(), error });
            (answer, how)
        };
        self.shared.changed.notify_waiters();
        match how {
            Some(how) => self.fail(how, answer).await,
            None => answer,
        }
    }

    /// The result of a call: the scripted failure, or the model's answer.
    pub(super) fn becomes<T>(
        &self,
        account: &mut Account,
        call: SesCall,
        about: &str,
        effect: impl FnOnce(&mut Account) -> Result<T, SesError>,
    ) -> (Result<T, SesError>, Option<How>) {
        let struck = if call.is_write() { lock(&self.shared.writes).next(format!("{call:?} {about}")) } else { None };
        let ordered = struck.map(|how| (how, SesError::Unreachable));
        match ordered.or_else(|| account.failures.next(call, about)) {
            None => (effect(account), None),
            Some((how, error)) if !how.has_effect() => (Err(error), Some(how)),
            // An error without effect is answered, not lost.
            Some((how, error)) => match effect(account) {
                Ok(_) => (Err(error), Some(how)),
                refused => (refused, None),
            },
        }
    }

    /// Passes a call to the model unchanged.
    async fn ask<C>(&self, call: SesCall, domain: &str, request: C) -> Result<C::Answer, SesError>
    where
        C: api::Call<Answer: Send> + Send,
    {
        let effect =
            |account: &mut Account, now| account.ses.call(request, now).map_err(|error| identity::error(&error));
        self.call(call, domain, effect).await
    }
}

/// A missing setting counts as removed.
fn gone<T>(answer: Result<T, SesError>) -> Result<(), SesError> {
    match answer {
        Ok(_) | Err(SesError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

fn domain_of(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(ELSEWHERE, |(_, domain)| domain)
}

#[async_trait]
impl Ses for Port {
    async fn caller(&self) -> Result<Caller, SesError> {
        Ok(caller())
    }

    async fn list(&self, token: Option<&str>) -> Result<ListPage, SesError> {
        let token = token.map(str::to_owned);
        self.call(SesCall::List, "", |account, now| account.page(token, now)).await
    }

    async fn identity(&self, domain: &Domain) -> Result<Option<Identity>, SesError> {
        let domain = domain.as_str();
        let answer = self.call(SesCall::Get, domain, |account, now| account.read(domain, now)).await;
        self.link.known.read(domain, answer.as_ref().is_ok_and(Option::is_some));
        answer
    }

    async fn create(&self, domain: &Domain, tags: &BTreeMap<String, String>) -> Result<(), SesError> {
        let (email_identity, tags) = (Some(domain.to_string()), Some(api::Tag::list(tags)));
        let request = api::CreateEmailIdentity { email_identity, tags, ..Default::default() };
        let create = |account: &mut Account, now| {
            account.ses.call(request, now).map_err(|error| identity::error(&error))?;
            account.created.push(domain.to_string());
            Ok(())
        };
        self.call(SesCall::Create, domain.as_str(), create).await
    }

    async fn delete(&self, domain: &Domain) -> Result<(), SesError> {
        let request = api::DeleteEmailIdentity { email_identity: domain.to_string() };
        let delete = |account: &mut Account, now| {
            let deleted = account.ses.call(request, now).map_err(|error| identity::error(&error));
            account.deleted.extend(deleted.is_ok().then(|| domain.to_string()));
            gone(deleted)
        };
        self.call(SesCall::Delete, domain.as_str(), delete).await
    }

    async fn start_easy_dkim(&self, domain: &Domain) -> Result<(), SesError> {
        let (email_identity, origin) = (domain.to_string(), Some("AWS_SES".to_owned()));
        let request = api::PutEmailIdentityDkimSigningAttributes {
            email_identity,
            signing_attributes_origin: origin,
            signing_attributes: None,
        };
        let start = |account: &mut Account, now| {
            account.words.remove(domain.as_str());
            account.ses.call(request, now).map(drop).map_err(|error| identity::error(&error))
        };
        self.call(SesCall::StartEasyDkim, domain.as_str(), start).await
    }

    async fn enable_signing(&self, domain: &Domain) -> Result<(), SesError> {
        let (email_identity, signing_enabled) = (domain.to_string(), Some(true));
        let request = api::PutEmailIdentityDkimAttributes { email_identity, signing_enabled };
        self.ask(SesCall::EnableSigning, domain.as_str(), request).await.map(drop)
    }

    async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), SesError> {
        let request = api::TagResource { resource_arn: Some(arn.to_owned()), tags: Some(api::Tag::list(tags)) };
        self.ask(SesCall::Tag, domain_of(arn), request).await.map(drop)
    }

    async fn untag(&self, arn: &str, key: &str) -> Result<(), SesError> {
        let request = api::UntagResource { resource_arn: Some(arn.to_owned()), tag_keys: vec![key.to_owned()] };
        self.ask(SesCall::Untag, domain_of(arn), request).await.map(drop)
    }

    async fn delete_policy(&self, domain: &Domain, name: &str) -> Result<(), SesError> {
        let (email_identity, policy_name) = (domain.to_string(), name.to_owned());
        let request = api::DeleteEmailIdentityPolicy { email_identity, policy_name };
        gone(self.ask(SesCall::DeletePolicy, domain.as_str(), request).await)
    }

    async fn clear_mail_from(&self, domain: &Domain) -> Result<(), SesError> {
        let email_identity = domain.to_string();
        let request = api::PutEmailIdentityMailFromAttributes { email_identity, ..Default::default() };
        self.ask(SesCall::ClearMailFrom, domain.as_str(), request).await.map(drop)
    }

    async fn clear_configuration_set(&self, domain: &Domain) -> Result<(), SesError> {
        let email_identity = domain.to_string();
        let request = api::PutEmailIdentityConfigurationSetAttributes { email_identity, ..Default::default() };
        self.ask(SesCall::ClearConfigurationSet, domain.as_str(), request).await.map(drop)
    }

    async fn associations(&self, arn: &str, token: Option<&str>) -> Result<(Vec<String>, Option<String>), SesError> {
        let asked = api::Asked { next_token: token.map(str::to_owned), page_size: Some(TENANTS) };
        let request = api::ListResourceTenants { resource_arn: Some(arn.to_owned()), asked };
        let answer = self.ask(SesCall::ListAssociations, domain_of(arn), request).await?;
        Ok((answer.resource_tenants.into_iter().map(|tenant| tenant.tenant_name).collect(), answer.next_token))
    }

    async fn disassociate(&self, tenant: &str, arn: &str) -> Result<(), SesError> {
        let (tenant_name, resource_arn) = (Some(tenant.to_owned()), Some(arn.to_owned()));
        let request = api::DeleteTenantResourceAssociation { tenant_name, resource_arn };
        gone(self.ask(SesCall::Disassociate, domain_of(arn), request).await)
    }

    async fn addresses(&self, domain: &Domain, token: Option<&str>) -> Result<(Vec<String>, Option<String>), SesError> {
        let filter = [("IDENTITY_NAME_CONTAINS".to_owned(), domain.to_string())];
        let (filter, next_token) = (Some(filter.into()), token.map(str::to_owned));
        let request = api::ListEmailIdentities { filter, next_token, page_size: Some(PAGE) };
        let answer = self.ask(SesCall::ListAddresses, domain.as_str(), request).await?;
        let names = answer.email_identities.into_iter().map(|info| info.identity_name);
        let host = |name: &str| name.rsplit_once('@').and_then(|(_, host)| Domain::parse(host).ok());
        let at = |name: &String| host(name).is_some_and(|host| host == *domain || host.is_below(domain));
        Ok((names.filter(at).collect(), answer.next_token))
    }

    async fn send(&self, mail: &Outgoing) -> Result<String, SesError> {
        self.send_mail(mail).await
    }

    async fn account_status(&self) -> Result<AccountStatus, SesError> {
        self.account_status().await
    }
}
