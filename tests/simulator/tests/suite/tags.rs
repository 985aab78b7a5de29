//! Tags of everything that has an ARN.

use aws_sdk_sesv2::Client;
use ses_simulator::{IdentityPatch, TenantPatch};

use crate::common::{by_hand, refusal, start, tag};

/// `key=value` of all tags of a resource; or the refusal.
async fn tags(ses: &Client, arn: &str) -> String {
    match ses.list_tags_for_resource().resource_arn(arn).send().await {
        Ok(listed) => {
            listed.tags().iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect::<Vec<_>>().join(" ")
        }
        refused => refusal(refused),
    }
}

#[tokio::test]
async fn identities_configuration_sets_and_tenants_are_tagged_by_their_arns() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::default());
    sim.put_configuration_set("tracked");
    sim.put_tenant("team-a", TenantPatch::default());
    let tenant = sim.tenant("team-a").unwrap().arn;
    for arn in [sim.arn("acme.example"), sim.arn("configuration-set/tracked"), tenant.clone()] {
        ses.tag_resource().resource_arn(&arn).tags(tag("a", "1")).tags(tag("b", "2")).send().await.unwrap();
        ses.untag_resource().resource_arn(&arn).tag_keys("a").send().await.unwrap();
        assert_eq!(tags(&ses, &arn).await, "b=2", "{arn}");
    }
    assert_eq!(sim.tenant("team-a").unwrap().tags["b"], "2");
    assert_eq!(sim.identity("acme.example").unwrap().tags["b"], "2");
    let last = sim.journal().pop().unwrap();
    assert_eq!((last.identity, last.tenant.as_deref()), (None, Some("team-a")));
    assert_eq!(tags(&ses, &tenant.replace("team-a", "other")).await, "b=2", "the id alone counts");
}

#[tokio::test]
async fn what_is_not_there_has_no_tags() {
    let (sim, ses) = start(by_hand()).await;
    let prefix = sim.arn("x").replace("identity/x", "");
    for (resource, expected) in [
        ("identity/x", "404 NotFoundException No EmailIdentity present with name: x"),
        ("configuration-set/x", "404 NotFoundException No ConfigurationSet present with name: x"),
        ("tenant/x/tn-1", "404 NotFoundException No Tenant present with name: xwith tenantId: tn-1"),
    ] {
        assert_eq!(tags(&ses, &format!("{prefix}{resource}")).await, expected);
    }
    assert!(tags(&ses, &format!("{prefix}x/y")).await.starts_with("400 BadRequestException"));
}
