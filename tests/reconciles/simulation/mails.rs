//! Mails to the owners of mailboxes, and the owners' actions.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use jiff::SignedDuration;
use sender_operator::{
    cluster::store::StoreError,
    controller::config::MailConfig,
    mail::{Language, Templates},
    model::{
        address::{Address, claim_name},
        claim::{Claim, StoredClaim},
        confirmation::{
            answer::{Act, Click, ConfirmationPage, Effect, click, page},
            evidence::Visitor,
            limits::MailLimits,
        },
        coverage::Suffixes,
        link::{LinkKeys, VerifiedLink},
        tenant::Tenant,
    },
    ses::{AccountStatus, Outgoing, SesError},
};
use ses_simulator::{AccountPatch, core::api};

use super::{SesCall, Simulation, account::Account, failures::How, identity, lock, mail_invariants, ports::Port};

/// Keys of links, unless a scenario rotates them.
const KEYS: LinkKeys = LinkKeys { current: [1; 32], previous: None, withdrawal: [2; 32] };
/// Parsed once: thousands of simulations are created.
static TEMPLATES: LazyLock<Arc<Templates>> = LazyLock::new(|| Arc::new(Templates::builtin().unwrap()));
const LATENCY: Duration = Duration::from_millis(90);

/// A mail that reached its mailbox.
#[derive(Clone, Debug)]
pub struct Mailed {
    pub at: Duration,
    pub mail: Outgoing,
    /// The tenant of the mail.
    pub tenant: Option<Tenant>,
    /// Whether the operator knows that SES accepted it.
    pub acknowledged: bool,
}

impl Mailed {
    pub fn link(&self) -> String {
        link_in(&self.mail)
    }
}

pub fn link_in(mail: &Outgoing) -> String {
    let (_, rest) = mail.text.split_once("/confirm/").unwrap();
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
}

/// The permissions of the account.
#[derive(Clone, Copy, Debug)]
pub struct Sending {
    pub production: bool,
    pub paused: bool,
}

impl Default for Sending {
    fn default() -> Self {
        Self { production: true, paused: false }
    }
}

impl Port {
    pub async fn send_mail(&self, mail: &Outgoing) -> Result<String, SesError> {
        self.way(LATENCY).await;
        self.alive().await;
        let to = mail.to.to_string();
        let (answer, how) = {
            let cluster = lock(&self.shared.cluster);
            let mut account = lock(&self.shared.account);
            let at = self.shared.start.elapsed();
            let sending =
                mail_invariants::Sending { link: &self.link, claims: &cluster.claims, mails: &account.mails, mail, at };
            let fresh = self.shared.domains_are_fresh();
            self.shared.faults(sending.faults(self.shared.now(), fresh));
            let tenant = sending.tenant();
            let now = self.shared.now();
            account.look(&lock(&self.shared.zone), now);
            let (answer, how) = self.becomes(&mut account, SesCall::Send, &to, |account| {
                let sent = account.ses.call(request(mail), now).map_err(|error| identity::error(&error))?;
                account.mails.push(Mailed { at, mail: mail.clone(), tenant, acknowledged: true });
                Ok(sent.message_id)
            });
            if let Some(mailed) = account.mails.last_mut().filter(|_| how.is_some_and(How::has_effect)) {
                mailed.acknowledged = false;
            }
            (answer, how)
        };
        self.shared.changed.notify_waiters();
        match how {
            Some(how) => self.fail(how, answer).await,
            None => answer,
        }
    }

    pub async fn account_status(&self) -> Result<AccountStatus, SesError> {
        self.way(LATENCY).await;
        self.alive().await;
        let mut account = lock(&self.shared.account);
        let now = self.shared.now();
        let ask = |account: &mut Account| account.ses.call(api::GetAccount, now);
        let call = |account: &mut Account| ask(account).map_err(|error| identity::error(&error));
        let (answer, _) = self.becomes(&mut account, SesCall::AccountStatus, "", call);
        answer.map(|answer| AccountStatus {
            production: answer.production_access_enabled,
            sending: answer.sending_enabled,
        })
    }
}

/// The request for the mail, as in the operator's own adapter.
fn request(mail: &Outgoing) -> api::SendEmail {
    let text = |data: &str| Some(api::Text { data: Some(data.to_owned()), charset: Some("UTF-8".to_owned()) });
    let header =
        |(name, value): &(&str, String)| api::Named { name: Some((*name).to_owned()), value: Some(value.clone()) };
    let message = api::Message {
        subject: text(&mail.subject),
        body: Some(api::Body { text: text(&mail.text), html: text(&mail.html) }),
        headers: Some(mail.headers.iter().map(header).collect()),
    };
    api::SendEmail {
        from_email_address: Some(mail.sender()),
        destination: api::Destination { to: vec![mail.to.to_string()], ..Default::default() },
        content: Some(api::Content { simple: Some(message), ..Default::default() }),
        configuration_set_name: mail.configuration_set.clone(),
        ..Default::default()
    }
}

