//! Each reason for which `SendEmail` refuses a mail, with SES's message.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::operation::send_email::builders::SendEmailFluentBuilder as Call;
use aws_sdk_sesv2::types::{Body, EmailContent, Message, MessageHeader, MessageTag, RawMessage, Template};
use ses_simulator::{AccountPatch, IdentityPatch, SendingStatus, Simulator, Status, TenantPatch};

use crate::common::{HOUR, by_hand, content, http, mail, refusal, send, simple, start, to};

const NOT_VERIFIED: &str = "400 MessageRejected Email address is not verified. The following identities failed the check in \
                            region EU-CENTRAL-1:";

/// A simulator with a verified domain.
async fn ready() -> (Simulator, Client) {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::status(Status::Success));
    (sim, ses)
}

fn plain(ses: &Client) -> Call {
    mail(ses, "ops@acme.example", &["ann@a.example"])
}

async fn refused(call: Call) -> String {
    refusal(call.send().await)
}

#[tokio::test]
async fn senders_have_to_be_verified() {
    let (sim, ses) = ready().await;
    sim.put_identity("pending.example", IdentityPatch::default());
    for from in ["ops@pending.example", "ops@unknown.example", "Ops <ops@unknown.example>"] {
        assert_eq!(refused(mail(&ses, from, &["ann@a.example"])).await, format!("{NOT_VERIFIED} {from}"));
    }
    let call = plain(&ses).feedback_forwarding_email_address("bounces@unknown.example");
    assert_eq!(refused(call).await, format!("{NOT_VERIFIED} bounces@unknown.example"));
    sim.change_identity("acme.example", IdentityPatch::status(Status::TemporaryFailure));
    send(&ses, "ops@acme.example", &["ann@a.example"]).await;
}

#[tokio::test]
async fn in_the_sandbox_recipients_have_to_be_verified_too() {
    let (sim, ses) = ready().await;
    sim.put_identity("ann@a.example", IdentityPatch::status(Status::Success));
    sim.change_account(AccountPatch { production_access: Some(false), ..AccountPatch::default() });
    sim.throttle_sending(false);
    let all = [
        "ann@a.example",
        "Bob <bob@a.example>",
        "eve@acme.example",
        "success+x@simulator.amazonses.com",
        "x@y.example",
    ];
    let call = mail(&ses, "ops@unknown.example", &all);
    assert_eq!(refused(call).await, format!("{NOT_VERIFIED} ops@unknown.example, Bob <bob@a.example>, x@y.example"));
    send(&ses, "ops@acme.example", &["ann@a.example", "eve@acme.example", "bounce@simulator.amazonses.com"]).await;
    sim.change_account(AccountPatch { production_access: Some(true), ..AccountPatch::default() });
    send(&ses, "ops@acme.example", &["x@y.example"]).await;
}

#[tokio::test]
async fn a_paused_account_sends_nothing() {
    let (sim, ses) = ready().await;
    sim.change_account(AccountPatch { sending_enabled: Some(false), ..AccountPatch::default() });
    assert_eq!(
        refused(plain(&ses)).await,
        "400 SendingPausedException Sending paused for this account. For more information, please check the inbox of the \
         email address associated with your AWS account."
    );
    sim.change_account(AccountPatch { enforcement_status: Some("SHUTDOWN".into()), ..AccountPatch::default() });
    assert!(refused(plain(&ses)).await.starts_with("400 AccountSuspendedException "));
    let healthy = AccountPatch {
        sending_enabled: Some(true),
        enforcement_status: Some("PROBATION".into()),
        ..AccountPatch::default()
    };
    sim.change_account(healthy);
    send(&ses, "ops@acme.example", &["ann@a.example"]).await;
}

