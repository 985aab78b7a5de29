//! Every API call, made and read by the real SDK. The model's tests cover refusals and changes.

use aws_sdk_sesv2::types::{
    BehaviorOnMxFailure, DkimSigningAttributes, DkimSigningAttributesOrigin, IdentityFilterKey,
    ListTenantResourcesFilterKey, ListTenantsFilterKey, SendingOptions, SuppressionListReason,
    TenantSuppressionAttributes,
};
use ses_simulator::IdentityPatch;

use crate::common::{HOUR, by_hand, create, create_tenant, get, http, refusal, start, states, tag};

const ACME: &str = "arn:aws:ses:eu-central-1:123456789012:identity/acme.example";
const TRACKED: &str = "arn:aws:ses:eu-central-1:123456789012:configuration-set/tracked";

#[tokio::test]
async fn an_identity_is_created_shown_and_deleted() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_configuration_set("tracked");
    let create = ses.create_email_identity().email_identity("Acme.Example").tags(tag("owner", "me"));
    let created = create.configuration_set_name("tracked").send().await.unwrap();
    assert_eq!(created.identity_type.unwrap().as_str(), "DOMAIN");
    let got = get(&ses, "ACME.example").await;
    assert!(got.feedback_forwarding_status && got.policies().is_some_and(std::collections::HashMap::is_empty));
    assert_eq!((got.configuration_set_name(), got.tags()), (Some("tracked"), [tag("owner", "me")].as_slice()));
    let dkim = got.dkim_attributes.unwrap();
    assert!(dkim.signing_enabled);
    assert_eq!(dkim.tokens, created.dkim_attributes.unwrap().tokens);
    assert_eq!(dkim.signing_hosted_zone.as_deref(), Some("dkim.amazonses.com"));
    assert_eq!(dkim.signing_attributes_origin.unwrap().as_str(), "AWS_SES");
    assert_eq!(dkim.current_signing_key_length.unwrap().as_str(), "RSA_2048_BIT");
    let age = sim.now().as_second() - dkim.last_key_generation_timestamp.unwrap().secs();
    assert!((0..30).contains(&age), "timestamps are epoch numbers");
    let mail_from = got.mail_from_attributes.unwrap();
    assert_eq!(mail_from.behavior_on_mx_failure.as_str(), "USE_DEFAULT_VALUE");
    assert_eq!(mail_from.mail_from_domain, "", "the SDK fills the gap with nothing");
    sim.advance(HOUR).await;
    let info = get(&ses, "acme.example").await.verification_info.unwrap();
    assert_eq!(info.error_type.unwrap().as_str(), "HOST_NOT_FOUND");
    assert_eq!(info.soa_record.unwrap().primary_name_server.as_deref(), Some("ns1.acme.example"));
    ses.delete_email_identity().email_identity("acme.example").send().await.unwrap();
    assert!(sim.identities().is_empty());
}

#[tokio::test]
async fn an_identity_is_set_up() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.put_configuration_set("tracked");
    ses.put_email_identity_dkim_attributes()
        .email_identity("acme.example")
        .signing_enabled(false)
        .send()
        .await
        .unwrap();
    let set = ses.put_email_identity_configuration_set_attributes().email_identity("acme.example");
    set.configuration_set_name("tracked").send().await.unwrap();
    let put = ses.put_email_identity_mail_from_attributes().email_identity("acme.example");
    let put = put.mail_from_domain("b.acme.example").behavior_on_mx_failure(BehaviorOnMxFailure::RejectMessage);
    put.send().await.unwrap();
    let own =
        DkimSigningAttributes::builder().domain_signing_selector("sel1").domain_signing_private_key("QUJD").build();
    let put = ses.put_email_identity_dkim_signing_attributes().email_identity("acme.example").signing_attributes(own);
    let answer = put.signing_attributes_origin(DkimSigningAttributesOrigin::External).send().await.unwrap();
    assert_eq!((answer.dkim_tokens(), answer.signing_hosted_zone()), (["sel1".to_owned()].as_slice(), None));
    assert_eq!(states(&ses, "acme.example").await, "PENDING PENDING false");
    let got = get(&ses, "acme.example").await;
    assert_eq!(got.configuration_set_name(), Some("tracked"));
    assert!(!got.dkim_attributes().unwrap().signing_enabled);
    let mail_from = got.mail_from_attributes.unwrap();
    assert_eq!(
        (mail_from.mail_from_domain(), mail_from.mail_from_domain_status.as_str()),
        ("b.acme.example", "PENDING")
    );
    assert_eq!(mail_from.behavior_on_mx_failure.as_str(), "REJECT_MESSAGE");
    let requests: Vec<_> = sim.journal().into_iter().map(|call| call.request).collect();
    assert!(!requests.concat().contains("QUJD"), "private keys are not in the journal");
}

