//! `SendEmail`: the received mail, and whose settings apply to it.

use std::time::Duration;

use aws_sdk_sesv2::types::{EmailContent, Message, MessageHeader, MessageTag, Tenant};
use ses_simulator::{BehaviorOnMxFailure, Fault, IdentityPatch, Status, SuppressionReason, TenantPatch};

use crate::common::{by_hand, client, content, eventually, mail, refusal, send, simple, start, to};

fn verified() -> IdentityPatch {
    IdentityPatch::status(Status::Success)
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", verified());
    let message = Message::builder()
        .subject(content("Grüße – bitte bestätigen"))
        .body(simple(Some("Hallo\nhttp://127.0.0.1:1/a"), Some("<p>Hallo <a href='http://127.0.0.1:1/b'>hier</a></p>")))
        .headers(MessageHeader::builder().name("Auto-Submitted").value("auto-generated").build().unwrap())
        .build();
    let sent = ses
        .send_email()
        .from_email_address("\"Acme, Ltd\" <ops@acme.example>")
        .destination(to(&["Ann <ann@a.example>"]).cc_addresses("bob@a.example").bcc_addresses("eve@a.example").build())
        .reply_to_addresses("help@acme.example")
        .content(EmailContent::builder().simple(message).build())
        .email_tags(MessageTag::builder().name("kind").value("confirmation").build().unwrap())
        .send()
        .await
        .unwrap();
    let mail = sim.mail(sent.message_id.as_deref().unwrap()).unwrap();
    assert_eq!(mail.from, "\"Acme, Ltd\" <ops@acme.example>");
    assert_eq!(
        (mail.to.as_slice(), mail.cc.as_slice()),
        (["Ann <ann@a.example>".into()].as_slice(), ["bob@a.example".into()].as_slice())
    );
    assert_eq!(
        (mail.reply_to.join(","), mail.subject.as_str()),
        ("help@acme.example".into(), "Grüße – bitte bestätigen")
    );
    assert!(mail.text.as_deref().unwrap().starts_with("Hallo\nhttp"), "{:?}", mail.text);
    assert!(mail.html.as_deref().unwrap().starts_with("<p>Hallo"), "{:?}", mail.html);
    assert_eq!(mail.links(), ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"]);
    assert_eq!(mail.header("auto-submitted"), Some("auto-generated"));
    assert_eq!(mail.header("Message-ID").unwrap(), format!("<{}@eu-central-1.amazonses.com>", mail.message_id));
    assert_eq!(mail.tags["kind"], "confirmation");
    let recipients: Vec<&str> = mail.deliveries.iter().map(|delivery| delivery.recipient.as_str()).collect();
    assert_eq!(recipients, ["ann@a.example", "bob@a.example", "eve@a.example"]);
    assert!(mail.delivered() && !mail.source.contains("eve@a.example"), "a blind copy is blind");
    for address in ["ann@a.example", "EVE@a.example"] {
        assert_eq!(sim.mails_to(address).len(), 1, "{address}");
    }
    assert!(sim.mails_to("ann@b.example").is_empty());
}

#[tokio::test]
async fn without_a_charset_only_ascii_arrives() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", verified());
    let bare = |data: &str| aws_sdk_sesv2::types::Content::builder().data(data).build().unwrap();
    let body = aws_sdk_sesv2::types::Body::builder().text(bare("Grüße")).build();
    let message = Message::builder().subject(bare("Grüße")).body(body).build();
    let content = EmailContent::builder().simple(message).build();
    let sent = ses.send_email().from_email_address("a@acme.example").destination(to(&["b@a.example"]).build());
    sent.content(content).send().await.unwrap();
    let mail = &sim.mails()[0];
    assert_eq!((mail.subject.as_str(), mail.text.as_deref().map(str::trim_end)), ("Gr??e", Some("Gr??e")));
}

