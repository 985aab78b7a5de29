//! Create, get, delete, DKIM settings, tags and configuration sets: each operation, each refusal.

use aws_sdk_sesv2::types::{DkimSigningAttributes, DkimSigningAttributesOrigin, DkimSigningKeyLength};
use ses_simulator::{IdentityPatch, Options};

use crate::common::{HOUR, by_hand, create, get, http, refusal, start, states, tag};

/// `key=value` of all tags, as Get shows them.
async fn tags(client: &aws_sdk_sesv2::Client, name: &str) -> Vec<String> {
    get(client, name).await.tags().iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect()
}

#[tokio::test]
async fn create_sets_up_easy_dkim_and_get_shows_all_of_it() {
    let (sim, ses) = start(by_hand()).await;
    let create = ses.create_email_identity().email_identity("Acme.Example").tags(tag("owner", "me")).send();
    let created = create.await.unwrap();
    assert_eq!(created.identity_type.unwrap().as_str(), "DOMAIN");
    let got = get(&ses, "ACME.example").await;
    assert!(got.feedback_forwarding_status);
    assert_eq!(got.configuration_set_name, None);
    let dkim = got.dkim_attributes.unwrap();
    assert!(dkim.signing_enabled);
    assert_eq!(dkim.tokens().len(), 3);
    assert_eq!(dkim.tokens, created.dkim_attributes.unwrap().tokens);
    assert_eq!(dkim.signing_hosted_zone.as_deref(), Some("dkim.amazonses.com"));
    assert_eq!(dkim.signing_attributes_origin.unwrap().as_str(), "AWS_SES");
    assert_eq!(dkim.current_signing_key_length.unwrap().as_str(), "RSA_2048_BIT");
    let age = sim.now().as_second() - dkim.last_key_generation_timestamp.unwrap().secs();
    assert!((0..30).contains(&age), "timestamps are epoch numbers");
    assert_eq!(tags(&ses, "acme.example").await, ["owner=me"]);
    let view = sim.identity("acme.example").unwrap();
    assert_eq!((view.name.as_str(), view.tags["owner"].as_str()), ("acme.example", "me"));
}

#[tokio::test]
async fn without_a_mail_from_domain_the_required_members_are_missing() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    let mail_from = get(&ses, "acme.example").await.mail_from_attributes.unwrap();
    assert_eq!(mail_from.behavior_on_mx_failure.as_str(), "USE_DEFAULT_VALUE");
    assert_eq!(mail_from.mail_from_domain, "", "the SDK fills the gap with nothing");
    let (_, body) = http(&sim.url(), "GET", "/v2/email/identities/acme.example", "").await;
    assert!(body.contains(r#""MailFromAttributes":{"BehaviorOnMxFailure":"USE_DEFAULT_VALUE"}"#), "{body}");
}

#[tokio::test]
async fn create_refuses_in_the_order_exists_tags_configuration_set() {
    let (sim, ses) = start(Options { max_identities: 2, ..by_hand() }).await;
    let bad_tag = || tag("aws:x", "y");
    let attempt = |name: &str| ses.create_email_identity().email_identity(name);
    create(&ses, "acme.example").await;
    let all_wrong = attempt("ACME.example").tags(bad_tag()).configuration_set_name("none").send().await;
    assert_eq!(refusal(all_wrong), "400 AlreadyExistsException Email identity ACME.example already exist.");
    let two_wrong = attempt("b.example").tags(bad_tag()).configuration_set_name("none").send().await;
    assert_eq!(refusal(two_wrong), "400 BadRequestException Tag keys must not start with aws:.");
    let no_set = attempt("b.example").configuration_set_name("none").send().await;
    assert_eq!(refusal(no_set), "404 NotFoundException Configuration set <none> does not exist.");
    assert!(sim.identity("b.example").is_none(), "a refused create leaves nothing behind");
    for name in ["example", "acme.example.", "b\u{fc}cher.example", "*.acme.example", "a@b@acme.example"] {
        assert!(refusal(attempt(name).send().await).starts_with("400 BadRequestException"), "{name}");
    }
    create(&ses, "b.example").await;
    assert!(refusal(attempt("c.example").send().await).starts_with("400 LimitExceededException"));
    let (status, body) = http(&sim.url(), "POST", "/v2/email/identities", "{}").await;
    assert_eq!(status, 400, "{body}");
    let (status, body) = http(&sim.url(), "POST", "/v2/email/identities", r#"{"EmailIdentity": 1}"#).await;
    assert_eq!(status, 400, "{body}");
}

#[tokio::test]
async fn domains_ignore_case_and_addresses_do_not() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "Ops@Acme.example").await;
    create(&ses, "Ops@acme.example").await;
    get(&ses, "Ops@Acme.example").await;
    let other = ses.get_email_identity().email_identity("ops@Acme.example").send().await;
    assert!(refusal(other).starts_with("404 NotFoundException"));
    let dkim = DkimSigningAttributes::builder().next_signing_key_length(DkimSigningKeyLength::Rsa2048Bit).build();
    let address = ses.create_email_identity().email_identity("a@acme.example").dkim_signing_attributes(dkim);
    assert!(refusal(address.send().await).starts_with("400 BadRequestException"), "DKIM is for domains");
}