impl Simulation {
    /// The default mail settings.
    pub fn mail_config() -> MailConfig {
        MailConfig {
            sender: Address::parse("confirm@ops.example.net").unwrap(),
            sender_name: None,
            configuration_set: None,
            public_url: "https://mail.example.net".to_owned(),
            company: None,
            language: Language::En,
            templates: TEMPLATES.clone(),
            keys: KEYS,
            codes: true,
            limits: MailLimits { address: 3, tenant: 50, domain: 100, all: 500 },
        }
    }

    /// SES sends for the operator's own sender.
    pub fn verify_sender(&self) {
        self.create_at_ses("ops.example.net", &[]);
        self.publish("ops.example.net");
    }

    pub fn mails_to(&self, address: &str) -> Vec<Mailed> {
        self.account().mails.iter().filter(|mailed| mailed.mail.to.to_string() == address).cloned().collect()
    }

    pub fn mails(&self) -> Vec<Mailed> {
        self.account().mails.clone()
    }

    pub fn set_sending(&self, sending: Sending) {
        let patch = AccountPatch {
            production_access: Some(sending.production),
            sending_enabled: Some(!sending.paused),
            ..AccountPatch::default()
        };
        self.account().ses.change_account(patch, self.age());
    }

    pub fn open(&self, link: &str) -> VerifiedLink {
        KEYS.verify("default", link, self.now()).unwrap()
    }

    /// The current page of a link.
    pub fn page(&self, link: &str) -> ConfirmationPage {
        let verified = self.open(link);
        let (stored, suffixes) = self.behind(&verified);
        page(stored.as_ref().map(|stored| &stored.claim), &suffixes, &verified)
    }

    /// The owner opens the last mail, types its code and presses a button: the steps of the web server in one.
    pub fn click(&self, address: &str, act: Act) -> ConfirmationPage {
        let link = self.mails_to(address).last().unwrap().link();
        self.click_link(&link, act)
    }

    /// The same with a link.
    pub fn click_link(&self, link: &str, act: Act) -> ConfirmationPage {
        self.click_verified(&self.open(link), act)
    }

    /// The same with a link that was opened.
    pub fn click_verified(&self, verified: &VerifiedLink, act: Act) -> ConfirmationPage {
        let begun = self.begin_click(verified, act);
        self.end_click(begun).unwrap()
    }

    /// A replica reads the claim and decides the effect of the click.
    pub fn begin_click(&self, verified: &VerifiedLink, act: Act) -> Begun {
        let (stored, suffixes) = self.behind(verified);
        let visitor = Visitor::new("192.0.2.1", "Browser");
        let decline_time = SignedDuration::from_hours(720);
        let a_click = Click { act, code: Some(&verified.code), visitor, decline_time, now: self.now() };
        let claim = stored.as_ref().map(|stored| &stored.claim);
        let effect = click(claim, &suffixes, verified, &a_click);
        Begun { name: claim_name("default", &verified.link.hash), stored, effect }
    }

    /// The replica writes it, by compare-and-swap.
    pub fn end_click(&self, begun: Begun) -> Result<ConfirmationPage, StoreError> {
        let Begun { name, stored, effect } = begun;
        match effect {
            Effect::Write(next, page) => {
                self.cluster().swap_claim(&name, &stored.unwrap(), &next)?;
                self.shared.changed.notify_waiters();
                Ok(page)
            }
            Effect::Nothing(page) | Effect::WrongCode(page) => Ok(page),
        }
    }

    /// The claim behind a link, and those on the domains of its address.
    fn behind(&self, verified: &VerifiedLink) -> (Option<StoredClaim>, Suffixes) {
        let cluster = self.cluster();
        let stored = cluster.claims.get(&claim_name("default", &verified.link.hash)).cloned();
        let address = stored.as_ref().and_then(|stored| stored.claim.subject.address.clone());
        let ours = |claim: &&Claim| claim.environment == "default";
        let claims = cluster.claims.values().map(|stored| &stored.claim).filter(ours);
        let suffixes = address.map(|address| Suffixes::of(&address, claims)).unwrap_or_default();
        (stored, suffixes)
    }

    /// Mails whose links are dead although they should work. The newest acknowledged mail to each address and all later
    /// ones lead to a page while the request exists, within 24 hours.
    pub fn dead_links(&self) -> Vec<String> {
        let mails = self.mails();
        let newest = |mailed: &&Mailed| {
            let later = mails.iter().filter(|other| other.mail.to == mailed.mail.to && other.at > mailed.at);
            !later.into_iter().any(|other| other.acknowledged)
        };
        let is_dead = |mailed: &&Mailed| {
            let verified = self.open(&mailed.link());
            verified.confirms && self.page(&mailed.link()) == ConfirmationPage::Superseded
        };
        let dead = mails.iter().filter(newest).filter(is_dead);
        dead.map(|mailed| format!("the link of {:?} to {} is dead", mailed.at, mailed.mail.to)).collect()
    }
}

/// A decided click that is not written yet.
pub struct Begun {
    name: String,
    stored: Option<StoredClaim>,
    effect: Effect,
}
