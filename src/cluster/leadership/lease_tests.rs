//! Elections among processes over one in-memory lease, on paused time.

use std::sync::{Mutex, atomic::AtomicBool, atomic::Ordering};

use super::*;
use crate::cluster::leadership::Term;

const SECOND: Duration = Duration::from_secs(1);
const TIMES: Times = Times { duration: Duration::from_secs(15) };

/// A Lease object with an API server that may not answer.
#[derive(Default)]
struct Memory {
    record: Mutex<Option<LeaseRecord>>,
    silent: AtomicBool,
}

impl Memory {
    fn holder(&self) -> String {
        self.record.lock().unwrap().as_ref().map(|record| record.holder.clone()).unwrap_or_default()
    }
}

#[async_trait]
impl LeaseStore for Memory {
    async fn read(&self) -> Result<Option<LeaseRecord>, StoreError> {
        sleep(Duration::from_millis(5)).await;
        if self.silent.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        Ok(self.record.lock().unwrap().clone())
    }

    async fn write(&self, old: Option<&LeaseRecord>, holder: &str, duration: Duration) -> Result<(), StoreError> {
        sleep(Duration::from_millis(5)).await;
        let mut record = self.record.lock().unwrap();
        if record.as_ref() != old {
            return Err(StoreError::Conflict);
        }
        let count: u32 = record.as_ref().map_or(0, |record| record.version.parse().unwrap());
        *record = Some(LeaseRecord { holder: holder.to_owned(), duration, version: (count + 1).to_string() });
        Ok(())
    }
}

struct Replica {
    leadership: Leadership,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Replica {
    fn start(store: &Arc<Memory>, name: &str) -> Self {
        let (leadership, stop) = (Leadership::default(), CancellationToken::new());
        let election = Election::new(store.clone(), name, TIMES, leadership.clone(), || {});
        let token = stop.clone();
        let task = tokio::spawn(async move { election.run(&token).await });
        Self { leadership, stop, task }
    }

    /// Its term ends within a minute.
    async fn lost(&self, term: Term) {
        timeout(60 * SECOND, self.leadership.lost(term)).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn of_three_one_leads_and_goes_on_leading() {
    let store = Arc::new(Memory::default());
    let replicas = ["a", "b", "c"].map(|name| Replica::start(&store, name));
    sleep(SECOND).await;
    let first = store.holder();
    for _ in 0..3600 {
        sleep(SECOND).await;
        let leading = replicas.iter().filter(|replica| replica.leadership.is_leading()).count();
        assert_eq!((leading, store.holder()), (1, first.clone()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_leader_is_replaced_within_a_period_and_a_dead_one_after_the_lease() {
    for (graceful, least, most) in
        [(true, Duration::ZERO, TIMES.period() + SECOND / 10), (false, 13 * SECOND, 17 * SECOND)]
    {
        let store = Arc::new(Memory::default());
        let first = Replica::start(&store, "a");
        first.leadership.acquired().await;
        let second = Replica::start(&store, "b");
        sleep(60 * SECOND).await;
        let start = Instant::now();
        if graceful {
            first.stop.cancel();
        } else {
            first.task.abort();
        }
        second.leadership.acquired().await;
        assert!((least..=most).contains(&start.elapsed()), "{:?}", start.elapsed());
        assert!(!graceful || !first.leadership.is_leading());
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_cut_off_stops_leading_before_another_may_begin() {
    let store = Arc::new(Memory::default());
    let leader = Replica::start(&store, "a");
    let term = leader.leadership.acquired().await;
    sleep(60 * SECOND).await;
    store.silent.store(true, Ordering::Relaxed);
    let start = Instant::now();
    leader.lost(term).await;
    assert!(start.elapsed() < 15 * SECOND && !leader.leadership.is_leading(), "{:?}", start.elapsed());
    store.silent.store(false, Ordering::Relaxed);
    let again = leader.leadership.acquired().await;
    assert!(again != term && start.elapsed() < 20 * SECOND, "it leads again when the API server is back");
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_finds_the_lease_with_another_one_stands_by() {
    let store = Arc::new(Memory::default());
    let leader = Replica::start(&store, "a");
    let term = leader.leadership.acquired().await;
    *store.record.lock().unwrap() =
        Some(LeaseRecord { holder: "b".to_owned(), duration: TIMES.duration, version: "70".to_owned() });
    let lost = timeout(2 * TIMES.period(), leader.leadership.lost(term)).await;
    assert!(lost.is_ok() && !leader.leadership.is_leading());
}

#[tokio::test(start_paused = true)]
async fn one_stalled_request_costs_no_leadership() {
    let store = Arc::new(Memory::default());
    let leader = Replica::start(&store, "a");
    let term = leader.leadership.acquired().await;
    for _ in 0..20 {
        sleep(30 * SECOND).await;
        store.silent.store(true, Ordering::Relaxed);
        sleep(3 * SECOND).await;
        store.silent.store(false, Ordering::Relaxed);
    }
    let over = timeout(SECOND, leader.leadership.lost(term)).await;
    assert!(over.is_err(), "its term went on");
}

#[tokio::test(start_paused = true)]
async fn who_takes_the_lease_again_after_another_had_it_begins_a_new_term() {
    let store = Arc::new(Memory::default());
    let leader = Replica::start(&store, "a");
    let term = leader.leadership.acquired().await;
    // The view of a replica that was frozen while another one took and freed the lease.
    *store.record.lock().unwrap() =
        Some(LeaseRecord { holder: String::new(), duration: TIMES.duration, version: "70".to_owned() });
    leader.lost(term).await;
    assert_ne!(leader.leadership.acquired().await, term);
}
