//! A window of a real browser: a person's actions and what the window shows.

use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    path::Path,
};

use axum::http::Method;
use data_encoding::BASE64;
use fantoccini::{
    Client, Locator,
    actions::{InputSource, KeyAction, KeyActions},
    wd::WebDriverCompatibleCommand,
};
use futures::FutureExt;
use sender_operator_harness::eventually;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::{chromedriver::driver, looks::Looks, site::Pages, windows};

#[derive(Debug)]
pub struct Browser {
    pub(crate) client: Client,
    /// Base URL of the pages.
    origin: String,
}

/// A nonstandard command of `ChromeDriver`.
#[derive(Debug)]
pub struct Command {
    /// Path after the session.
    pub path: &'static str,
    /// Its parameters.
    pub body: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// Opens a window for a story. The browser's log has to be empty at the end. If the story fails, a last screenshot is
/// saved in `target/tmp/pages`.
pub async fn story(looks: Looks, pages: &Pages, tell: impl AsyncFnOnce(&Browser)) {
    let Some(driver) = driver() else { return };
    let client = windows::take(driver).await;
    let browser = Browser { client, origin: pages.origin.clone() };
    let telling = async {
        browser.client.goto("about:blank").await.unwrap();
        browser.forget().await;
        browser.put_on(looks).await;
        tell(&browser).await;
        browser.assert_clean().await;
    };
    let outcome = AssertUnwindSafe(telling).catch_unwind().await;
    if let Err(panic) = outcome {
        browser.keep_picture().await;
        let _ = browser.client.close().await;
        resume_unwind(panic);
    }
    windows::give_back(&browser.client).await;
}

impl Browser {
    /// Switches to this device and these preferences.
    pub async fn put_on(&self, looks: Looks) {
        let Looks { width, height, phone, dark, languages, scripts, .. } = looks;
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": phone });
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await;
        self.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": phone })).await;
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        let agent = json!({ "userAgent": "Browser/1", "acceptLanguage": languages });
        self.devtools("Emulation.setUserAgentOverride", agent).await;
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": !scripts })).await;
    }

    /// A command of the `DevTools` protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Command { path: "goog/cdp/execute", body }).await.unwrap()
    }

    /// Opens a page by the rest of its link, like a click in a mail.
    pub async fn open(&self, link: &str) {
        self.client.goto(&format!("{}/confirm/{link}", self.origin)).await.unwrap();
    }

    /// Shows a document without an origin.
    pub async fn show(&self, html: &str) {
        self.client
            .goto(&format!("data:text/html;charset=utf-8;base64,{}", BASE64.encode(html.as_bytes())))
            .await
            .unwrap();
    }

    /// Whether a URL belongs to the pages or has no origin.
    pub fn is_own(&self, url: &str) -> bool {
        url.starts_with(&format!("{}/", self.origin)) || url.starts_with("data:")
    }

    /// Clicks into the field and types a code.
    pub async fn type_code(&self, code: &str) {
        let field = self.client.find(Locator::Id("code")).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(code).await.unwrap();
    }

    /// Presses a button by its action and waits for the next page.
    pub async fn press(&self, action: &str) {
        self.follow(&format!("button[value={action}]")).await;
    }

    /// Types a code, presses a button, and returns the whole text of the next page, which has to contain `words`.
    pub async fn answers(&self, code: &str, action: &str, words: &str) -> String {
        self.type_code(code).await;
        self.press(action).await;
        self.sees(words).await
    }

    /// Clicks and waits for another page.
    pub async fn follow(&self, selector: &str) {
        self.ask("window.before = true").await;
        self.click(selector).await;
        let look = async || {
            // Between two pages there is no document.
            let there = "return !window.before && document.readyState === 'complete'";
            let seen = self.client.execute(there, Vec::new()).await.map_err(|error| error.to_string())?;
            if seen == true { Ok(()) } else { Err("the previous page".to_owned()) }
        };
        eventually("another page", look).await.unwrap();
    }

    pub async fn click(&self, selector: &str) {
        self.client.find(Locator::Css(selector)).await.unwrap().click().await.unwrap();
    }

    /// Presses a key, optionally with modifiers.
    pub async fn keys(&self, held: &[char], key: char) {
        let mut keys = KeyActions::new("keys".to_owned());
        let down = held.iter().chain([&key]).map(|value| KeyAction::Down { value: *value });
        let up = [&key].into_iter().chain(held).map(|value| KeyAction::Up { value: *value });
        for action in down.chain(up) {
            keys = keys.then(action);
        }
        self.client.perform_actions(keys).await.unwrap();
    }

    /// The result of a script on the page. The driver runs it, so it works despite the page's policy and without
    /// scripts.
    pub async fn ask(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    pub async fn ask_text(&self, script: &str) -> String {
        self.ask(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits for a page with these words and returns its whole text.
    pub async fn sees(&self, words: &str) -> String {
        let look = async || {
            // Between two pages there is no document.
            let seen = self.client.execute("return document.body.innerText", Vec::new()).await;
            let text = seen.map_err(|error| error.to_string())?.as_str().unwrap_or_default().to_owned();
            if text.contains(words) { Ok(text) } else { Err(text) }
        };
        eventually(words, look).await.unwrap()
    }

    pub async fn picture(&self) -> Vec<u8> {
        let picture = self.devtools("Page.captureScreenshot", json!({ "captureBeyondViewport": true })).await;
        BASE64.decode(picture["data"].as_str().unwrap().as_bytes()).unwrap()
    }

    async fn keep_picture(&self) {
        let Ok(picture) = self.client.screenshot().await else { return };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
        let name = std::thread::current().name().unwrap_or("story").replace("::", "-");
        let file = folder.join(format!("{name}.png"));
        if std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, picture)).is_ok() {
            println!("last screenshot: {}", file.display());
        }
    }
}
