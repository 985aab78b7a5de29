//! Mails to the owners of mailboxes, and what the owners do with them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sender_operator::{
    controller::{address::facts::Post, domain::facts::Installation},
    mail::{Language, Templates},
    model::{
        address::Address,
        claim::StoredClaim,
        confirmation::{
            answering::{Act, Click, Effect, Page, click},
            evidence::Visitor,
            limits::Limits,
        },
        coverage::Suffixes,
        link::{LinkKeys, Opened},
    },
    ses::{Outgoing, SesError, Standing},
};

use super::{SesCall, World, addresses::address_claim_name, failures::How, lock, ports::Port};

/// How long SES takes for a mail.
const LATENCY: Duration = Duration::from_millis(90);

/// A mail that reached its mailbox.
#[derive(Clone, Debug)]
pub struct Mailed {
    pub at: Duration,
    pub mail: Outgoing,
}

impl Mailed {
    /// The link in it.
    pub fn link(&self) -> String {
        let (_, rest) = self.mail.text.split_once("/confirm/").unwrap();
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
    }
}

/// What the account lets its owner do.
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
    /// `SendEmail`.
    pub async fn send_mail(&self, mail: &Outgoing) -> Result<String, SesError> {
        self.way(LATENCY).await;
        self.alive().await;
        let to = mail.to.to_string();
        let (answer, how) = {
            let cluster = lock(&self.shared.cluster);
            let mut account = lock(&self.shared.account);
            self.shared.faults(law(&self.link.me, cluster.claims.get(&address_claim_name(&to)), mail));
            let struck = lock(&self.shared.writes).next(format!("Send {to}")).map(|how| (how, SesError::Unreachable));
            let ordered = struck.or_else(|| account.failures.next(SesCall::Send, &to));
            let answer = match &ordered {
                Some((how, error)) if !how.has_effect() => Err(error.clone()),
                _ if account.sending.paused => Err(SesError::SendingPaused),
                _ if !account.sending.production => Err(SesError::NotVerified),
                _ => {
                    account.mails.push(Mailed { at: self.shared.start.elapsed(), mail: mail.clone() });
                    Ok(format!("message-{}", account.mails.len()))
                }
            };
            let ordered = ordered.filter(|(how, _)| answer.is_ok() || !how.has_effect());
            (ordered.as_ref().map_or(answer, |(_, error)| Err(error.clone())), ordered.map(|(how, _)| how))
        };
        self.shared.changed.notify_waiters();
        match how {
            Some(how) => self.fail(how, answer).await,
            None => answer,
        }
    }

    /// `GetAccount`.
    pub async fn account_standing(&self) -> Result<Standing, SesError> {
        self.way(LATENCY).await;
        self.alive().await;
        let mut account = lock(&self.shared.account);
        if let Some((How::Refused, error)) = account.failures.next(SesCall::Standing, "") {
            return Err(error);
        }
        Ok(Standing { production: account.sending.production, sending: !account.sending.paused })
    }
}

/// No mail goes out that was not counted before, and none without a claim.
fn law(me: &Installation, claim: Option<&StoredClaim>, mail: &Outgoing) -> Vec<String> {
    let request = claim.and_then(|stored| stored.claim.confirmation.as_ref()?.request.as_ref());
    let mut faults = Vec::new();
    if me.dry_run {
        faults.push(format!("a mail to {} in a dry run", mail.to));
    }
    match request {
        None => faults.push(format!("a mail to {} that nobody asks for", mail.to)),
        Some(request) if request.attempt.sends == 0 => faults.push(format!("an uncounted mail to {}", mail.to)),
        Some(request) if request.answer.is_some() => faults.push(format!("a mail to {} who has answered", mail.to)),
        Some(_) => {}
    }
    faults
}

impl World {
    /// How owners are asked, as by default.
    pub fn post() -> Post {
        Post {
            sender: Address::parse("confirm@ops.example.net").unwrap(),
            sender_name: None,
            configuration_set: None,
            public_url: "https://mail.example.net".to_owned(),
            company: None,
            language: Language::En,
            templates: std::sync::Arc::new(Templates::builtin().unwrap()),
            keys: LinkKeys { current: [1; 32], previous: None, withdrawal: [2; 32] },
            codes: true,
            limits: Limits { address: 3, tenant: 50, domain: 100, all: 500 },
        }
    }

    /// SES sends for the operator's own sender.
    pub fn verify_sender(&self) {
        self.create_at_ses("ops.example.net", &[]);
        self.publish("ops.example.net");
    }

    /// Every mail that arrived at an address.
    pub fn mails_to(&self, address: &str) -> Vec<Mailed> {
        self.account().mails.iter().filter(|mailed| mailed.mail.to.to_string() == address).cloned().collect()
    }

    /// Every mail that arrived.
    pub fn mails(&self) -> Vec<Mailed> {
        self.account().mails.clone()
    }

    /// What the account may do.
    pub fn set_sending(&self, sending: Sending) {
        self.account().sending = sending;
    }

    /// What a link opens to, now.
    pub fn open(&self, link: &str) -> Opened {
        Self::post().keys.open("default", link, self.now()).unwrap()
    }

    /// The owner opens the last mail, types its code and presses a button: what the web face does, in one step.
    pub fn click(&self, address: &str, act: Act) -> Page {
        let link = self.mails_to(address).last().unwrap().link();
        self.click_link(&link, act)
    }

    /// The same with a link.
    pub fn click_link(&self, link: &str, act: Act) -> Page {
        let opened = self.open(link);
        let now = self.now();
        let mut cluster = self.cluster();
        let name = sender_operator::model::address::claim_name("default", &opened.link.hash);
        let stored = cluster.claims.get(&name).cloned();
        let address = stored.as_ref().and_then(|stored| stored.claim.subject.address.clone());
        let claims: Vec<_> = cluster.claims.values().map(|stored| stored.claim.clone()).collect();
        let suffixes = address.map(|address| Suffixes::of(&address, &claims)).unwrap_or_default();
        let visitor = Visitor::new("192.0.2.1", "Browser");
        let decline_time = SignedDuration::from_hours(720);
        let a_click = Click { act, code: Some(&opened.code), visitor, decline_time, now };
        let claim = stored.as_ref().map(|stored| &stored.claim);
        match click(claim, &suffixes, &opened, &a_click) {
            Effect::Write(next, page) => {
                cluster.swap_claim(&name, &stored.unwrap(), &next).unwrap();
                drop(cluster);
                self.shared.changed.notify_waiters();
                page
            }
            Effect::Nothing(page) | Effect::WrongCode(page) => page,
        }
    }

    /// When the links of the last mail to an address end.
    pub fn expiry_of_last_mail(&self, address: &str) -> Timestamp {
        self.open(&self.mails_to(address).last().unwrap().link()).link.expiry
    }
}
