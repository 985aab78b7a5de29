//! Bounds on concurrent DNS lookups: in all, per tenant and per zone. A lookup that waits here holds no worker permit.
//!
//! A name server that does not answer costs seconds per lookup. With these bounds it delays only the tenant that uses
//! it: no tenant has more than its share of the lookups, and waiting lookups are served in order.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Concurrent lookups in all.
const IN_ALL: usize = 64;
/// Concurrent lookups for one tenant.
const PER_TENANT: usize = 8;
/// Concurrent lookups in one registrable domain, as an approximation of its name servers.
const PER_ZONE: usize = 4;

/// The limits of all lookups.
pub struct Lookups {
    tenants: Keyed<Arc<str>>,
    zones: Keyed<String>,
    all: Arc<Semaphore>,
}

/// Permission for one lookup, until dropped.
pub struct Room {
    _tenant: Option<OwnedSemaphorePermit>,
    _zone: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

impl Default for Lookups {
    fn default() -> Self {
        Self { tenants: Keyed::new(PER_TENANT), zones: Keyed::new(PER_ZONE), all: Arc::new(Semaphore::new(IN_ALL)) }
    }
}

impl Lookups {
    /// Waits for permission. The tenant's own limit comes first, so no tenant has many lookups in the common queue.
    pub async fn room(&self, tenant: &Arc<str>, zone: &str) -> Room {
        let tenant = self.tenants.get(tenant.clone()).acquire_owned().await.ok();
        let zone = self.zones.get(zone.to_owned()).acquire_owned().await.ok();
        // No semaphore is ever closed.
        Room { _tenant: tenant, _zone: zone, _all: self.all.clone().acquire_owned().await.ok() }
    }
}

/// One semaphore per key that is in use.
struct Keyed<K> {
    each: usize,
    semaphores: Mutex<HashMap<K, Arc<Semaphore>>>,
}

impl<K: Eq + Hash> Keyed<K> {
    fn new(each: usize) -> Self {
        Self { each, semaphores: Mutex::default() }
    }

    fn get(&self, key: K) -> Arc<Semaphore> {
        // Nothing panics while it is held.
        let mut semaphores = self.semaphores.lock().unwrap_or_else(PoisonError::into_inner);
        if !semaphores.contains_key(&key) {
            // A semaphore that only this map holds is idle.
            semaphores.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        semaphores.entry(key).or_insert_with(|| Arc::new(Semaphore::new(self.each))).clone()
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::Pin};

    use futures::{FutureExt, poll};

    use super::*;

    fn tenant(name: &str) -> Arc<str> {
        Arc::from(name)
    }

    type Waiting<'a> = Pin<Box<dyn Future<Output = Room> + Send + 'a>>;

    /// Rooms for these lookups, as far as there are any at once, and those that wait.
    async fn at_once<'a>(lookups: &'a Lookups, wanted: &'a [(Arc<str>, String)]) -> (Vec<Room>, Vec<Waiting<'a>>) {
        let (mut rooms, mut waiting) = (Vec::new(), Vec::new());
        for (tenant, zone) in wanted {
            // Without tokio's budget, which makes a task pause after some number of operations.
            let mut room = tokio::task::unconstrained(lookups.room(tenant, zone)).boxed();
            match poll!(&mut room) {
                std::task::Poll::Ready(room) => rooms.push(room),
                std::task::Poll::Pending => waiting.push(room),
            }
        }
        (rooms, waiting)
    }

    #[tokio::test]
    async fn lookups_are_bounded_in_all_per_tenant_and_per_zone() {
        let many = |count, tenant: &dyn Fn(usize) -> String, zone: &dyn Fn(usize) -> String| -> Vec<_> {
            (0..count).map(|n| (Arc::from(tenant(n)), zone(n))).collect()
        };
        let (name, one) = (|n: usize| format!("{n}"), |_: usize| "one".to_owned());
        for (case, wanted, expected) in [
            ("in all", many(100, &name, &name), IN_ALL),
            ("one tenant", many(100, &one, &name), PER_TENANT),
            ("one zone", many(100, &name, &one), PER_ZONE),
        ] {
            assert_eq!(at_once(&Lookups::default(), &wanted).await.0.len(), expected, "{case}");
        }
    }

    #[tokio::test]
    async fn a_tenant_whose_lookups_all_hang_leaves_room_for_another_at_once() {
        let lookups = Lookups::default();
        let silent: Vec<_> = (0..2_000).map(|n| (tenant("noisy"), format!("d{n}.example"))).collect();
        let (_rooms, _waiting) = at_once(&lookups, &silent).await;
        assert!(lookups.room(&tenant("quiet"), "quiet.example").now_or_never().is_some());
    }

    #[tokio::test]
    async fn whoever_waits_for_room_gets_it_in_order_and_idle_keys_are_forgotten() {
        let lookups = Lookups::default();
        let wanted: Vec<_> = (0..PER_TENANT + 2).map(|n| (tenant("a"), n.to_string())).collect();
        let (mut rooms, mut waiting) = at_once(&lookups, &wanted).await;
        drop(rooms.pop());
        let mut second = waiting.pop().unwrap();
        let mut first = waiting.pop().unwrap();
        assert!(poll!(&mut second).is_pending() && poll!(&mut first).is_ready());
        drop((rooms, first, second));
        for n in 0..10 * IN_ALL {
            drop(lookups.room(&tenant(&n.to_string()), "zone").await);
        }
        assert!(lookups.tenants.semaphores.lock().unwrap().len() <= 2 * IN_ALL + 1);
    }
}