#[tokio::test]
async fn a_policy_is_created_updated_shown_and_deleted_without_its_white_space() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    let policy = |action: &str| {
        format!(r#"{{"Statement":{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"{ACME}"}}}}"#)
    };
    let create = ses.create_email_identity_policy().email_identity("acme.example").policy_name("one");
    create.policy(policy("a").replace(",\"", " ,\n  \"")).send().await.unwrap();
    let listed = ses.get_email_identity_policies().email_identity("acme.example").send().await.unwrap();
    assert_eq!(listed.policies.unwrap()["one"], policy("a"));
    let update = ses.update_email_identity_policy().email_identity("acme.example").policy_name("one");
    update.policy(policy("b c")).send().await.unwrap();
    assert_eq!(get(&ses, "acme.example").await.policies.unwrap()["one"], policy("b c"));
    ses.delete_email_identity_policy().email_identity("acme.example").policy_name("one").send().await.unwrap();
    assert!(get(&ses, "acme.example").await.policies.unwrap().is_empty());
    assert_eq!(sim.journal()[1].identity.as_deref(), Some("acme.example"));
}

#[tokio::test]
async fn tags_are_added_listed_and_removed() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    ses.tag_resource().resource_arn(ACME).tags(tag("a", "1")).tags(tag("c d&e", "4 %")).send().await.unwrap();
    let listed = ses.list_tags_for_resource().resource_arn(ACME).send().await.unwrap();
    assert_eq!(listed.tags(), [tag("a", "1"), tag("c d&e", "4 %")]);
    ses.untag_resource().resource_arn(ACME).tag_keys("a").tag_keys("c d&e").send().await.unwrap();
    assert!(get(&ses, "acme.example").await.tags().is_empty());
}

#[tokio::test]
async fn identities_are_listed_by_pages_and_filters() {
    let (sim, ses) = start(by_hand()).await;
    for name in ["acme.example", "other.example", "ops@acme.example"] {
        sim.put_identity(name, IdentityPatch::default());
    }
    let first = ses.list_email_identities().page_size(2).send().await.unwrap();
    let rest = ses.list_email_identities().set_next_token(first.next_token.clone()).send().await.unwrap();
    assert_eq!((first.email_identities().len(), rest.email_identities().len(), rest.next_token), (2, 1, None));
    let filtered = ses.list_email_identities().filter(IdentityFilterKey::IdentityType, "EMAIL_ADDRESS").send().await;
    let filtered = filtered.unwrap();
    let filtered = &filtered.email_identities()[0];
    let (kind, status) = (filtered.identity_type().unwrap(), filtered.verification_status().unwrap());
    assert_eq!(
        (filtered.identity_name(), kind.as_str(), status.as_str()),
        (Some("ops@acme.example"), "EMAIL_ADDRESS", "PENDING")
    );
}

#[tokio::test]
async fn an_address_travels_in_a_path_in_any_spelling() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "a+b/c=d%25@acme.example").await;
    get(&ses, "a+b/c=d%25@acme.example").await;
    let (status, _) = http(&sim.url(), "GET", "/v2/email/identities/a%2Bb%2Fc%3Dd%2525%40acme.example", "").await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_configuration_set_is_created_shown_and_deleted() {
    let (sim, ses) = start(by_hand()).await;
    let off = SendingOptions::builder().sending_enabled(false).build();
    let create = ses.create_configuration_set().configuration_set_name("tracked").tags(tag("a", "b"));
    create.sending_options(off).send().await.unwrap();
    let got = ses.get_configuration_set().configuration_set_name("tracked").send().await.unwrap();
    assert_eq!((got.configuration_set_name(), got.tags()), (Some("tracked"), [tag("a", "b")].as_slice()));
    assert!(!got.sending_options().unwrap().sending_enabled);
    assert!(got.reputation_options().unwrap().reputation_metrics_enabled);
    ses.delete_configuration_set().configuration_set_name("tracked").send().await.unwrap();
    assert!(sim.configuration_sets().is_empty());
}

