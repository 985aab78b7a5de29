//! Limits for every request, and headers of every response.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::http::{Method, StatusCode};

use super::{
    Logo, PageOutcome, WebSettings,
    harness::{Answered, Replica, code, settings, signed},
    rate_limit::Rate,
};
use crate::{cluster::store::StoreError, mail::Language};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn logo() -> Logo {
    let bytes = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    Logo { bytes, kind: "image/svg+xml", version: "abc123".to_owned() }
}

/// Every kind of response, with its expected status.
async fn every_answer(settings: WebSettings) -> Vec<(StatusCode, Answered)> {
    let replica = Replica::with(settings.clone());
    let link = format!("/confirm/{}", signed(1));
    let mut all = Vec::new();
    let big = format!("action=confirm&code={}", "x".repeat(5000));
    for (status, method, path, headers, body) in [
        (StatusCode::OK, Method::GET, &*link, &[][..], ""),
        (StatusCode::OK, Method::HEAD, &link, &[], ""),
        (StatusCode::UNPROCESSABLE_ENTITY, Method::POST, &link, &[FORM], "action=confirm&code=x"),
        (StatusCode::NOT_FOUND, Method::GET, "/confirm/junk", &[], ""),
        (StatusCode::NOT_FOUND, Method::GET, "/", &[], ""),
        (StatusCode::NOT_FOUND, Method::HEAD, "/", &[], ""),
        (StatusCode::METHOD_NOT_ALLOWED, Method::DELETE, &link, &[], ""),
        (StatusCode::METHOD_NOT_ALLOWED, Method::POST, "/confirm/assets/icon.svg", &[], ""),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, Method::POST, &link, &[], "action=confirm"),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, Method::POST, &link, &[("content-type", "application/json")], "{}"),
        (StatusCode::PAYLOAD_TOO_LARGE, Method::POST, &link, &[FORM], &big),
        (StatusCode::BAD_REQUEST, Method::POST, &link, &[FORM], "code=x"),
        (StatusCode::BAD_REQUEST, Method::POST, &link, &[FORM], "action=own&code=x"),
        (StatusCode::BAD_REQUEST, Method::POST, &link, &[FORM], "action=confirm&action=decline"),
        (StatusCode::OK, Method::GET, "/confirm/assets/icon.svg", &[], ""),
        (StatusCode::OK, Method::GET, "/confirm/assets/logo", &[], ""),
        (StatusCode::NOT_FOUND, Method::GET, "/confirm/assets/other", &[], ""),
    ] {
        let answer = replica.ask(method.clone(), path, headers, body).await;
        assert_eq!(answer.body.is_empty(), method == Method::HEAD, "{method} {path}");
        all.push((status, answer));
    }
    all.push((StatusCode::SEE_OTHER, replica.press("confirm", &code()).await));
    *replica.cluster.away.lock().unwrap() = Some(StoreError::Unavailable);
    all.push((StatusCode::SERVICE_UNAVAILABLE, replica.get(&signed(1)).await));
    let busy = Replica::with(WebSettings { rate: Rate { burst: 1, refill: Duration::from_secs(30) }, ..settings });
    busy.get(&signed(1)).await;
    all.push((StatusCode::TOO_MANY_REQUESTS, busy.get(&signed(1)).await));
    all
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_a_secret_link_secret() {
    for (at, (status, answer)) in
        every_answer(WebSettings { logo: Some(logo()), ..settings() }).await.iter().enumerate()
    {
        assert_eq!(answer.status, *status, "answer {at}");
        for (name, value) in [
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("x-robots-tag", "noindex, nofollow"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), value, "answer {at}: {status}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"), "answer {at}");
        assert!(
            answer.header("content-security-policy").starts_with("default-src 'none'; "),
            "answer {at}: {answer:?}"
        );
        let picture = answer.header("content-type").starts_with("image/");
        let kept = if picture { "public, max-age=86400" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), kept, "answer {at}: {status}");
        if !picture && *status != StatusCode::SEE_OTHER {
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "answer {at}: {status}");
            let policy = answer.header("content-security-policy");
            for part in [
                "style-src 'sha256-",
                "img-src 'self'",
                "form-action 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            ] {
                assert!(policy.contains(part) && !policy.contains("unsafe") && !policy.contains("script"), "{policy}");
            }
        }
    }
}

#[tokio::test]
async fn every_error_is_a_page_that_says_what_to_do_and_that_nothing_was_changed() {
    for (status, answer) in every_answer(settings()).await {
        if status.as_u16() < 400 || status == StatusCode::UNPROCESSABLE_ENTITY || answer.body.is_empty() {
            continue;
        }
        assert!(answer.text().contains("Nothing was changed"), "{status}: {}", answer.text());
        assert!(!answer.body.contains("<form"), "{status}");
    }
}

