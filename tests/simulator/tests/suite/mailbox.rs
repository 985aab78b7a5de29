//! The mailbox through the control API, and its pages for people.

use aws_sdk_sesv2::types::{EmailContent, Message};
use serde_json::Value;
use ses_simulator::{IdentityPatch, Scanner, Simulator, Status, SuppressionReason};

use crate::common::{by_hand, content, exchange, http, letter, mail, post_form, send, simple, start, to};

async fn ready() -> (Simulator, aws_sdk_sesv2::Client) {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::status(Status::Success));
    (sim, ses)
}

async fn get(sim: &Simulator, path: &str) -> String {
    let (status, page) = http(&sim.url(), "GET", path, "").await;
    assert_eq!(status, 200, "{path}: {page}");
    page
}

#[tokio::test]
async fn a_shell_reads_and_empties_the_mailbox() {
    let (sim, ses) = ready().await;
    let html = Some("<p>rich <a href='http://127.0.0.1:1/b'>b</a></p>");
    let call = letter(&ses, "Ops <ops@acme.example>", &["ann@a.example"], Some("plain http://127.0.0.1:1/a"), html);
    let id = call.send().await.unwrap().message_id.unwrap();
    send(&ses, "ops@acme.example", &["bob@a.example"]).await;
    let all: Value = serde_json::from_str(&get(&sim, "/control/mails").await).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 2);
    let of_ann: Value = serde_json::from_str(&get(&sim, "/control/mails?to=Ann%40a.example").await).unwrap();
    assert_eq!(of_ann.as_array().unwrap().len(), 1);
    assert_eq!((&of_ann[0]["message_id"], &of_ann[0]["subject"]), (&id.as_str().into(), &"Hello".into()));
    assert_eq!((&of_ann[0]["from"], &of_ann[0]["to"][0]), (&"Ops <ops@acme.example>".into(), &"ann@a.example".into()));
    assert_eq!(of_ann[0]["deliveries"][0]["delivered"], true);
    let one: Value = serde_json::from_str(&get(&sim, &format!("/control/mails/{id}")).await).unwrap();
    assert_eq!(one, of_ann[0]);
    for (side, part) in [
        ("text", "plain http"),
        ("html", "<p>rich"),
        ("headers", "Subject: Hello\n"),
        ("source", "Content-Type: multipart/alternative"),
        ("links", "http://127.0.0.1:1/a\nhttp://127.0.0.1:1/b\n"),
    ] {
        let text = get(&sim, &format!("/control/mails/{id}/{side}")).await;
        assert!(text.contains(part), "{side}: {text}");
    }
    let plain = &sim.mails()[1].message_id;
    let missing = http(&sim.url(), "GET", &format!("/control/mails/{plain}/html"), "").await;
    assert_eq!(missing, (404, format!("the mail {plain} has no HTML text\n")));
    assert_eq!(http(&sim.url(), "GET", &format!("/control/mails/{id}/soul"), "").await.0, 404);
    let missing = http(&sim.url(), "GET", "/control/mails/x", "").await;
    assert_eq!(missing, (404, "there is no mail x\n".to_owned()));
    assert_eq!(http(&sim.url(), "DELETE", "/control/mails", "").await.0, 200);
    assert!(sim.mails().is_empty());
}

