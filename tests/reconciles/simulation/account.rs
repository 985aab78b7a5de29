//! Amazon SES: the simulator's model, with the failures of a scenario and a log of the calls.

use std::{collections::BTreeMap, time::Duration};

use jiff::{SignedDuration, Timestamp};
use sender_operator::ses::{Identity, ListPage, SesError};
use ses_simulator::core::{self, Rules, api};

use super::{
    failures::Failures,
    identity::{self, Held},
    mails::Mailed,
    people::{BEGINNING, caller, tokens},
    zone::Zone,
};

/// Identities on a page of a list, as in the operator's own adapter.
pub const PAGE: i64 = 1000;

macro_rules! ses_calls {
    ($($name:ident)*) => {
        /// Operations of SES.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SesCall { $($name),* }

        impl SesCall {
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}
ses_calls! {
    List Create Get Delete StartEasyDkim EnableSigning Tag Untag ListAssociations Disassociate ListAddresses DeletePolicy
    ClearMailFrom ClearConfigurationSet Send AccountStatus
}

impl SesCall {
    pub fn is_write(self) -> bool {
        !matches!(self, Self::Get | Self::List | Self::ListAssociations | Self::ListAddresses | Self::AccountStatus)
    }
}

/// A call that reached SES.
#[derive(Clone, Debug)]
pub struct Call {
    pub at: Duration,
    pub operation: SesCall,
    pub domain: String,
    pub error: Option<SesError>,
}

/// One account in one region.
#[derive(Debug)]
pub struct Account {
    pub ses: core::Ses,
    pub journal: Vec<Call>,
    /// Creations and deletions by the operators, in order, also those with a lost answer.
    pub created: Vec<String>,
    pub deleted: Vec<String>,
    pub failures: Failures<SesCall, SesError>,
    /// Mails that reached their mailboxes.
    pub mails: Vec<Mailed>,
    /// Lists contain only this many identities, and look complete.
    pub list_shows: Option<usize>,
    /// Reads show a write only after this time.
    pub lag: SignedDuration,
    /// The state before each write, and until when reads show that state.
    stale: Vec<(Timestamp, String, Option<Identity>)>,
    /// SES's state of a domain's DKIM until Easy DKIM is started, whatever the model has.
    pub words: BTreeMap<String, String>,
    /// The time up to which the identities have been advanced.
    passed: Timestamp,
}

impl Default for Account {
    fn default() -> Self {
        let (account, region) = (caller().account, caller().region);
        // A separate invariant checks the budget: see `PACE`.
        let rules = Rules {
            account,
            region,
            rate: None,
            throttle_sending: false,
            tokens: |_, _, domain| tokens(domain),
            ..Rules::default()
        };
        Self {
            ses: core::Ses::new(&rules),
            journal: Vec::new(),
            created: Vec::new(),
            deleted: Vec::new(),
            failures: Failures::default(),
            mails: Vec::new(),
            list_shows: None,
            lag: SignedDuration::ZERO,
            stale: Vec::new(),
            words: BTreeMap::new(),
            passed: Timestamp::from_second(BEGINNING).unwrap(),
        }
    }
}

impl Account {
    /// SES checks DNS for every identity that was read: the first read never shows the result of a check.
    pub fn look(&mut self, zone: &Zone, now: Timestamp) {
        self.ses.advance_begun(&zone.records, self.passed.min(now), now);
        self.passed = now;
    }

    /// An identity as the console shows it.
    pub fn held(&self, domain: &str) -> Option<Held> {
        self.ses.identity(domain).map(Held::from)
    }

    /// All domains, by name.
    pub fn domains(&self) -> impl Iterator<Item = (String, Held)> {
        self.ses.identities().filter(|view| !view.name.contains('@')).map(|view| (view.name.clone(), view.into()))
    }

    fn get(&mut self, domain: &str, now: Timestamp) -> Result<Option<Identity>, SesError> {
        let got = self.ses.call(api::GetEmailIdentity { email_identity: domain.to_owned() }, now);
        match got.map_err(|error| identity::error(&error)) {
            Ok(answer) => Ok(Some(identity::identity(answer, self.words.get(domain)))),
            Err(SesError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub fn remember(&mut self, domain: &str, now: Timestamp) {
        self.stale.retain(|(until, ..)| *until > now);
        if self.lag.is_positive() {
            let before = self.get(domain, now).unwrap();
            self.stale.push((now + self.lag, domain.to_owned(), before));
        }
    }

    pub fn read(&mut self, domain: &str, now: Timestamp) -> Result<Option<Identity>, SesError> {
        let shown = self.stale.iter().find(|(until, about, _)| *until > now && about == domain);
        let shown = shown.map(|(.., before)| before.clone());
        shown.map_or_else(|| self.get(domain, now), Ok)
    }

    pub fn page(&mut self, next_token: Option<String>, now: Timestamp) -> Result<ListPage, SesError> {
        let request = api::ListEmailIdentities { page_size: Some(PAGE), next_token, ..Default::default() };
        let answer = self.ses.call(request, now).map_err(|error| identity::error(&error))?;
        let mut page = identity::page(answer);
        if let Some(shown) = self.list_shows {
            page.identities = page.identities.into_iter().take(shown).collect();
            page.next = None;
        }
        Ok(page)
    }
}
