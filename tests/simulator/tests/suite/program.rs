//! The program: it prints its addresses, serves, and stops on a signal.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::common::{HANG, eventually, http};

/// Starts the program and reads its URL from the output.
async fn run(arguments: &[&str]) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ses-simulator"))
        .args(["--listen", "127.0.0.1:0", "--dns", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = loop {
        let line = lines.next_line().await.unwrap().expect("the program prints its page");
        if let Some(url) = line.trim().strip_prefix("page") {
            break url.trim().trim_end_matches('/').to_owned();
        }
    };
    (child, url)
}

#[tokio::test]
async fn it_serves_with_its_settings_until_it_is_asked_to_stop() {
    for signal in ["INT", "TERM"] {
        let (mut child, url) = run(&["--account", "111122223333", "--region", "us-west-2", "--rate", "off"]).await;
        for _ in 0..3 {
            assert_eq!(http(&url, "GET", "/v2/email/account", "").await.0, 200, "no throttle");
        }
        let account = http(&url, "GET", "/control/account", "").await.1;
        assert!(account.contains("111122223333") && account.contains("us-west-2"), "{account}");
        let pid = child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().await.unwrap().success());
        let ended = tokio::time::timeout(HANG, child.wait()).await.expect("it stops").unwrap();
        assert!(ended.success(), "{signal}: {ended}");
    }
}

#[tokio::test]
async fn it_throttles_like_ses_unless_told_otherwise() {
    let (_child, url) = run(&[]).await;
    assert_eq!(http(&url, "GET", "/v2/email/account", "").await.0, 200);
    // The first two calls can be more than a second apart.
    eventually("it throttles", async || http(&url, "GET", "/v2/email/account", "").await.0 == 429).await;
}
