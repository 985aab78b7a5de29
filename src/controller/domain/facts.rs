//! What a pass knows: everything [`super::decide`] and [`super::status`] look at, and nothing they could change.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;

use crate::{
    api::{SenderDomain, conditions::is_true},
    clock::after,
    cluster::store::StoreError,
    controller::address::facts::Post,
    model::{
        backoff::spread_of,
        challenge::ChallengeKeys,
        claim::{Account, State, StoredClaim},
        creations::{Creations, room_at},
        name::Domain,
        ownership::{Asker, Question, Related},
        policy::Policy,
        records::{Judgement, LookUp, RecordState, Wanted, default_zone, dkim_records, judge},
        tenant::Tenant,
    },
    ses::{CLAIM_TAG, Caller, ENVIRONMENT_TAG, Identity, OWNER_TAG, SesError, Status},
};

/// Who this installation is and how it is set: the same for every pass.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The release (environment).
    pub environment: String,
    /// Owner id of the tags.
    pub owner_id: String,
    /// Account, region and partition of the credentials.
    pub caller: Caller,
    /// How long a released identity stays at SES.
    pub release_delay: Duration,
    /// How long a free claim is kept.
    pub claim_retention: Duration,
    /// How often a domain that is not Ready is looked at.
    pub poll_interval: Duration,
    /// How often DNS is asked about a domain that is Ready.
    pub recheck_interval: Duration,
    /// How often all identities are listed.
    pub sweep_interval: Duration,
    /// How often each identity is read in full.
    pub refresh_interval: Duration,
    /// How many identities are created for one tenant within an hour.
    pub creations_per_tenant: u32,
    /// How rights to domains are proven.
    pub policy: Policy,
    /// The keys of challenges.
    pub keys: ChallengeKeys,
    /// How the owners of mailboxes are asked; `None`: they can't be.
    pub post: Option<Arc<Post>>,
    /// Administrators may approve an address in place of its owner.
    pub approval: bool,
    /// How long one call to AWS may take.
    pub ses_timeout: Duration,
    /// Plans are shown and nothing is written.
    pub dry_run: bool,
}

impl Installation {
    /// What a new claim records of the account.
    pub fn account(&self) -> Account {
        Account { id: self.caller.account.clone(), region: self.caller.region.clone(), owner_id: self.owner_id.clone() }
    }

    /// The tags of a new identity.
    pub fn tags(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            (OWNER_TAG.to_owned(), self.owner_id.clone()),
            (ENVIRONMENT_TAG.to_owned(), self.environment.clone()),
        ])
    }
}

/// An object that asks, with what ownership needs of it.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// For ownership.
    pub asker: Asker,
    /// The object itself.
    pub object: SenderDomain,
}

/// What was last seen of the identity at SES.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Sight {
    /// Not since this process started.
    #[default]
    Unseen,
    /// Not since the last write, or a list shows something that was not seen.
    Unsure,
    /// SES said NotFound.
    Absent(Timestamp),
    /// SES described it.
    Present(Timestamp, Box<Identity>),
}

impl Sight {
    /// Whether it is to be looked at again at once.
    pub fn is_doubted(&self) -> bool {
        match self {
            Self::Unseen => false,
            Self::Unsure => true,
            Self::Absent(seen) | Self::Present(seen, _) => *seen == Timestamp::MIN,
        }
    }

    /// The same, to be looked at again at once: what a write that failed leaves, or a list that differs. Statuses go on
    /// saying what was seen.
    #[must_use]
    pub fn doubted(self) -> Self {
        match self {
            Self::Unseen | Self::Unsure => Self::Unsure,
            Self::Absent(_) => Self::Absent(Timestamp::MIN),
            Self::Present(_, identity) => Self::Present(Timestamp::MIN, identity),
        }
    }
}