#[tokio::test]
async fn delete_removes_and_then_finds_nothing() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    ses.delete_email_identity().email_identity("ACME.example").send().await.unwrap();
    let again = ses.delete_email_identity().email_identity("acme.example").send().await;
    assert_eq!(refusal(again), "404 NotFoundException Email identity acme.example does not exist.");
}

#[tokio::test]
async fn signing_is_turned_off_and_on_without_touching_the_verification() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    create(&ses, "ops@acme.example").await;
    sim.publish_dkim("acme.example").unwrap();
    sim.advance(HOUR).await;
    let put = |name: &str, on| ses.put_email_identity_dkim_attributes().email_identity(name).signing_enabled(on).send();
    for on in [false, true] {
        put("acme.example", on).await.unwrap();
        assert_eq!(get(&ses, "acme.example").await.dkim_attributes.unwrap().signing_enabled, on);
        assert_eq!(states(&ses, "acme.example").await, "SUCCESS SUCCESS true");
    }
    put("ops@acme.example", false).await.unwrap();
    assert!(sim.identity("acme.example").unwrap().signing_enabled, "an address cannot turn off its domain's");
    assert!(refusal(put("other.example", true).await).starts_with("404 NotFoundException"));
}

/// Puts signing attributes and gives `status tokens zone`, or the refusal.
async fn put_signing(
    ses: &aws_sdk_sesv2::Client,
    name: &str,
    origin: &str,
    attributes: Option<DkimSigningAttributes>,
) -> String {
    let put = ses.put_email_identity_dkim_signing_attributes().email_identity(name);
    let origin = DkimSigningAttributesOrigin::from(origin);
    match put.signing_attributes_origin(origin).set_signing_attributes(attributes).send().await {
        Ok(answer) => {
            let status = answer.dkim_status.as_ref().unwrap();
            format!("{status} {} {}", answer.dkim_tokens().join(","), answer.signing_hosted_zone().unwrap_or("-"))
        }
        refused => refusal(refused),
    }
}