#[tokio::test]
async fn the_daily_quota_counts_recipients_of_24_hours() {
    let (sim, ses) = ready().await;
    sim.change_account(AccountPatch { max_24_hour_send: Some(3.0), ..AccountPatch::default() });
    send(&ses, "ops@acme.example", &["a@a.example", "b@a.example"]).await;
    refused(mail(&ses, "ops@unknown.example", &["a@a.example"])).await;
    send(&ses, "ops@acme.example", &["c@a.example", "d@a.example"]).await;
    assert_eq!(refused(plain(&ses)).await, "429 TooManyRequestsException Daily message quota exceeded.");
    let quota = ses.get_account().send().await.unwrap().send_quota.unwrap();
    assert_eq!(format!("{} {} {}", quota.max24_hour_send, quota.max_send_rate, quota.sent_last24_hours), "3 14 4");
    sim.clear_mails();
    sim.advance(23 * HOUR).await;
    assert!(refused(plain(&ses)).await.starts_with("429"), "what was deleted was sent all the same");
    sim.advance(HOUR).await;
    send(&ses, "ops@acme.example", &["ann@a.example"]).await;
    sim.change_account(AccountPatch { max_24_hour_send: Some(-1.0), ..AccountPatch::default() });
    for _ in 0..5 {
        send(&ses, "ops@acme.example", &["ann@a.example"]).await;
    }
}

#[tokio::test]
async fn sets_and_tenants_have_to_exist_and_to_be_in_order() {
    let (sim, ses) = ready().await;
    assert_eq!(
        refused(plain(&ses).configuration_set_name("none")).await,
        "404 NotFoundException Configuration set <none> does not exist."
    );
    assert_eq!(
        refused(plain(&ses).tenant_name("none").configuration_set_name("none")).await,
        "404 NotFoundException Tenant none for AwsAccountId 123456789012 not found.",
        "the tenant comes first"
    );
    assert_eq!(refused(plain(&ses).tenant_name(" ")).await, "400 BadRequestException TenantName cannot be empty");
    let off = aws_sdk_sesv2::types::SendingOptions::builder().sending_enabled(false).build();
    ses.create_configuration_set().configuration_set_name("off").sending_options(off).send().await.unwrap();
    assert_eq!(
        refused(plain(&ses).configuration_set_name("off")).await,
        "400 SendingPausedException Sending is paused for configuration set off"
    );
    let gone = IdentityPatch { configuration_set: Some("gone".into()), ..IdentityPatch::default() };
    sim.change_identity("acme.example", gone);
    assert_eq!(refused(plain(&ses)).await, "400 BadRequestException Configuration set <gone> does not exist.");
    sim.put_configuration_set("gone");
    send(&ses, "ops@acme.example", &["ann@a.example"]).await;
    sim.put_tenant("team-a", TenantPatch { sending_status: Some(SendingStatus::Disabled), ..TenantPatch::default() });
    assert_eq!(
        refused(plain(&ses).tenant_name("team-a")).await,
        "400 SendingPausedException Sending is paused for tenant team-a"
    );
}

#[tokio::test]
async fn nothing_slips_into_the_head_of_a_mail() {
    let (sim, ses) = ready().await;
    let evil = "x\r\nBcc: eve@evil.example";
    let message = |subject: &str, name: &str, value: &str| {
        let header = MessageHeader::builder().name(name).value(value).build().unwrap();
        let message =
            Message::builder().subject(content(subject)).body(simple(Some("text"), None)).headers(header).build();
        EmailContent::builder().simple(message).build()
    };
    let bad = "400 BadRequestException";
    for (call, why) in [
        (plain(&ses).content(message(evil, "X-A", "b")), "Subject must not contain line breaks."),
        (plain(&ses).content(message("x\ny", "X-A", "b")), "Subject must not contain line breaks."),
        (plain(&ses).content(message("x", "X-A", evil)), "Invalid value of header <X-A>."),
        (plain(&ses).content(message("x", "X-A", "ü")), "Invalid value of header <X-A>."),
        (plain(&ses).content(message("x", evil, "b")), "Invalid header name <x  Bcc: eve@evil.example>."),
        (plain(&ses).content(message("x", "X:A", "b")), "Invalid header name <X:A>."),
        (plain(&ses).content(message("x", "Bcc", "eve@evil.example")), "Invalid header name <Bcc>."),
        (plain(&ses).content(message("x", " ", "b")), "The header name must be specified."),
        (
            mail(&ses, "ops@acme.example\r\nBcc: eve@evil.example", &["a@a.example"]),
            "Invalid email address ops@acme.example  Bcc: eve@evil.example.",
        ),
        (mail(&ses, "Ops\n <ops@acme.example>", &["a@a.example"]), "Invalid email address Ops  <ops@acme.example>."),
        (mail(&ses, "ops@acme.example", &["a@a.example\nX: y"]), "Invalid email address a@a.example X: y."),
        (plain(&ses).reply_to_addresses("a@a.example\rX: y"), "Invalid email address a@a.example X: y."),
    ] {
        assert_eq!(refused(call).await, format!("{bad} {why}"));
    }
    assert!(sim.mails().is_empty());
}