#[tokio::test]
async fn the_settings_of_the_nearest_identity_apply() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_configuration_set("of-domain");
    sim.put_configuration_set("of-call");
    let domain = IdentityPatch {
        configuration_set: Some("of-domain".into()),
        mail_from: Some("bounce.acme.example".into()),
        ..verified()
    };
    sim.put_identity("acme.example", domain);
    sim.publish_mail_from("bounce.acme.example").unwrap();
    sim.advance(Duration::ZERO).await;
    sim.put_identity("own@acme.example", verified());
    for (from, set, expected) in [
        ("ops@acme.example", None, "acme.example of-domain bounce.acme.example acme.example"),
        ("ops@sub.acme.example", None, "acme.example of-domain bounce.acme.example acme.example"),
        ("ops@acme.example", Some("of-call"), "acme.example of-call bounce.acme.example acme.example"),
        ("own@acme.example", None, "own@acme.example - amazonses.com acme.example"),
        ("own+x@acme.example", None, "own@acme.example - amazonses.com acme.example"),
    ] {
        let call = mail(&ses, from, &["ann@a.example"]).set_configuration_set_name(set.map(str::to_owned));
        call.send().await.unwrap();
        let mail = sim.mails().pop().unwrap();
        let set = mail.configuration_set.as_deref().unwrap_or("-");
        let signed = mail.signed_by.as_deref().unwrap_or("-");
        assert_eq!(format!("{} {set} {} {signed}", mail.identity, mail.mailed_by), expected, "{from}");
    }
    sim.change_identity("acme.example", IdentityPatch::default().signing_enabled(false));
    mail(&ses, "ops@acme.example", &["ann@a.example"]).send().await.unwrap();
    assert_eq!(sim.mails().pop().unwrap().signed_by, None, "signing is off");
    let failed = IdentityPatch { mail_from_status: Some(Status::Failed), ..IdentityPatch::default() };
    sim.change_identity("acme.example", failed);
    mail(&ses, "ops@acme.example", &["ann@a.example"]).send().await.unwrap();
    assert_eq!(sim.mails().pop().unwrap().mailed_by, "amazonses.com", "as the identity wants it");
    let reject =
        IdentityPatch { behavior_on_mx_failure: Some(BehaviorOnMxFailure::RejectMessage), ..IdentityPatch::default() };
    sim.change_identity("acme.example", reject);
    assert_eq!(
        refusal(mail(&ses, "ops@acme.example", &["ann@a.example"]).send().await),
        "400 MailFromDomainNotVerifiedException The custom MAIL FROM domain <bounce.acme.example> is not verified."
    );
}

#[tokio::test]
async fn a_mail_to_a_suppressed_address_is_accepted_and_not_delivered() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", verified());
    sim.suppress("gone@a.example", SuppressionReason::Bounce);
    sim.suppress("angry@a.example", SuppressionReason::Complaint);
    sim.put_tenant("team-a", TenantPatch::default());
    sim.associate("team-a", "acme.example").unwrap();
    send(&ses, "ops@acme.example", &["ann@a.example", "gone@a.example"]).await;
    let mail = &sim.mails()[0];
    let fates: Vec<_> = mail.deliveries.iter().map(|it| (it.delivered, it.note.as_deref())).collect();
    assert_eq!(fates, [(true, None), (false, Some("Bounce Permanent OnAccountSuppressionList"))]);
    assert!(!mail.delivered());

    let options = aws_sdk_sesv2::types::SuppressionOptions::builder()
        .suppressed_reasons(aws_sdk_sesv2::types::SuppressionListReason::Bounce)
        .build();
    ses.create_configuration_set().configuration_set_name("bounces").suppression_options(options).send().await.unwrap();
    let call = self::mail(&ses, "ops@acme.example", &["angry@a.example"]).configuration_set_name("bounces");
    call.send().await.unwrap();
    assert!(sim.mails()[1].delivered(), "the set suppresses bounces only");
    assert!(sim.unsuppress("gone@a.example") && !sim.unsuppress("gone@a.example"));
    send(&ses, "ops@acme.example", &["gone@a.example"]).await;
    assert!(sim.mails()[2].delivered());
    let account = ses.get_account().send().await.unwrap().send_quota.unwrap();
    assert!((account.sent_last24_hours - 4.0).abs() < f64::EPSILON, "suppressed ones count");
}

