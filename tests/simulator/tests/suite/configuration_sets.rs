//! Configuration sets, as far as identities and tenants need them.

use aws_sdk_sesv2::types::{SendingOptions, TlsPolicy};
use ses_simulator::TenantPatch;

use crate::common::{by_hand, get, http, refusal, start, tag};

const TRACKED: &str = "arn:aws:ses:eu-central-1:123456789012:configuration-set/tracked";

#[tokio::test]
async fn create_get_and_delete() {
    let (sim, ses) = start(by_hand()).await;
    ses.create_configuration_set().configuration_set_name("tracked").tags(tag("a", "b")).send().await.unwrap();
    assert_eq!(sim.configuration_sets(), ["tracked"]);
    let got = ses.get_configuration_set().configuration_set_name("tracked").send().await.unwrap();
    assert_eq!((got.configuration_set_name(), got.tags()), (Some("tracked"), [tag("a", "b")].as_slice()));
    assert!(got.sending_options().unwrap().sending_enabled);
    assert!(got.reputation_options().unwrap().reputation_metrics_enabled);
    ses.delete_configuration_set().configuration_set_name("tracked").send().await.unwrap();
    let missing = "404 NotFoundException Configuration set <tracked> does not exist.";
    assert_eq!(refusal(ses.get_configuration_set().configuration_set_name("tracked").send().await), missing);
    assert_eq!(refusal(ses.delete_configuration_set().configuration_set_name("tracked").send().await), missing);
}

#[tokio::test]
async fn it_gives_back_the_options_it_was_given() {
    let (_sim, ses) = start(by_hand()).await;
    let delivery = aws_sdk_sesv2::types::DeliveryOptions::builder().tls_policy(TlsPolicy::Require).build();
    ses.create_configuration_set()
        .configuration_set_name("tracked")
        .sending_options(SendingOptions::builder().sending_enabled(false).build())
        .delivery_options(delivery.clone())
        .send()
        .await
        .unwrap();
    let got = ses.get_configuration_set().configuration_set_name("tracked").send().await.unwrap();
    assert!(!got.sending_options().unwrap().sending_enabled);
    assert_eq!(got.delivery_options(), Some(&delivery));
    assert_eq!(got.tracking_options(), None);
}

#[tokio::test]
async fn create_refuses_bad_names_bad_tags_and_what_exists() {
    let (sim, ses) = start(by_hand()).await;
    let attempt = |name: &str| ses.create_configuration_set().configuration_set_name(name);
    for name in ["", "a b", "a.b", &"a".repeat(65)] {
        let refused = refusal(attempt(name).send().await);
        assert!(refused.starts_with("400 BadRequestException Invalid configuration set name"), "{refused}");
    }
    let (status, body) = http(&sim.url(), "POST", "/v2/email/configuration-sets", "{}").await;
    assert!(status == 400 && body.contains("Value at 'configurationSetName' failed"), "{body}");
    let bad_tag = attempt("tracked").tags(tag("aws:x", "y")).send().await;
    assert_eq!(refusal(bad_tag), "400 BadRequestException Tag keys must not start with aws:.");
    attempt(&"a".repeat(64)).send().await.unwrap();
    attempt("tracked").send().await.unwrap();
    let again = refusal(attempt("tracked").send().await);
    assert_eq!(again, "400 AlreadyExistsException Configuration set tracked already exists.");
    for number in 0..9_998 {
        sim.put_configuration_set(&format!("s{number}"));
    }
    assert!(refusal(attempt("over").send().await).starts_with("400 LimitExceededException"));
}

#[tokio::test]
async fn one_that_belongs_to_a_tenant_is_not_deleted() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_configuration_set("tracked");
    sim.put_tenant("team-a", TenantPatch::default());
    sim.associate("team-a", TRACKED).unwrap();
    let delete = || ses.delete_configuration_set().configuration_set_name("tracked").send();
    let refused = format!(
        "400 BadRequestException Cannot delete <{TRACKED}> because it has tenant associations. Remove all tenant \
         associations and try again."
    );
    assert_eq!(refusal(delete().await), refused);
    sim.disassociate("team-a", TRACKED).unwrap();
    delete().await.unwrap();
}

#[tokio::test]
async fn an_identity_keeps_the_name_of_a_default_that_is_deleted() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_configuration_set("tracked");
    let create = ses.create_email_identity().email_identity("acme.example").configuration_set_name("tracked");
    create.send().await.unwrap();
    ses.delete_configuration_set().configuration_set_name("tracked").send().await.unwrap();
    assert_eq!(get(&ses, "acme.example").await.configuration_set_name.as_deref(), Some("tracked"));
    sim.put_configuration_set("tracked");
    sim.put_tenant("team-a", TenantPatch::default());
    sim.associate("team-a", TRACKED).unwrap();
    assert!(sim.remove_configuration_set("tracked"), "by hand the guard is overcome");
    assert_eq!(sim.tenant("team-a").unwrap().resources, Vec::<String>::new());
}