#[tokio::test]
async fn a_shell_sets_account_rate_and_suppression_list() {
    let (sim, ses) = ready().await;
    let call =
        async |method: &str, path: &str, body: &str| http(&sim.url(), method, &format!("/control{path}"), body).await;
    assert_eq!(call("PUT", "/suppressed/gone@a.example", "COMPLAINT").await.0, 200);
    assert_eq!(call("PUT", "/suppressed/lost@a.example", "").await.0, 200);
    assert_eq!(call("PUT", "/suppressed/lost@a.example", "MOOD").await.0, 400);
    assert_eq!(
        sim.suppressed().into_values().collect::<Vec<_>>(),
        [SuppressionReason::Complaint, SuppressionReason::Bounce]
    );
    assert_eq!(call("DELETE", "/suppressed/gone@a.example", "").await.0, 200);
    let missing = call("DELETE", "/suppressed/gone@a.example", "").await;
    assert_eq!(missing, (404, "gone@a.example is not on the suppression list\n".to_owned()));
    assert_eq!(call("GET", "/send-throttle", "").await, (200, "14\n".to_owned()));
    assert_eq!(call("PATCH", "/account", r#"{"max_send_rate": 2.5, "max_24_hour_send": 7}"#).await.0, 200);
    assert_eq!(call("GET", "/send-throttle", "").await, (200, "2.5\n".to_owned()));
    assert_eq!(call("PUT", "/send-throttle", "off").await, (200, "off\n".to_owned()));
    assert_eq!(call("PUT", "/send-throttle", "2").await.0, 400);
    let quota = ses.get_account().send().await.unwrap().send_quota.unwrap();
    assert_eq!(format!("{} {}", quota.max24_hour_send, quota.max_send_rate), "7 2.5");
}

#[tokio::test]
async fn the_list_shows_each_mail_and_its_deliveries() {
    let (sim, ses) = ready().await;
    sim.suppress("gone@a.example", SuppressionReason::Bounce);
    assert!(get(&sim, "/mail").await.contains("No mails."));
    send(&ses, "ops@acme.example", &["ann@a.example"]).await;
    send(&ses, "ops@acme.example", &["gone@a.example"]).await;
    let subject = "<script>alert(1)</script>{{script}}";
    let message = Message::builder().subject(content(subject)).body(simple(Some("x"), None)).build();
    let call = mail(&ses, "\"<b>&\" <ops@acme.example>", &[]).content(EmailContent::builder().simple(message).build());
    let id = call.destination(to(&["\"<i>\" <evil@a.example>"]).build()).send().await.unwrap().message_id.unwrap();
    let page = get(&sim, "/mail").await;
    for part in [
        "&lt;script&gt;alert(1)&lt;/script&gt;{{script}}",
        &format!("href=\"/mail/{id}\""),
        "&quot;&lt;b&gt;&amp;&quot; &lt;ops@acme.example&gt;",
        "evil@a.example",
        "<span class=\"badge good\">delivered</span>",
        "<span class=\"badge bad\">Bounce Permanent OnAccountSuppressionList</span>",
        "They visited nothing.",
        "data-live=\"/mail/live?to=\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script>alert") && !page.contains("https://") && !page.contains("<i>"));
    let (newest, oldest) = (page.find("{{script}}").unwrap(), page.find("ann@a.example").unwrap());
    assert!(newest < oldest, "the newest comes first");
    let filtered = get(&sim, "/mail?to=ann%40a.example").await;
    assert!(filtered.contains("ann@a.example") && !filtered.contains("evil@a.example"));
    assert!(filtered.contains("value=\"ann@a.example\"") && filtered.contains("/mail/live?to=ann%40a.example"));
    assert!(get(&sim, "/mail?to=%22%3E%3Cscript%3Ex").await.contains("No mails to &quot;&gt;&lt;script&gt;x."));
    let live = get(&sim, "/mail/live?to=ann%40a.example").await;
    assert!(
        live.contains("id=mails") && live.contains("id=visits") && !live.contains("<body") && !live.contains("evil")
    );
    assert!(get(&sim, "/").await.contains("<a class=door href=/mail>Mailbox: <strong>3</strong> mails</a>"));
    assert!(get(&sim, "/page/live").await.contains("<p id=door class=live>"));
}

#[tokio::test]
async fn a_mail_is_shown_as_its_receiver_sees_it() {
    let (sim, ses) = ready().await;
    let html =
        "<!doctype html><html><body><script>alert(1)</script><a href='http://127.0.0.1:1/b'>Confirm</a></body></html>";
    let text = "Open http://127.0.0.1:1/a?x=1&y=2 <now>.";
    let call = letter(&ses, "Ops <ops@acme.example>", &["Ann <ann@a.example>"], Some(text), Some(html));
    let id = call.reply_to_addresses("help@acme.example").send().await.unwrap().message_id.unwrap();
    let page = get(&sim, &format!("/mail/{id}")).await;
    for part in [
        "<h2 id=h-mail>Hello</h2>",
        "<dt>From</dt><dd>Ops &lt;ops@acme.example&gt;</dd>",
        "<dt>Reply to</dt><dd>help@acme.example</dd>",
        "<dt>To</dt><dd>Ann &lt;ann@a.example&gt;</dd>",
        "<dt>Mailed by</dt><dd>amazonses.com</dd>",
        "<dt>Signed by</dt><dd>acme.example</dd>",
        &format!("<iframe title=\"The mail\" src=\"/mail/{id}/body\""),
        "sandbox=\"allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation\"",
        &format!("<a aria-current=page href=\"/mail/{id}?view=html\">Mail</a>"),
        "view=text\">Plain text</a>",
        "view=source\">Source</a>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("alert(1)"), "the mail is in its frame only");
    let text = get(&sim, &format!("/mail/{id}?view=text")).await;
    let link =
        "<a href=\"http://127.0.0.1:1/a?x=1&amp;y=2\" rel=noreferrer>http://127.0.0.1:1/a?x=1&amp;y=2</a> &lt;now&gt;.";
    assert!(text.contains(link) && !text.contains("<iframe"), "{text}");
    let source = get(&sim, &format!("/mail/{id}?view=source")).await;
    assert!(source.contains("Subject: Hello\r\n") && source.contains("&lt;script&gt;alert(1)"), "{source}");
    let details = get(&sim, &format!("/mail/{id}?view=details")).await;
    assert!(
        details.contains(&id) && details.contains("http://127.0.0.1:1/a?x=1&amp;y=2 http://127.0.0.1:1/b"),
        "{details}"
    );
    assert_eq!(http(&sim.url(), "GET", "/mail/none", "").await.0, 404);
    assert_eq!(http(&sim.url(), "GET", "/mail/none/body", "").await.0, 404);
}

#[tokio::test]
async fn the_frame_runs_no_script_and_its_links_open_in_the_whole_window() {
    let (sim, ses) = ready().await;
    let call = letter(
        &ses,
        "ops@acme.example",
        &["ann@a.example"],
        None,
        Some("<!doctype html><a href='http://127.0.0.1:1/'>x</a>"),
    );
    let id = call.send().await.unwrap().message_id.unwrap();
    for path in [format!("/mail/{id}/body"), format!("/control/mails/{id}/html")] {
        let (head, body) = exchange(&sim.url(), "GET", &path, "", "").await;
        assert!(body.starts_with("<!doctype html><base target=_top><a href='http://127.0.0.1:1/'>"), "{body}");
        let policy = head.lines().find(|line| line.starts_with("content-security-policy:")).unwrap();
        for part in [
            "sandbox allow-popups",
            "allow-top-navigation-by-user-activation",
            "default-src 'none'",
            "form-action 'none'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("allow-scripts") && !policy.contains("allow-same-origin"), "{policy}");
        assert!(head.contains("referrer-policy: no-referrer"), "a link in a mail may be secret");
    }
    let plain = send(&ses, "ops@acme.example", &["ann@a.example"]).await;
    let page = get(&sim, &format!("/mail/{plain}?view=html")).await;
    assert!(page.contains("<pre class=plain>Some text") && !page.contains("?view=html"), "it has no HTML text");
}

#[tokio::test]
async fn its_forms_do_what_they_say() {
    let (sim, ses) = ready().await;
    let post = async |form: &str, fields: &str| post_form(&sim.url(), &format!("/page/{form}"), fields).await;
    assert_eq!(post("mail/scanner", "name=submit&turn=on").await, 303);
    assert!(sim.scanners().submit && !sim.scanners().fetch);
    sim.scan(Scanner::Submit, false);
    assert_eq!(post("mail/scanner", "name=spam&turn=on").await, 400);
    assert_eq!(post("mail/scanner", "name=fetch&turn=round").await, 400);
    send(&ses, "ops@acme.example", &["ann@a.example"]).await;
    assert_eq!(post("mail/clear", "").await, 303);
    assert!(sim.mails().is_empty());
    for (what, production, sends) in
        [("sandbox", false, true), ("pause", false, false), ("production", true, false), ("resume", true, true)]
    {
        assert_eq!(post("switch", &format!("what={what}")).await, 303);
        let account = sim.account();
        assert_eq!((account.production_access, account.sending_enabled), (production, sends), "{what}");
    }
    assert!(get(&sim, "/").await.contains("50000 recipients a day, 14 a second."));
}