#[tokio::test]
async fn signing_attributes_switch_the_kind_of_key() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.publish_dkim("acme.example").unwrap();
    sim.advance(HOUR).await;
    let easy = sim.identity("acme.example").unwrap().tokens.join(",");
    let own = || DkimSigningAttributes::builder().domain_signing_selector("sel1").domain_signing_private_key("QUJD");
    assert_eq!(put_signing(&ses, "acme.example", "EXTERNAL", Some(own().build())).await, "PENDING sel1 -");
    assert_eq!(states(&ses, "acme.example").await, "SUCCESS PENDING true", "the identity stays verified");
    let requests: Vec<_> = sim.journal().into_iter().map(|call| call.request).collect();
    assert!(!requests.concat().contains("QUJD"), "private keys are not in the journal");
    assert_eq!(
        put_signing(&ses, "acme.example", "AWS_SES", None).await,
        format!("PENDING {easy} dkim.amazonses.com"),
        "Easy DKIM has its tokens again"
    );
    let copy = put_signing(&ses, "acme.example", "AWS_SES_US_EAST_1", None).await;
    assert!(copy.starts_with("PENDING ") && !copy.contains(&easy), "the tokens of the other region: {copy}");
    assert_eq!(
        get(&ses, "acme.example").await.dkim_attributes.unwrap().signing_attributes_origin.unwrap().as_str(),
        "AWS_SES_US_EAST_1"
    );

    let with_length = own().next_signing_key_length(DkimSigningKeyLength::Rsa1024Bit).build();
    let selector_only = DkimSigningAttributes::builder().domain_signing_selector("sel1").build();
    for (name, origin, attributes, expected) in [
        (
            "ops@acme.example",
            "AWS_SES",
            None,
            "400 BadRequestException The EmailIdentity value must be a valid domain.",
        ),
        ("other.example", "AWS_SES", None, "404 NotFoundException Email identity other.example does not exist."),
        ("acme.example", "EXTERNAL", None, "400 BadRequestException EXTERNAL needs"),
        ("acme.example", "EXTERNAL", Some(selector_only), "400 BadRequestException DomainSigningSelector and"),
        ("acme.example", "EXTERNAL", Some(with_length), "400 BadRequestException NextSigningKeyLength"),
        ("acme.example", "AWS_SES", Some(own().build()), "400 BadRequestException SigningAttributesOrigin AWS_SES"),
        ("acme.example", "NONSENSE", None, "400 BadRequestException SigningAttributesOrigin NONSENSE"),
    ] {
        let answer = put_signing(&ses, name, origin, attributes).await;
        assert!(answer.starts_with(expected), "{name} {origin}: {answer}");
    }
}

#[tokio::test]
async fn the_key_length_changes_once_a_day_and_not_to_the_same() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.publish_dkim("acme.example").unwrap();
    sim.advance(HOUR).await;
    let length = |length| Some(DkimSigningAttributes::builder().next_signing_key_length(length).build());
    let same = put_signing(&ses, "acme.example", "AWS_SES", length(DkimSigningKeyLength::Rsa2048Bit)).await;
    assert!(same.contains("is already RSA_2048_BIT"), "{same}");
    let other = put_signing(&ses, "acme.example", "AWS_SES", length(DkimSigningKeyLength::Rsa1024Bit)).await;
    assert!(other.starts_with("PENDING "), "{other}");
    assert_eq!(states(&ses, "acme.example").await, "SUCCESS PENDING true", "a new key does not revoke the identity");
    let back = || put_signing(&ses, "acme.example", "AWS_SES", length(DkimSigningKeyLength::Rsa2048Bit));
    assert!(back().await.contains("at most once per day"));
    sim.advance(24 * HOUR).await;
    let dkim = get(&ses, "acme.example").await.dkim_attributes.unwrap();
    assert_eq!(dkim.current_signing_key_length.unwrap().as_str(), "RSA_1024_BIT");
    assert!(back().await.starts_with("PENDING "));
}

#[tokio::test]
async fn create_takes_a_key_of_ones_own_or_of_another_region() {
    let (_sim, ses) = start(by_hand()).await;
    let create = async |name: &str, attributes: DkimSigningAttributes| {
        let create = ses.create_email_identity().email_identity(name).dkim_signing_attributes(attributes);
        create.send().await.unwrap().dkim_attributes.unwrap()
    };
    let own =
        DkimSigningAttributes::builder().domain_signing_selector("sel1").domain_signing_private_key("QUJD").build();
    let own = create("own.example", own).await;
    assert_eq!(
        (own.signing_attributes_origin.unwrap().as_str(), own.tokens.unwrap().join(",")),
        ("EXTERNAL", "sel1".into())
    );
    assert_eq!(own.signing_hosted_zone, None);
    let origin = DkimSigningAttributesOrigin::AwsSesEuWest1;
    let copy = DkimSigningAttributes::builder().domain_signing_attributes_origin(origin).build();
    assert_eq!(create("copy.example", copy).await.signing_attributes_origin.unwrap().as_str(), "AWS_SES_EU_WEST_1");
    let short = DkimSigningAttributes::builder().next_signing_key_length(DkimSigningKeyLength::Rsa1024Bit).build();
    assert_eq!(create("short.example", short).await.current_signing_key_length.unwrap().as_str(), "RSA_1024_BIT");
}