#[tokio::test]
async fn a_tenant_is_created_shown_listed_and_deleted() {
    let (sim, ses) = start(by_hand()).await;
    let suppression = TenantSuppressionAttributes::builder().suppressed_reasons(SuppressionListReason::Bounce);
    let suppression = suppression.suppression_scope("TENANT".into()).build();
    let create = ses.create_tenant().tenant_name("team-a").tags(tag("owner", "a"));
    let created = create.suppression_attributes(suppression.clone()).send().await.unwrap();
    let id = created.tenant_id().unwrap();
    assert_eq!(created.tenant_arn().unwrap(), format!("arn:aws:ses:eu-central-1:123456789012:tenant/team-a/{id}"));
    let got = ses.get_tenant().tenant_name("team-a").send().await.unwrap().tenant.unwrap();
    assert_eq!(
        (got.tenant_id(), got.tenant_name(), got.tags()),
        (Some(id), Some("team-a"), [tag("owner", "a")].as_slice())
    );
    assert_eq!((got.sending_status().unwrap().as_str(), got.suppression_attributes()), ("ENABLED", Some(&suppression)));
    let age = sim.now().as_second() - got.created_timestamp.unwrap().secs();
    assert!((0..30).contains(&age), "timestamps are epoch numbers");
    let listed = ses.list_tenants().filter(ListTenantsFilterKey::TenantNameContains, "TEAM").send().await.unwrap();
    assert_eq!((listed.tenants()[0].tenant_id(), listed.next_token()), (Some(id), None));
    ses.delete_tenant().tenant_name("team-a").send().await.unwrap();
    assert!(sim.tenants().is_empty());
    assert_eq!(http(&sim.url(), "POST", "/v2/email/tenants/list", "").await.0, 200, "a body may be left out");
}

#[tokio::test]
async fn resources_are_associated_listed_from_both_sides_and_let_go() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    create_tenant(&ses, "team-a").await;
    sim.put_configuration_set("tracked");
    for arn in [ACME, TRACKED] {
        ses.create_tenant_resource_association().tenant_name("team-a").resource_arn(arn).send().await.unwrap();
    }
    let listed = ses.list_tenant_resources().tenant_name("team-a").send().await.unwrap();
    let kinds: Vec<_> = listed.tenant_resources().iter().map(|it| it.resource_type().unwrap().as_str()).collect();
    assert_eq!(kinds, ["configuration-set", "identity"], "words the SDK does not know");
    let filtered = ses.list_tenant_resources().tenant_name("team-a");
    let filtered = filtered.filter(ListTenantResourcesFilterKey::ResourceType, "identity").send().await.unwrap();
    assert_eq!(filtered.tenant_resources()[0].resource_arn(), Some(ACME));
    let tenants = ses.list_resource_tenants().resource_arn(ACME).send().await.unwrap();
    let first = &tenants.resource_tenants()[0];
    assert_eq!((first.tenant_id(), first.tenant_name()), (Some(&*sim.tenant("team-a").unwrap().id), Some("team-a")));
    assert!((0..30).contains(&(sim.now().as_second() - first.associated_timestamp.unwrap().secs())));
    let refused = refusal(ses.delete_email_identity().email_identity("acme.example").send().await);
    assert!(refused.contains("because it has tenant associations"), "{refused}");
    ses.delete_tenant_resource_association().tenant_name("team-a").resource_arn(ACME).send().await.unwrap();
    ses.delete_email_identity().email_identity("acme.example").send().await.unwrap();
    let calls = sim.journal();
    let call = calls.iter().find(|call| call.operation == "DeleteTenantResourceAssociation").unwrap();
    assert_eq!((call.identity.as_deref(), call.tenant.as_deref()), (Some("acme.example"), Some("team-a")));
}