/// What is kept of a subject between passes. Losing it costs look-ups, never correctness.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The identity.
    pub identity: Sight,
    /// DNS answers by record name, and when they were asked for.
    pub looked_up: Option<(Timestamp, BTreeMap<String, LookUp>)>,
    /// The last look-up of the challenge record.
    pub challenge: Option<(Timestamp, LookUp)>,
    /// Since when look-ups have found every record.
    pub found_since: Option<Timestamp>,
    /// Restarts of a FAILED verification: how many, and when the last one (or the first sight of the failure) was.
    pub restarts: (u32, Option<Timestamp>),
    /// Place among the tenant's domains that wait for SES, from the first time it wanted a turn until it had one.
    pub place: Option<u64>,
    /// The release waits for an administrator.
    pub held_back: bool,
    /// Failed passes in a row.
    pub failures: u32,
    /// What SES failed with last, until a pass gets through.
    pub ses_error: Option<SesError>,
}

/// What kept a pass from doing what it wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The background lane had no turn; nothing is wrong.
    Deferred(Duration),
    /// Others of this tenant go first; nothing is wrong.
    NoSeat(Arc<str>),
    /// This replica does not lead: another one goes on.
    NotLeading,
    /// SES or STS failed.
    Ses(SesError),
    /// The API server failed.
    Store(StoreError),
}

/// Everything known about one domain in one pass.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The domain.
    pub domain: Domain,
    /// Its claim.
    pub claim: Option<StoredClaim>,
    /// Who asks, oldest first.
    pub candidates: Vec<Candidate>,
    /// Other environments' claims that an object of these holds: uids of the objects.
    pub elsewhere: BTreeSet<String>,
    /// Tenants for whom one more identity may exist before anything is proven.
    pub roomy: BTreeSet<Tenant>,
    /// The index shows a claim above that another tenant than the sponsor holds.
    pub below_another: bool,
    /// A random id for a new tenure.
    pub new_holding: String,
    /// Whether the challenge record was looked up in this pass.
    pub challenge_live: bool,
    /// Names of the SES tenants that the identity is associated with, if that was looked up after the last write to SES.
    pub associations: Option<Vec<String>>,
    /// Identities of addresses under the domain, if that was looked up.
    pub addresses: Option<Vec<String>>,
    /// SES refused to delete the identity because it is associated with SES tenants.
    pub delete_refused: bool,
    /// Whether `candidates` come from a live list of this pass.
    pub candidates_live: bool,
    /// Claims above and below, listed after the last write to the claim.
    pub related: Option<Vec<Related>>,
    /// The holder's namespace exists under another uid.
    pub namespace_remade: bool,
    /// Claims of the environment that let go within the same hour as this one.
    pub releasing_together: usize,
    /// Held claims of the environment.
    pub held: usize,
    /// What was created lately for the tenant, if one more creation may be due.
    pub creations: Vec<Creations>,
    /// Whether the identity was read in this very pass.
    pub identity_live: bool,
    /// Whether something was written to SES in this pass.
    pub written_to_ses: bool,
    /// What is kept between passes.
    pub memory: Memory,
    /// What went wrong in this pass.
    pub trouble: Option<Trouble>,
    /// What would have been done (dry run).
    pub plan: Option<String>,
}