#[tokio::test]
async fn an_invalid_mail_is_refused() {
    let (_sim, ses) = ready().await;
    let template = Template::builder().template_name("welcome").template_data("{}").build();
    let template = EmailContent::builder().template(template).build();
    let empty = Message::builder().subject(content("x")).body(Body::builder().build()).build();
    let empty = EmailContent::builder().simple(empty).build();
    let raw = RawMessage::builder().data(aws_sdk_sesv2::primitives::Blob::new("x")).build().unwrap();
    let raw = EmailContent::builder().raw(raw).build();
    let tag = |name: &str, value: &str| MessageTag::builder().name(name).value(value).build().unwrap();
    let many: Vec<String> = (0..51).map(|number| format!("a{number}@a.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let null = |member: &str| {
        format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must not be null"
        )
    };
    for (call, why) in vec![
        (ses.send_email(), null("content")),
        (plain(&ses).destination(to(&[]).build()), "At least one destination address is required.".into()),
        (mail(&ses, "ops@acme.example", &many), "Recipient count exceeds 50.".into()),
        (mail(&ses, "ops", &["a@a.example"]), "Missing final '@domain'".into()),
        (mail(&ses, "ops@acme.example", &["a@"]), "Missing domain".into()),
        (plain(&ses).content(empty), "Message body is missing: give Text, Html or both.".into()),
        (
            plain(&ses).content(EmailContent::builder().build()),
            "Content must contain exactly one of Raw, Simple, or Template.".into(),
        ),
        (plain(&ses).content(raw), "The simulator takes no raw messages.".into()),
        (
            plain(&ses).email_tags(tag("kind", "a b")),
            "Invalid tag value <a b>: only alphanumeric ASCII characters, '_', and '-' are allowed.".into(),
        ),
        (plain(&ses).email_tags(tag("", "x")), "The tag name must be specified.".into()),
    ] {
        assert_eq!(refused(call).await, format!("400 BadRequestException {why}"));
    }
    assert_eq!(refused(plain(&ses).content(template)).await, "404 NotFoundException Template welcome does not exist.");
    let no_sender = plain(&ses).set_from_email_address(None);
    assert_eq!(refused(no_sender).await, "400 BadRequestException -", "SES gives no words here");
}

#[tokio::test]
async fn only_refusals_of_rights_spell_their_message_with_a_capital() {
    let (sim, _ses) = ready().await;
    sim.put_tenant("team-a", TenantPatch::default());
    let body = r#"{"FromEmailAddress": "ops@acme.example", "Destination": {"ToAddresses": ["a@a.example"]}, "TenantName": "TENANT",
                   "Content": {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}}}"#;
    let denied = http(&sim.url(), "POST", "/v2/email/outbound-emails", &body.replace("TENANT", "team-a")).await;
    assert!(denied.0 == 403 && denied.1.starts_with("{\"Message\":\"Tenant not"), "{denied:?}");
    let missing = http(&sim.url(), "POST", "/v2/email/outbound-emails", body).await;
    assert!(missing.0 == 404 && missing.1.starts_with("{\"message\":\"Tenant TENANT"), "{missing:?}");
}
