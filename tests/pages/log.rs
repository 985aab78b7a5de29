//! The browser's log: messages of its console, and each request.

use serde_json::{Value, json};

use crate::browser::{Browser, Command};

/// Chromium logs the status of an error page as a failure to load it.
const ERROR_PAGE: &str = "Failed to load resource: the server responded with a status of ";

impl Browser {
    /// Fails if anything was blocked or failed, or if a request went anywhere but to the pages.
    pub async fn assert_clean(&self) {
        let console = self.log("browser").await;
        let complaints: Vec<&str> = console.iter().filter_map(|entry| entry["message"].as_str()).collect();
        let own = |text: &&str| !text.contains(ERROR_PAGE);
        let complaints: Vec<&str> = complaints.into_iter().filter(own).collect();
        assert!(complaints.is_empty(), "the browser's console is not empty: {complaints:#?}");
        let asked = self.requests().await;
        assert!(!asked.is_empty(), "no request was logged, so this proves nothing");
        let foreign: Vec<&String> = asked.iter().filter(|url| !self.is_own(url)).collect();
        assert!(foreign.is_empty(), "the browser sent requests elsewhere: {foreign:#?}");
    }

    /// Drops earlier entries, for example the browser's own first page.
    pub async fn forget(&self) {
        self.log("browser").await;
        self.requests().await;
    }

    /// The URL of each request since the last call.
    async fn requests(&self) -> Vec<String> {
        let notes = self.log("performance").await;
        let read = |entry: &Value| serde_json::from_str::<Value>(entry["message"].as_str()?).ok();
        let sent = |note: Value| {
            let message = &note["message"];
            let is_request = message["method"] == "Network.requestWillBeSent";
            is_request.then(|| message["params"]["request"]["url"].as_str().map(ToOwned::to_owned)).flatten()
        };
        notes.iter().filter_map(read).filter_map(sent).collect()
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let body = json!({ "type": kind });
        let entries = self.client.issue_cmd(Command { path: "se/log", body }).await.unwrap();
        entries.as_array().unwrap().clone()
    }
}
