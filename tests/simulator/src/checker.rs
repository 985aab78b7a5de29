//! The part of SES that looks at DNS and lets time work on identities.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tokio::time::MissedTickBehavior;

use crate::clock::plus;
use crate::dns::{Lookups, Trail, Wanted};
use crate::state::{Account, Identity, Observation};
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

/// A look that was made. If it was conclusive, then as long as neither the wish nor the zones it asked about
/// changed another look would show the same, and is not made.
struct Look {
    zone_version: u32,
    trail: Trail,
    wanted: Wanted,
    seen: Observation,
}

/// Makes the passes, one at a time.
pub(crate) struct Checker {
    world: Arc<World>,
    lookups: Lookups,
    looks: Mutex<HashMap<String, Look>>,
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
            let look = looks.get(&identity.name).filter(|look| wanted(identity).as_ref() == Some(&look.wanted));
            identity.pass(look.map(|look| &look.seen), before.min(after), after);
        }
    }

    /// Brings the looks up to date.
    async fn look(&self, looks: &mut HashMap<String, Look>) {
        let zone_version = self.world.zone().version();
        let wishes = wishes(&self.world.state().account);
        looks.retain(|name, _| wishes.contains_key(name));
        let outdated: Vec<_> = {
            let zone = self.world.zone();
            let current =
                |look: &Look| !look.trail.inconclusive && !zone.changed_since(look.zone_version, &look.trail.asked);
            let outdated = |(name, wanted): &(String, Wanted)| {
                !looks.get(name).is_some_and(|look| look.wanted == *wanted && current(look))
            };
            wishes.into_iter().filter(outdated).collect()
        };
        let mut made = futures::stream::iter(outdated)
            .map(|(name, wanted)| async move {
                let (seen, trail) = self.lookups.look(&wanted).await;
                (name, Look { zone_version, trail, wanted, seen })
            })
            .buffer_unordered(PARALLEL);
        while let Some((name, look)) = made.next().await {
            looks.insert(name, look);
        }
    }
}

fn wishes(account: &Account) -> HashMap<String, Wanted> {
    let watched = account.identities.values().filter(|identity| identity.watched());
    watched.filter_map(|identity| Some((identity.name.clone(), wanted(identity)?))).collect()
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
