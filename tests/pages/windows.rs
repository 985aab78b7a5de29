//! Windows that stay open from one story to the next: a browser takes a second or more to start.

use std::{
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use sender_operator_harness::eventually;
use serde_json::{Value, json};

use crate::chromedriver::Driver;

/// Without these, Chromium contacts its vendor at each start, or needs rights that a container lacks.
const SWITCHES: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--font-render-hinting=none",
    "about:blank",
];

/// Sessions of unused windows.
static FREE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// An open window, else a new one.
pub async fn take(driver: &Driver) -> Client {
    let free = FREE.lock().unwrap().pop();
    let client = match free {
        Some(session) => Client::with_existing_session(&driver.url, &session, HttpConnector::new()).await.unwrap(),
        None => open(driver).await,
    };
    // It outlives the client, which belongs to the runtime of one test.
    client.persist().await.unwrap();
    client
}

/// Leaves a window open for others.
pub async fn give_back(client: &Client) {
    let session = client.session_id().await.unwrap().unwrap();
    FREE.lock().unwrap().push(session);
}

async fn open(driver: &Driver) -> Client {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let profile = driver.profiles.join(COUNT.fetch_add(1, Ordering::Relaxed).to_string());
    let wanted = capabilities(&driver.browser, &profile);
    let Value::Object(wanted) = wanted else { unreachable!() };
    // The driver takes a moment to listen.
    eventually("a window of the browser", async || {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted.clone()).connect(&driver.url).await.map_err(|error| error.to_string())
    })
    .await
    .unwrap()
}

fn capabilities(browser: &Path, profile: &Path) -> Value {
    let profile = format!("--user-data-dir={}", profile.display());
    let arguments: Vec<&str> = SWITCHES.iter().copied().chain([profile.as_str()]).collect();
    json!({
        "goog:chromeOptions": { "binary": browser, "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    })
}