#[tokio::test]
async fn refusals_keep_what_their_status_asks_for() {
    let replica = Replica::new();
    let link = format!("/confirm/{}", signed(1));
    let answer = replica.ask(Method::PATCH, &link, &[("accept-language", "de")], "").await;
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    assert!(answer.text().contains("Diese Anfrage ist ungültig"), "{}", answer.text());
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    assert_eq!((replica.reads(), replica.writes()), (0, 0));
    assert_eq!(replica.events.lock().unwrap()[0].outcome, PageOutcome::Refused);
}

#[tokio::test]
async fn only_where_people_come_by_https_are_browsers_told_to_keep_to_it() {
    let http = Replica::with(WebSettings { public_url: "http://localhost:8081".to_owned(), ..settings() });
    assert_eq!(http.get(&signed(1)).await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn a_logo_is_a_picture_and_nothing_else() {
    let company = Some("Acme".to_owned());
    let public_url = "https://example.com/sender".to_owned();
    let replica = Replica::with(WebSettings { company, public_url, logo: Some(logo()), ..settings() });
    let page = replica.get(&signed(1)).await;
    assert!(page.body.contains("<img src=\"/sender/confirm/assets/logo?v=abc123\" alt=\"Acme\">"), "{}", page.body);
    let picture = replica.ask(Method::GET, "/confirm/assets/logo?v=abc123", &[], "").await;
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    let policy = picture.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.ends_with("sandbox"), "{policy}");
    let without = Replica::new();
    assert!(!without.get(&signed(1)).await.body.contains("<img"));
    assert_eq!(without.ask(Method::GET, "/confirm/assets/logo", &[], "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn who_comes_too_often_waits_and_nobody_else() {
    let rate = Rate { burst: 5, refill: Duration::from_secs(10) };
    let replica = Replica::with(WebSettings { rate, trusted_proxies: 1, ..settings() });
    let path = format!("/confirm/{}", signed(1));
    let from = |client: &'static str| {
        let (replica, path) = (&replica, &path);
        async move { replica.ask(Method::GET, path, &[("x-forwarded-for", client), ("accept-language", "de")], "").await }
    };
    for _ in 0..5 {
        assert_eq!(from("1.1.1.1, 2001:db8::1").await.status, StatusCode::OK);
    }
    let reads = replica.reads();
    let refused = from("2.2.2.2, 2001:db8::2").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), "10");
    assert!(refused.text().contains("Bitte warten Sie 10 Sekunden"), "{}", refused.text());
    assert_eq!(replica.reads(), reads, "a refusal costs no read");
    assert_eq!(replica.events.lock().unwrap().last().unwrap().outcome, PageOutcome::TooMany);
    assert_eq!(from("2001:db8::1, 2001:db8:0:1::1").await.status, StatusCode::OK, "another network");
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(from("2001:db8::3").await.status, StatusCode::OK);
    assert_eq!(from("2001:db8::3").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(start_paused = true)]
async fn without_a_proxy_nobody_escapes_by_naming_another_address() {
    let replica = Replica::with(WebSettings { rate: Rate { burst: 3, refill: Duration::from_secs(10) }, ..settings() });
    let path = format!("/confirm/{}", signed(1));
    let mut refused = 0;
    for n in 0..10 {
        let client = format!("198.51.100.{n}");
        let answer = replica.ask(Method::GET, &path, &[("x-forwarded-for", &client)], "").await;
        refused += u32::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 7);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_ends_with_a_page_that_promises_nothing() {
    let replica = Replica::new();
    for (method, say) in [(Method::GET, "Nothing was changed"), (Method::POST, "We do not know whether")] {
        replica.cluster.hang();
        let answer = match method {
            Method::POST => replica.press("confirm", &code()).await,
            _ => replica.get(&signed(1)).await,
        };
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.text().contains(say), "{}", answer.text());
    }
}

/// The log lines of a test.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().map_err(|_| std::io::ErrorKind::Other)?.extend(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_line_names_a_link_a_code_an_address_or_who_came() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::DEBUG);
    let guard = tracing::subscriber::set_default(subscriber.with_writer(move || writer.clone()).finish());
    // With a single subscriber, tracing caches the interest of the thread that reaches a log line first, perhaps a test
    // without a subscriber. With two, it queries all of them.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    tracing::callsite::rebuild_interest_cache();
    every_answer(settings()).await;
    let replica = Replica::new();
    for action in ["decline", "undo", "confirm", "withdraw"] {
        replica.press(action, &code()).await;
    }
    drop(guard);
    let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        log.contains("a request to a confirmation page was handled") && log.contains("outcome=\"changed\""),
        "{log}"
    );
    for secret in [&signed(1)[..20], &code(), &code().replace('-', ""), "sales", "shop.example", "203.0.113", "Browser"]
    {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[tokio::test]
async fn the_policy_lets_in_exactly_the_style_that_the_page_has() {
    let replica = Replica::new();
    for language in Language::ALL {
        let page = replica.get(&format!("{}?lang={}", signed(1), language.tag())).await;
        let style = page.body.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, style.as_bytes());
        let hash = format!("'sha256-{}'", data_encoding::BASE64.encode(hash.as_ref()));
        assert!(page.header("content-security-policy").contains(&hash));
        assert_eq!(page.body.matches("<style").count(), 1);
    }
}
