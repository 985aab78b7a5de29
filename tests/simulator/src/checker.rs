//! The part of SES that looks at DNS and lets time work on identities.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio::time::MissedTickBehavior;

use crate::clock::plus;
use crate::dns::{Lookups, Trail, Wanted};
use crate::state::{Account, Identity, MailFrom, Observation};
use crate::world::World;

/// Identities looked up at the same time; many, because a silent server makes each look last its whole deadline.
const PARALLEL: usize = 256;

/// Where the clock is to stand after a pass.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Jump {
    /// It just runs on.
    None,
    /// So much later.
    By(SignedDuration),
    /// At this time, which may be earlier; then no time passes for identities.
    To(Timestamp),
}

/// A look that was made. If it was conclusive, then as long as the zones it asked about did not change another look
/// would show the same, and is not made.
struct Look {
    zone_version: u32,
    trail: Trail,
    seen: Observation,
}

/// Makes the passes, one at a time.
pub(crate) struct Checker {
    world: Arc<World>,
    lookups: Lookups,
    looks: Mutex<HashMap<Wanted, Look>>,
}

impl Checker {
    /// A checker that has seen nothing.
    pub(crate) fn new(world: Arc<World>, lookups: Lookups) -> Self {
        Self { world, lookups, looks: Mutex::default() }
    }

    /// Passes at this interval of real time until the simulator stops.
    pub(crate) async fn run(self: Arc<Self>, interval: Duration) {
        let mut ticks = tokio::time::interval(interval.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stop = self.world.stop.clone();
        let passes = async {
            loop {
                ticks.tick().await;
                self.pass(Jump::None).await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = passes => {}
        }
    }

    /// Looks at DNS for every identity that SES still watches, moves the clock, and lets the time pass for all
    /// identities with what was seen.
    pub(crate) async fn pass(&self, jump: Jump) {
        let mut looks = self.looks.lock().await;
        self.look(&mut looks).await;

        let mut state = self.world.state();
        let before = state.clock.now();
        let after = match jump {
            Jump::None => before,
            Jump::By(span) => plus(before, span),
            Jump::To(time) => time,
        };
        state.clock.set(after);
        for identity in state.account.identities.values_mut() {
            let seen = |wanted: Option<Wanted>| Some(&looks.get(&wanted?)?.seen);
            identity.pass(seen(wanted(identity)), before.min(after), after);
            if let Some(mail_from) = &mut identity.mail_from {
                let found = seen(Some(mx(mail_from))).map(|observation| observation.finding.is_ok());
                mail_from.pass(found, before.min(after), after);
            }
        }
    }

    /// Brings the looks up to date.
    async fn look(&self, looks: &mut HashMap<Wanted, Look>) {
        let zone_version = self.world.zone().version();
        let wishes = wishes(&self.world.state().account);
        looks.retain(|wanted, _| wishes.contains(wanted));
        let outdated: Vec<_> = {
            let zone = self.world.zone();
            let current =
                |look: &Look| !look.trail.inconclusive && !zone.changed_since(look.zone_version, &look.trail.asked);
            wishes.into_iter().filter(|wanted| !looks.get(wanted).is_some_and(current)).collect()
        };
        let mut made = futures::stream::iter(outdated)
            .map(|wanted| async move {
                let (seen, trail) = self.lookups.look(&wanted).await;
                (wanted, Look { zone_version, trail, seen })
            })
            .buffer_unordered(PARALLEL);
        while let Some((wanted, look)) = made.next().await {
            looks.insert(wanted, look);
        }
    }
}

fn wishes(account: &Account) -> HashSet<Wanted> {
    let identities = || account.identities.values();
    let verification = identities().filter(|identity| identity.watched()).filter_map(wanted);
    let mail_from = identities().filter_map(|identity| identity.mail_from.as_ref());
    verification.chain(mail_from.filter(|mail_from| mail_from.watched()).map(mx)).collect()
}

/// What SES looks for in DNS for a MAIL FROM domain.
fn mx(mail_from: &MailFrom) -> Wanted {
    Wanted::Mx { domain: mail_from.domain.to_ascii_lowercase() }
}

/// What SES looks for in DNS for an identity.
fn wanted(identity: &Identity) -> Option<Wanted> {
    let dkim = identity.dkim.as_ref()?;
    let domain = identity.name.clone();
    Some(if dkim.external() {
        Wanted::Key { domain, selector: dkim.tokens.first()?.clone() }
    } else {
        Wanted::Cnames { domain, tokens: dkim.tokens.clone(), zone: dkim.zone.clone() }
    })
}
