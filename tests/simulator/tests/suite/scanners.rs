//! Link scanners of receivers, against a small web server on loopback.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use ses_simulator::{IdentityPatch, Scanner, Simulator, Status, SuppressionReason, Visit};

use crate::common::{by_hand, http, letter, start};

const FORM: &str = "<!doctype html><form method=post action=/answer><input type=hidden name=token value=secret>\
                    <label>Code <input name=code required maxlength=6></label><button name=do value=confirm>Yes</button>\
                    <button name=do value=decline>No</button></form>";

/// Received requests: `METHOD /path body`.
type Seen = Arc<Mutex<Vec<String>>>;

async fn page(State(seen): State<Seen>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
    seen.lock().unwrap().push(format!("{} {} {body}", head.method, head.uri).trim_end().to_owned());
    match head.uri.path() {
        "/form" => Html(FORM).into_response(),
        "/moved" => Redirect::to("/plain").into_response(),
        "/away" => Redirect::to("http://192.0.2.1/").into_response(),
        "/hangs" => std::future::pending().await,
        "/plain" => "plain".into_response(),
        "/answer" => Html("<p>Thank you").into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A web server, its URL and its received requests; and a simulator that can send.
async fn ready(scanners: &[Scanner]) -> (Simulator, aws_sdk_sesv2::Client, String, Seen) {
    let seen = Seen::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(page).with_state(Arc::clone(&seen));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::status(Status::Success));
    for scanner in scanners {
        sim.scan(*scanner, true);
    }
    (sim, ses, url, seen)
}

async fn send(ses: &aws_sdk_sesv2::Client, text: &str, html: Option<&str>) {
    letter(ses, "ops@acme.example", &["ann@a.example"], Some(text), html).send().await.unwrap();
}

/// `METHOD path status`, with the error if there is no status.
fn lines(visits: &[Visit], url: &str) -> Vec<String> {
    let line = |visit: &Visit| {
        let status = visit.status.map(|status| status.to_string());
        let answer = status.as_deref().or(visit.error.as_deref()).unwrap();
        format!("{} {} {answer}", visit.method, visit.url.replace(url, ""))
    };
    visits.iter().map(line).collect()
}

const OUTSIDE: &str = "not visited: the scanners visit loopback addresses only";

#[tokio::test]
async fn one_opens_every_link_by_get_and_by_head() {
    let (sim, ses, url, seen) = ready(&[Scanner::Fetch]).await;
    let html = format!("<a href='{url}/form'>x</a><a href='{url}/plain'>again</a><img src='{url}/pixel'>");
    send(&ses, &format!("Open {url}/plain or {url}/moved."), Some(&html)).await;
    sim.scanned().await;
    assert_eq!(
        lines(&sim.visits(), &url),
        [
            "GET /plain 200",
            "HEAD /plain 200",
            "GET /moved 303",
            "GET /plain 200",
            "HEAD /moved 303",
            "HEAD /plain 200",
            "GET /form 200",
            "HEAD /form 200",
            "GET /pixel 404",
            "HEAD /pixel 404",
        ]
    );
    assert!(seen.lock().unwrap().iter().all(|line| !line.starts_with("POST")), "it presses nothing");
    let visit = &sim.visits()[0];
    assert_eq!((visit.seq, visit.scanner), (1, Scanner::Fetch));
    assert_eq!(visit.message_id, sim.mails()[0].message_id);
}

#[tokio::test]
async fn one_presses_every_button_with_and_without_a_made_up_code() {
    let (sim, ses, url, seen) = ready(&[Scanner::Submit]).await;
    send(&ses, &format!("{url}/form and {url}/plain"), None).await;
    sim.scanned().await;
    assert_eq!(
        *seen.lock().unwrap(),
        [
            "GET /form",
            "POST /answer token=secret&code=&do=confirm",
            "POST /answer token=secret&code=K7QX2M&do=confirm",
            "POST /answer token=secret&code=&do=decline",
            "POST /answer token=secret&code=K7QX2M&do=decline",
            "GET /plain",
        ]
    );
    let visits = sim.visits();
    assert_eq!(visits[1].form.as_deref(), Some("token=secret&code=&do=confirm"));
    assert_eq!(lines(&visits[..2], &url), ["GET /form 200", "POST /answer 200"]);
}

#[tokio::test]
async fn scanners_never_leave_this_machine() {
    let (sim, ses, url, _) = ready(&Scanner::ALL).await;
    send(&ses, &format!("http://192.0.2.1/ http://acme.example/ {url}/away https://127.0.0.1:1/"), None).await;
    sim.scanned().await;
    for scanner in Scanner::ALL {
        let mut visits = sim.visits();
        visits.retain(|visit| visit.scanner == scanner && visit.method == "GET");
        assert_eq!(
            lines(&visits, &url),
            [
                format!("GET http://192.0.2.1/ {OUTSIDE}"),
                format!("GET http://acme.example/ {OUTSIDE}"),
                "GET /away 303".to_owned(),
                format!("GET http://192.0.2.1/ {OUTSIDE}"),
                "GET https://127.0.0.1:1/ not visited: the scanners speak plain HTTP only".to_owned(),
            ],
            "{scanner:?}"
        );
    }
}

#[tokio::test]
async fn scanners_delay_neither_calls_nor_each_other() {
    let (sim, ses, url, seen) = ready(&[Scanner::Fetch]).await;
    send(&ses, &format!("{url}/hangs"), None).await;
    send(&ses, &format!("{url}/plain"), None).await;
    crate::common::eventually("the second", async || sim.visits().len() == 2).await;
    assert_eq!(lines(&sim.visits(), &url), ["GET /plain 200", "HEAD /plain 200"]);
    assert!(seen.lock().unwrap().contains(&"GET /hangs".to_owned()) && !sim.scanners().idle);
}

#[tokio::test]
async fn scanners_scan_mails_that_were_delivered_while_they_were_on() {
    let (sim, ses, url, seen) = ready(&[]).await;
    send(&ses, &format!("{url}/plain"), None).await;
    sim.scan(Scanner::Fetch, true);
    sim.suppress("ann@a.example", SuppressionReason::Bounce);
    send(&ses, &format!("{url}/plain"), None).await;
    sim.unsuppress("ann@a.example");
    letter(&ses, "ops@unknown.example", &["ann@a.example"], Some(&url), None).send().await.unwrap_err();
    sim.scanned().await;
    assert!(sim.visits().is_empty() && seen.lock().unwrap().is_empty());
    sim.fault(ses_simulator::Fault::internal().after_effect().times(1));
    letter(&ses, "ops@acme.example", &["ann@a.example"], Some(&url), None).send().await.unwrap_err();
    sim.scanned().await;
    assert_eq!(sim.visits().len(), 2, "the mail was sent, although its sender saw a failure");
    sim.scan(Scanner::Fetch, false);
    send(&ses, &format!("{url}/plain"), None).await;
    sim.scanned().await;
    assert_eq!(sim.visits().len(), 2);
}

#[tokio::test]
async fn a_shell_switches_scanners_and_reads_their_log() {
    let (sim, ses, url, _) = ready(&[]).await;
    let call = async |method: &str, path: &str, body: &str| {
        let (status, answer) = http(&sim.url(), method, &format!("/control{path}"), body).await;
        assert_eq!(status, 200, "{method} {path}: {answer}");
        serde_json::from_str::<serde_json::Value>(&answer).unwrap_or_default()
    };
    call("PUT", "/scanners/fetch", "on").await;
    let state = call("PUT", "/scanners/submit", "on").await;
    assert_eq!(state, serde_json::json!({"fetch": true, "submit": true, "idle": true}));
    send(&ses, &format!("{url}/plain"), None).await;
    assert_eq!(call("GET", "/scanners/idle", "").await["idle"], true);
    let visits = call("GET", "/visits", "").await;
    assert_eq!(visits.as_array().unwrap().len(), 3);
    assert_eq!((&visits[0]["status"], &visits[0]["method"]), (&200.into(), &"GET".into()));
    call("DELETE", "/visits", "").await;
    assert!(sim.visits().is_empty());
    call("PUT", "/scanners/submit", "off").await;
    assert_eq!(call("GET", "/scanners", "").await["submit"], false);
    assert_eq!(http(&sim.url(), "PUT", "/control/scanners/fetch", "maybe").await.0, 400);
    let missing = http(&sim.url(), "PUT", "/control/scanners/spam", "on").await;
    assert_eq!(missing, (404, "there is no scanner spam; the scanners are fetch and submit\n".to_owned()));
}