#[tokio::test]
async fn tags_are_added_replaced_and_removed() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    let arn = "arn:aws:ses:eu-central-1:123456789012:identity/acme.example";
    ses.tag_resource().resource_arn(arn).tags(tag("a", "1")).tags(tag("b", "2")).send().await.unwrap();
    ses.tag_resource().resource_arn(arn).tags(tag("b", "3")).tags(tag("c d&e", "4 %")).send().await.unwrap();
    assert_eq!(tags(&ses, "acme.example").await, ["a=1", "b=3", "c d&e=4 %"]);
    ses.untag_resource().resource_arn(arn).tag_keys("a").tag_keys("c d&e").tag_keys("none").send().await.unwrap();
    let listed = ses.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(listed.tags().iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect::<Vec<_>>(), ["b=3"]);

    let many = (0..50).map(|number| tag(&format!("k{number}"), "v"));
    let too_many = ses.tag_resource().resource_arn(arn).set_tags(Some(many.collect())).send().await;
    assert_eq!(refusal(too_many), "400 BadRequestException A resource can have at most 50 tags.");
    let twice = ses.tag_resource().resource_arn(arn).tags(tag("x", "1")).tags(tag("x", "2")).send().await;
    assert_eq!(refusal(twice), "400 BadRequestException Tag key x is given twice.");
    let gone = ses.list_tags_for_resource().resource_arn(arn.replace("acme", "other")).send().await;
    assert_eq!(refusal(gone), "404 NotFoundException No EmailIdentity present with name: other.example");
    let elsewhere = ses.list_tags_for_resource().resource_arn(arn.replace("1234", "9999")).send().await;
    assert!(refusal(elsewhere).starts_with("400 BadRequestException"));
}

#[tokio::test]
async fn the_configuration_set_must_exist_and_can_be_cleared() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.put_configuration_set("tracked");
    let put = |name: &str, set: Option<&str>| {
        let put = ses.put_email_identity_configuration_set_attributes().email_identity(name);
        put.set_configuration_set_name(set.map(str::to_owned)).send()
    };
    put("acme.example", Some("tracked")).await.unwrap();
    assert_eq!(get(&ses, "acme.example").await.configuration_set_name.as_deref(), Some("tracked"));
    let unknown = put("acme.example", Some("none")).await;
    assert_eq!(refusal(unknown), "404 NotFoundException Configuration set <none> does not exist.");
    assert!(refusal(put("other.example", None).await).starts_with("404 NotFoundException Email identity"));
    put("acme.example", None).await.unwrap();
    assert_eq!(get(&ses, "acme.example").await.configuration_set_name, None);
    let named = ses.create_email_identity().email_identity("b.example").configuration_set_name("tracked").send();
    named.await.unwrap();
    assert_eq!(sim.identity("b.example").unwrap().configuration_set.as_deref(), Some("tracked"));
}

#[tokio::test]
async fn somebody_with_the_console_changes_things_behind_everybodys_back() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::default().tags([("team", "a")]));
    assert_eq!(states(&ses, "acme.example").await, "PENDING PENDING false", "created like any other");
    assert_eq!(tags(&ses, "acme.example").await, ["team=a"]);
    let patch = IdentityPatch::default().signing_enabled(false).origin("EXTERNAL");
    assert!(sim.change_identity("ACME.example", patch));
    let zone =
        IdentityPatch { signing_hosted_zone: Some("dkim.eu-south-1.amazonses.com".into()), ..IdentityPatch::default() };
    assert!(sim.change_identity("acme.example", zone));
    let dkim = get(&ses, "acme.example").await.dkim_attributes.unwrap();
    assert!(!dkim.signing_enabled);
    assert_eq!(dkim.signing_attributes_origin.unwrap().as_str(), "EXTERNAL");
    sim.change_identity("acme.example", IdentityPatch::default().origin("AWS_SES"));
    let dkim = get(&ses, "acme.example").await.dkim_attributes.unwrap();
    assert_eq!(dkim.signing_hosted_zone.as_deref(), Some("dkim.eu-south-1.amazonses.com"));
    assert_eq!(tags(&ses, "acme.example").await, ["team=a"], "what a patch does not name stays");
    assert!(!sim.change_identity("other.example", IdentityPatch::default()));
    assert!(!sim.remove_identity("other.example"));
    assert_eq!(sim.identities().len(), 1);
}
