//! Waiting for a condition with a deadline: the only place that sleeps.

use std::{cell::RefCell, time::Duration};

use anyhow::bail;
use tokio::time::{sleep, timeout};

/// Time between two looks. Polling costs an API call or a DNS look-up each time, and what is awaited takes tens of
/// milliseconds at least.
const INTERVAL: Duration = Duration::from_millis(50);

/// Looks again and again until `look` gives a value. `look` says what it saw instead as its error. After the deadline
/// the error tells what was awaited and what was seen last, also where a look itself hangs.
pub async fn eventually<T>(
    what: &str,
    deadline: Duration,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> anyhow::Result<T> {
    let last = RefCell::new("nothing: the first look did not end".to_owned());
    let looking = async {
        loop {
            match look().await {
                Ok(value) => return value,
                Err(seen) => *last.borrow_mut() = seen,
            }
            // Every port here is watched by polling; there is nothing to be woken by.
            sleep(INTERVAL).await;
        }
    };
    let outcome = timeout(deadline, looking).await;
    match outcome {
        Ok(value) => Ok(value),
        Err(_) => bail!("not seen within {deadline:?}: {what}; seen last: {}", last.take()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn gives_the_first_value() {
        let mut looks = 0;
        let value = eventually("three", Duration::from_secs(10), async || {
            looks += 1;
            if looks == 3 { Ok(looks) } else { Err(format!("{looks}")) }
        });
        assert_eq!(value.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn says_what_was_awaited_and_what_was_seen_last() {
        let error = eventually("a miracle", Duration::from_millis(1), async || Err::<(), _>("rain".to_owned())).await;
        let text = error.unwrap_err().to_string();
        assert!(text.contains("a miracle") && text.ends_with("seen last: rain"), "{text}");
    }

    #[tokio::test]
    async fn a_look_that_hangs_ends_at_the_deadline() {
        let looking = eventually("an answer", Duration::from_millis(1), async || {
            std::future::pending::<()>().await;
            Ok::<(), String>(())
        });
        assert!(looking.await.unwrap_err().to_string().contains("the first look did not end"));
    }
}