#[tokio::test]
async fn a_caller_can_see_a_failure_although_the_mail_was_sent() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", verified());
    sim.fault(Fault::internal().after_effect().times(1).on("SendEmail"));
    let refused = refusal(mail(&ses, "ops@acme.example", &["ann@a.example"]).send().await);
    assert!(refused.starts_with("500 InternalFailure"), "{refused}");
    sim.fault(Fault::dropped().after_effect().times(1).on("SendEmail"));
    mail(&ses, "ops@acme.example", &["bob@a.example"]).send().await.unwrap_err();
    sim.fault(Fault::late(Duration::from_mins(10)).times(1).identity("ops@acme.example"));
    let waiting = tokio::spawn(mail(&ses, "Ops <ops@acme.example>", &["eve@a.example"]).send());
    eventually("the mail", async || sim.mails().len() == 3).await;
    assert!(!waiting.is_finished(), "the answer has not come");
    waiting.abort();
    sim.fault(Fault::internal().times(1).on("SendEmail"));
    refusal(mail(&ses, "ops@acme.example", &["nobody@a.example"]).send().await);
    let journal = sim.journal();
    let ids: Vec<_> = journal.iter().map(|call| call.email.as_ref().unwrap().message_id.clone()).collect();
    let mails: Vec<_> = sim.mails().iter().map(|mail| Some(mail.message_id.clone())).chain([None]).collect();
    assert_eq!(ids, mails, "the journal knows better than the caller");
}

#[tokio::test]
async fn the_journal_records_the_mail_without_its_text() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_configuration_set("tracked");
    let call = mail(&ses, "Ops <ops@acme.example>", &["ann@a.example", "Bob <bob@a.example>"]);
    refusal(call.configuration_set_name("tracked").send().await);
    let call = &sim.journal()[0];
    assert_eq!(
        (call.operation.as_str(), call.status, call.identity.as_deref()),
        ("SendEmail", 400, Some("ops@acme.example"))
    );
    let email = call.email.as_ref().unwrap();
    assert_eq!(email.from.as_deref(), Some("Ops <ops@acme.example>"));
    assert_eq!(email.to, ["ann@a.example", "Bob <bob@a.example>"]);
    assert_eq!((email.subject.as_deref(), email.configuration_set.as_deref()), (Some("Hello"), Some("tracked")));
    assert_eq!(email.message_id, None);
    assert!(call.request.contains("Hello") && !call.request.contains("Some text"), "{}", call.request);
}

#[tokio::test]
async fn a_tenant_sends_with_its_own_resources() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", verified());
    sim.put_configuration_set("tracked");
    sim.put_tenant("team-a", TenantPatch::default());
    let call =
        || mail(&ses, "ops@acme.example", &["ann@a.example"]).tenant_name("team-a").configuration_set_name("tracked");
    let (identity, set) = (sim.arn("acme.example"), sim.arn("configuration-set/tracked"));
    let refused = |arns: &str| format!("403 AccessDeniedException Tenant not associated with resources [{arns}].");
    assert_eq!(refusal(call().send().await), refused(&format!("{identity}, {set}")));
    sim.associate("team-a", "acme.example").unwrap();
    assert_eq!(refusal(call().send().await), refused(&set));
    sim.associate("team-a", "configuration-set/tracked").unwrap();
    call().send().await.unwrap();
    assert_eq!(sim.mails()[0].tenant.as_deref(), Some("team-a"));
    sim.put_identity("ops@acme.example", IdentityPatch::default());
    let address = sim.arn("ops@acme.example");
    assert_eq!(refusal(call().send().await), refused(&address), "an address that is an identity is the one used");
    let _: Option<Tenant> = ses.get_tenant().tenant_name("team-a").send().await.unwrap().tenant;
}

#[tokio::test]
async fn sending_has_a_separate_rate() {
    let options = ses_simulator::Options { rate: Some(0.0), ..by_hand() };
    let (sim, ses) = start(options).await;
    sim.put_identity("acme.example", verified());
    let patch = |rate| ses_simulator::AccountPatch { max_send_rate: Some(rate), ..Default::default() };
    sim.change_account(patch(3.0));
    ses.get_account().send().await.unwrap();
    refusal(ses.get_account().send().await);
    send(&ses, "ops@acme.example", &["a@a.example"; 7]).await;
    let refused = refusal(mail(&ses, "ops@acme.example", &["e@a.example"]).send().await);
    assert_eq!(refused, "429 TooManyRequestsException Maximum sending rate exceeded.");
    assert_eq!(sim.journal().last().unwrap().fault.as_deref(), Some("throttle"));
    eventually("it is paid for", async || mail(&ses, "ops@acme.example", &["e@a.example"]).send().await.is_ok()).await;
    sim.throttle_sending(false);
    assert_eq!(sim.send_rate(), None);
    let other = client(&sim).await;
    for _ in 0..20 {
        send(&other, "ops@acme.example", &["f@a.example"]).await;
    }
}