impl Observed {
    /// The question of ownership, put to `related`.
    pub fn ownership<'a>(
        &'a self,
        me: &'a Installation,
        account: &'a Account,
        askers: &'a [Asker],
        now: Timestamp,
    ) -> Question<'a> {
        Question {
            environment: &me.environment,
            domain: &self.domain,
            account,
            claim: self.claim.as_ref(),
            askers,
            related: self.related.as_deref(),
            required: me.policy.required(&self.domain),
            grace: me.policy.grace,
            provisional_time: me.policy.provisional_time,
            guarded: me.policy.is_own(&self.domain),
            below_another: self.below_another,
            askers_live: self.candidates_live,
            challenge_live: self.challenge_live,
            new_holding: &self.new_holding,
            now,
        }
    }

    /// The tenant on whose behalf calls are made.
    pub fn tenant(&self) -> Option<&Tenant> {
        let claim = &self.claim.as_ref()?.claim;
        claim.tenant.as_ref().or(claim.sponsor.as_ref())
    }

    /// Whether SES had verified the domain and all records were seen, and nothing has shown otherwise since.
    pub fn was_verified(&self) -> bool {
        self.claim.as_ref().is_some_and(|stored| stored.claim.identity.verified_time.is_some())
    }

    /// Whether a person waits for what SES will be asked: a wish that no status answers yet, or the first creation.
    pub fn somebody_waits(&self) -> bool {
        let creating = self.claim.as_ref().is_some_and(|stored| {
            matches!(stored.claim.state, State::Provisional | State::Held)
                && stored.claim.identity.created_time.is_none()
        });
        creating || self.memory.place.is_some() || self.has_unseen_wish()
    }

    /// Whether an object's newest generation has no status yet.
    pub fn has_unseen_wish(&self) -> bool {
        self.candidates.iter().any(|candidate| {
            let observed = candidate.object.status.as_ref().map(|status| status.observed_generation);
            observed != candidate.object.metadata.generation
        })
    }

    /// Whether an object's status still says that it is Ready although it no longer holds the domain: a turn at SES may be
    /// minutes away, and rights end at once.
    pub fn somebody_lost(&self) -> bool {
        let held = self.claim.as_ref().map(|stored| &stored.claim).filter(|claim| claim.state == State::Held);
        let holder = held.and_then(|claim| claim.holder.as_ref()).map(|holder| &holder.uid);
        let mut others = self.candidates.iter().filter(|candidate| Some(&candidate.asker.object.uid) != holder);
        others.any(|other| other.object.status.as_ref().is_some_and(|status| is_true(&status.conditions, "Ready")))
    }

    /// The candidate that holds the claim.
    pub fn holder(&self) -> Option<&Candidate> {
        let holder = self.claim.as_ref()?.claim.holder.as_ref()?;
        self.candidates.iter().find(|candidate| candidate.asker.object.uid == holder.uid)
    }

    /// The identity as last seen.
    pub fn identity(&self) -> Option<&Identity> {
        match &self.memory.identity {
            Sight::Present(_, identity) => Some(identity),
            Sight::Unseen | Sight::Unsure | Sight::Absent(_) => None,
        }
    }

    /// Whether the identity as last seen carries the tags of this installation, or of the one that made the claim.
    pub fn is_ours(&self, me: &Installation, identity: &Identity) -> bool {
        let owner = identity.tags.get(OWNER_TAG);
        let claims = self.claim.as_ref().map(|stored| &stored.claim.account.owner_id);
        owner.is_some()
            && (owner == Some(&me.owner_id) || owner == claims)
            && identity.tags.get(ENVIRONMENT_TAG) == Some(&me.environment)
    }

    /// Whether the identity as last seen was created for this very claim. One of ours that was not is what a lost claim
    /// has left: only who has proven the domain takes it in.
    pub fn is_made_for_claim(&self, identity: &Identity) -> bool {
        let uid = self.claim.as_ref().map(|stored| &stored.uid);
        uid.is_some() && identity.tags.get(CLAIM_TAG) == uid
    }

    /// The records to publish; empty as long as SES has issued no tokens.
    pub fn records(&self, me: &Installation) -> Vec<Wanted> {
        let Some(dkim) = self.identity().map(|identity| &identity.dkim).filter(|dkim| dkim.easy) else {
            return Vec::new();
        };
        let zone = dkim.zone.clone().unwrap_or_else(|| default_zone(&me.caller.region));
        dkim_records(&self.domain, &dkim.tokens, &zone)
    }

    /// The records with what DNS says of them.
    pub fn judged(&self, me: &Installation) -> Vec<(Wanted, Judgement)> {
        let answers = self.memory.looked_up.as_ref().map(|(_, answers)| answers);
        let judge_one = |wanted: Wanted| {
            let judgement = judge(&wanted, &self.domain, answers.and_then(|answers| answers.get(&wanted.name)));
            (wanted, judgement)
        };
        self.records(me).into_iter().map(judge_one).collect()
    }

    /// Whether every record was found by the last look-up.
    pub fn all_found(&self, me: &Installation) -> bool {
        let judged = self.judged(me);
        !judged.is_empty() && judged.iter().all(|(_, judgement)| judgement.state == RecordState::Found)
    }

    /// Whether the domain is as it should be, so that slow looks are enough.
    pub fn settled(&self, me: &Installation) -> bool {
        let good = self.identity().is_some_and(|identity| {
            identity.sends() && identity.dkim.signing_enabled && identity.dkim.status == Status::Success
        });
        self.was_verified() && good && self.all_found(me)
    }

    /// When the identity should be read again. In between the sweep watches over it.
    pub fn identity_due(&self, me: &Installation) -> Timestamp {
        match &self.memory.identity {
            Sight::Unseen | Sight::Unsure => Timestamp::MIN,
            // What a list does not show has to be asked for.
            Sight::Present(seen, identity) if self.lacks_dkim_alone(me, identity) => {
                after(*seen, self.patience(me, *seen))
            }
            Sight::Absent(seen) | Sight::Present(seen, _) => after(*seen, self.spread(me.refresh_interval)),
        }
    }

    /// In how long the next sweep should tell whether SES has found the records: soon where all are published, because SES
    /// finds nothing that DNS does not show. A search that was given up does not go on by itself.
    pub fn awaits_ses(&self, me: &Installation, now: Timestamp) -> Option<Duration> {
        let identity = self.identity().filter(|identity| self.is_ours(me, identity))?;
        let searching = !matches!(identity.verification, Status::Success | Status::Failed);
        (searching && self.all_found(me)).then(|| self.patience(me, now).min(me.sweep_interval))
    }

    /// SES has verified the domain but has yet to find its DKIM records, although all are published.
    fn lacks_dkim_alone(&self, me: &Installation, identity: &Identity) -> bool {
        let lacking = !matches!(identity.dkim.status, Status::Success | Status::Failed);
        lacking && identity.verification == Status::Success && self.all_found(me)
    }

    /// How long SES is left alone with a domain whose records were all published at `at`: little at first, then more and
    /// more. SES mostly needs minutes; if it needs days, a few such domains must not use up the calls of all others.
    fn patience(&self, me: &Installation, at: Timestamp) -> Duration {
        let waiting = self.memory.found_since.map(|since| at.duration_since(since)).unwrap_or_default();
        let quarter = Duration::try_from(waiting).unwrap_or_default() / 4;
        quarter.max(me.poll_interval).min(self.spread(me.refresh_interval).max(me.poll_interval))
    }

    /// When the tenant may have one more identity created; `None`: now.
    pub fn room_for_creation(&self, me: &Installation, now: Timestamp) -> Option<Timestamp> {
        room_at(me.creations_per_tenant, &self.creations, now)
    }

    /// When DNS should be asked again about the records.
    pub fn records_due(&self, me: &Installation) -> Timestamp {
        let Some((asked, answers)) = &self.memory.looked_up else { return Timestamp::MIN };
        if self.records(me).iter().any(|wanted| !answers.contains_key(&wanted.name)) {
            return Timestamp::MIN;
        }
        let provisional = self.claim.as_ref().is_some_and(|stored| stored.claim.state == State::Provisional);
        let interval = match () {
            () if provisional => self.unproven_interval(me, *asked),
            () if self.settled(me) => self.spread(me.recheck_interval),
            () => me.poll_interval,
        };
        after(*asked, interval)
    }

    /// An interval between 90 and 100 %, always the same for this domain, so that domains don't march in step.
    pub(super) fn spread(&self, interval: Duration) -> Duration {
        interval.mul_f64(0.9 + 0.1 * spread_of(self.domain.as_str(), 0))
    }
}
