//! One identity at SES and the life cycle of its verification.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sender_operator::ses::{Diagnosis, Dkim, ENVIRONMENT_TAG, Identity, OWNER_TAG, SetUp, Status};

use super::scene::{SIGNING_ZONE, tokens};

/// How long SES looks for records.
const WINDOW: SignedDuration = SignedDuration::from_hours(72);

/// One state, and since when.
#[derive(Clone, Debug)]
pub struct Track {
    pub status: Status,
    since: Timestamp,
}

impl Track {
    fn new(status: Status, since: Timestamp) -> Self {
        Self { status, since }
    }

    /// A look at DNS; what it shows has not changed since the last one.
    fn look(&mut self, found: bool, now: Timestamp) {
        let end = self.since + WINDOW;
        let next = match self.status {
            Status::Pending | Status::TemporaryFailure if now >= end => Self::new(Status::Failed, end),
            Status::Pending | Status::TemporaryFailure if found => Self::new(Status::Success, now),
            Status::Success if !found => Self::new(Status::TemporaryFailure, now),
            _ => return,
        };
        *self = next;
        self.look(found, now);
    }
}

/// An identity as SES keeps it.
#[derive(Clone, Debug)]
pub struct Held {
    pub verification: Track,
    pub dkim: Track,
    pub signing: bool,
    pub easy: bool,
    pub tags: BTreeMap<String, String>,
    /// Nothing that DNS shows or a restart asks for changes its states.
    pub blind: bool,
    /// The search for DKIM does not begin by itself.
    pub idle: bool,
    /// What somebody set up on it.
    pub set_up: SetUp,
    /// SES tenants that it is associated with.
    pub associations: Vec<String>,
}

impl Held {
    pub fn new(tags: BTreeMap<String, String>, now: Timestamp) -> Self {
        let track = Track::new(Status::NotStarted, now);
        Self {
            verification: track.clone(),
            dkim: track,
            signing: true,
            easy: true,
            tags,
            blind: false,
            idle: false,
            set_up: SetUp::default(),
            associations: Vec::new(),
        }
    }

    pub fn owner(&self) -> Option<&String> {
        self.tags.get(OWNER_TAG)
    }

    pub fn environment(&self) -> Option<&String> {
        self.tags.get(ENVIRONMENT_TAG)
    }

    /// Its search for DKIM was never begun.
    pub fn stop_search(&mut self) {
        self.dkim.status = Status::NotStarted;
        self.idle = true;
    }

    pub(super) fn begin(&mut self) {
        for track in [&mut self.verification, &mut self.dkim] {
            if track.status == Status::NotStarted {
                track.status = Status::Pending;
            }
        }
    }

    pub(super) fn look(&mut self, found: bool, now: Timestamp) {
        if self.blind {
            return;
        }
        self.verification.look(found, now);
        if self.easy {
            self.dkim.look(found, now);
        }
    }

    /// Easy DKIM is put on, or a search that failed is begun again.
    pub(super) fn start_easy_dkim(&mut self, now: Timestamp) {
        if self.blind {
            return;
        }
        if !self.easy || self.idle || self.dkim.status == Status::Failed {
            self.dkim = Track::new(Status::Pending, now);
        }
        if self.verification.status == Status::Failed {
            self.verification = Track::new(Status::Pending, now);
        }
        (self.easy, self.idle) = (true, false);
    }

    pub(super) fn view(&self, domain: &str, found: bool) -> Identity {
        let sending = matches!(self.verification.status, Status::Success | Status::TemporaryFailure);
        let tokens = if self.easy { tokens(domain).to_vec() } else { vec!["selector".to_owned()] };
        let diagnosis = Diagnosis { error_type: (!found).then(|| "HOST_NOT_FOUND".to_owned()), ..Diagnosis::default() };
        Identity {
            sending,
            verification: self.verification.status.clone(),
            dkim: Dkim {
                signing_enabled: self.signing,
                status: self.dkim.status.clone(),
                tokens,
                zone: Some(SIGNING_ZONE.to_owned()),
                easy: self.easy,
            },
            tags: self.tags.clone(),
            diagnosis,
            set_up: self.set_up.clone(),
        }
    }
}
