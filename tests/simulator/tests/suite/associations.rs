//! Which resources belong to which tenants, and that what belongs to one is not deleted.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::ListTenantResourcesFilterKey;
use ses_simulator::{Fault, FaultKind, IdentityPatch, NoSuch, Options, TenantPatch};

use crate::common::{HOUR, by_hand, create, create_tenant, http, refusal, start};

const ACME: &str = "arn:aws:ses:eu-central-1:123456789012:identity/acme.example";
const TRACKED: &str = "arn:aws:ses:eu-central-1:123456789012:configuration-set/tracked";

/// Associates; the refusal, or `ok`.
async fn associate(ses: &Client, tenant: &str, arn: &str) -> String {
    match ses.create_tenant_resource_association().tenant_name(tenant).resource_arn(arn).send().await {
        Ok(_) => "ok".to_owned(),
        refused => refusal(refused),
    }
}

/// Ends an association; the refusal, or `ok`.
async fn disassociate(ses: &Client, tenant: &str, arn: &str) -> String {
    match ses.delete_tenant_resource_association().tenant_name(tenant).resource_arn(arn).send().await {
        Ok(_) => "ok".to_owned(),
        refused => refusal(refused),
    }
}

/// ARNs of a tenant's resources.
async fn resources(ses: &Client, tenant: &str) -> Vec<String> {
    let listed = ses.list_tenant_resources().tenant_name(tenant).send().await.unwrap();
    listed.tenant_resources().iter().map(|it| it.resource_arn.clone().unwrap()).collect()
}

/// Names of a resource's tenants.
async fn tenants(ses: &Client, arn: &str) -> Vec<String> {
    let listed = ses.list_resource_tenants().resource_arn(arn).send().await.unwrap();
    listed.resource_tenants().iter().map(|it| it.tenant_name.clone().unwrap()).collect()
}

#[tokio::test]
async fn an_identity_may_belong_to_several_tenants_and_both_sides_list_it() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.put_configuration_set("tracked");
    for tenant in ["team-b", "team-a"] {
        create_tenant(&ses, tenant).await;
        assert_eq!(associate(&ses, tenant, ACME).await, "ok");
        sim.advance(HOUR).await;
    }
    assert_eq!(associate(&ses, "team-a", TRACKED).await, "ok");
    assert_eq!(resources(&ses, "team-a").await, [TRACKED, ACME], "in the order of their ARNs");
    assert_eq!(tenants(&ses, ACME).await, ["team-b", "team-a"], "the oldest association first");
    let listed = ses.list_resource_tenants().resource_arn(ACME).send().await.unwrap();
    let first = &listed.resource_tenants()[0];
    assert_eq!((first.tenant_id(), first.resource_arn()), (Some(&*sim.tenant("team-b").unwrap().id), Some(ACME)));
    let age = sim.now().as_second() - first.associated_timestamp.unwrap().secs();
    assert!((7200..7230).contains(&age), "{age}");
    assert_eq!(sim.identity("acme.example").unwrap().tenants, ["team-b", "team-a"]);
    assert_eq!(sim.tenant("team-a").unwrap().resources, [TRACKED, ACME]);
}

#[tokio::test]
async fn resource_types_are_the_words_of_arns_and_not_those_of_the_api_model() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    sim.put_configuration_set("tracked");
    sim.put_tenant("team-a", TenantPatch::default());
    sim.associate("team-a", "acme.example").unwrap();
    sim.associate("team-a", TRACKED).unwrap();
    let listed = ses.list_tenant_resources().tenant_name("team-a").send().await.unwrap();
    let kinds: Vec<_> = listed.tenant_resources().iter().map(|it| it.resource_type().unwrap().as_str()).collect();
    assert_eq!(kinds, ["configuration-set", "identity"], "words the SDK does not know");
    let filtered = async |word: &str| {
        let list = ses.list_tenant_resources().tenant_name("team-a");
        match list.filter(ListTenantResourcesFilterKey::ResourceType, word).send().await {
            Ok(page) => page.tenant_resources().iter().filter_map(|it| it.resource_arn.clone()).collect(),
            refused => refusal(refused),
        }
    };
    assert_eq!(filtered("identity").await, ACME);
    assert_eq!(filtered("template").await, "");
    let refused = "400 BadRequestException Invalid resource type EMAIL_IDENTITY specified.";
    assert_eq!(filtered("EMAIL_IDENTITY").await, refused);
}

#[tokio::test]
async fn a_second_association_is_refused_or_not_as_the_options_say() {
    let exists = format!("400 AlreadyExistsException Resources {ACME} has already been associated with tenant team-a");
    for (fails, expected) in [(true, exists.as_str()), (false, "ok")] {
        let (_sim, ses) = start(Options { duplicate_association_fails: fails, ..by_hand() }).await;
        create(&ses, "acme.example").await;
        create_tenant(&ses, "team-a").await;
        assert_eq!(associate(&ses, "team-a", ACME).await, "ok");
        assert_eq!(associate(&ses, "team-a", &ACME.replace("acme", "ACME")).await, expected);
        assert_eq!(resources(&ses, "team-a").await, [ACME]);
    }
}

#[tokio::test]
async fn ending_an_association_that_does_not_exist_succeeds_silently() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    create_tenant(&ses, "team-a").await;
    associate(&ses, "team-a", ACME).await;
    for _ in 0..2 {
        assert_eq!(disassociate(&ses, "team-a", ACME).await, "ok");
        assert_eq!(tenants(&ses, ACME).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn tenant_and_resource_must_exist_here() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    create_tenant(&ses, "team-a").await;
    let prefix = ACME.strip_suffix("identity/acme.example").unwrap();
    let bad = "400 BadRequestException";
    for (tenant, arn, expected) in [
        ("team-a", "acme.example", format!("{bad} Provided resource identifier is not an SES resource")),
        ("team-a", &format!("{prefix}identity/"), format!("{bad} Provided resource identifier is not an SES resource")),
        (
            "team-a",
            "arn:aws:sns:eu-central-1:123456789012:x",
            format!("{bad} Provided ARN is not in SES resource ARN format"),
        ),
        ("team-a", &format!("{prefix}tenant/x/y"), format!("{bad} Unsupported resource type: tenant")),
        (
            "team-a",
            &ACME.replace("eu-central-1", "us-east-1"),
            format!("{bad} Resource <{}> must be in the same region", ACME.replace("eu-central-1", "us-east-1")),
        ),
        (
            "team-a",
            &ACME.replace("123456789012", "999999999999"),
            format!("{bad} Resource <{}> must be in the same account", ACME.replace("123456789012", "999999999999")),
        ),
        ("team-b", ACME, "404 NotFoundException The requested tenant <team-b> does not exist.".to_owned()),
        ("", ACME, format!("{bad} TenantName cannot be empty")),
        (
            "team-a",
            &ACME.replace("acme", "other"),
            "404 NotFoundException Identity <other.example> does not exist".to_owned(),
        ),
        ("team-a", TRACKED, "404 NotFoundException Configuration set <tracked> does not exist:".to_owned()),
        (
            "team-a",
            &format!("{prefix}template/x"),
            "404 NotFoundException Email template <x> does not exist".to_owned(),
        ),
    ] {
        assert_eq!(associate(&ses, tenant, arn).await, expected, "{tenant} {arn}");
        assert_eq!(disassociate(&ses, tenant, arn).await, expected, "{tenant} {arn}");
        if tenant == "team-a" {
            assert_eq!(refusal(ses.list_resource_tenants().resource_arn(arn).send().await), expected, "{arn}");
        }
    }
    let unknown = ses.list_tenant_resources().tenant_name("team-b").send().await;
    assert_eq!(refusal(unknown), "404 NotFoundException The requested tenant <team-b> does not exist.");
}

#[tokio::test]
async fn what_belongs_to_a_tenant_is_not_deleted() {
    let (_sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    create_tenant(&ses, "team-a").await;
    associate(&ses, "team-a", ACME).await;
    let delete = || ses.delete_email_identity().email_identity("ACME.example").send();
    let refused = format!(
        "400 BadRequestException Cannot delete <{ACME}> because it has tenant associations. Remove all tenant \
         associations and try again."
    );
    assert_eq!(refusal(delete().await), refused);
    disassociate(&ses, "team-a", ACME).await;
    delete().await.unwrap();
}

#[tokio::test]
async fn deleting_a_tenant_ends_its_associations_and_no_others() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    for tenant in ["team-a", "team-b"] {
        create_tenant(&ses, tenant).await;
        associate(&ses, tenant, ACME).await;
    }
    ses.delete_tenant().tenant_name("team-a").send().await.unwrap();
    assert_eq!(tenants(&ses, ACME).await, ["team-b"]);
    create_tenant(&ses, "team-a").await;
    assert_eq!(resources(&ses, "team-a").await, Vec::<String>::new(), "a new tenant of the name starts empty");
    assert!(sim.remove_tenant("team-b"));
    ses.delete_email_identity().email_identity("acme.example").send().await.unwrap();
}

#[tokio::test]
async fn both_lists_have_pages_bound_to_their_tenant_or_resource() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_tenant("team-a", TenantPatch::default());
    sim.put_tenant("team-b", TenantPatch::default());
    for number in 0..5 {
        let name = format!("d{number}.example");
        sim.put_identity(&name, IdentityPatch::default());
        sim.associate("team-a", &name).unwrap();
        sim.associate("team-b", &name).unwrap();
    }
    let first = ses.list_tenant_resources().tenant_name("team-a").page_size(3).send().await.unwrap();
    let token = first.next_token.clone();
    let rest = ses.list_tenant_resources().tenant_name("team-a").set_next_token(token.clone()).send().await.unwrap();
    assert_eq!((first.tenant_resources().len(), rest.tenant_resources().len(), rest.next_token), (3, 2, None));
    let other = ses.list_tenant_resources().tenant_name("team-b").set_next_token(token).send().await;
    assert_eq!(refusal(other), "400 BadRequestException Invalid Next Token");

    let arn = sim.arn("d0.example");
    let first = ses.list_resource_tenants().resource_arn(&arn).page_size(1).send().await.unwrap();
    let token = first.next_token.clone();
    let rest = ses.list_resource_tenants().resource_arn(&arn).set_next_token(token.clone()).send().await.unwrap();
    let names = [first, rest].map(|page| page.resource_tenants()[0].tenant_name.clone().unwrap());
    assert_eq!(names, ["team-a", "team-b"]);
    let other = ses.list_resource_tenants().resource_arn(sim.arn("d1.example")).set_next_token(token).send().await;
    assert_eq!(refusal(other), "400 BadRequestException Invalid Next Token");
}

#[tokio::test]
async fn tenant_calls_are_journalled_throttled_and_struck_by_faults_like_all_others() {
    let (sim, ses) = start(by_hand()).await;
    create(&ses, "acme.example").await;
    create_tenant(&ses, "team-a").await;
    associate(&ses, "team-a", ACME).await;
    let call = sim.journal().pop().unwrap();
    assert_eq!(
        (call.operation.as_str(), call.identity.as_deref(), call.tenant.as_deref()),
        ("CreateTenantResourceAssociation", Some("acme.example"), Some("team-a"))
    );
    sim.fault(Fault::throttled().on("ListResourceTenants").identity("acme.example").times(1));
    let refused = ses.list_resource_tenants().resource_arn(ACME).send().await;
    assert_eq!(refusal(refused), "429 TooManyRequestsException Rate exceeded");
    for (kind, shown, token) in
        [(FaultKind::EmptyPage, 0, true), (FaultKind::EmptyList, 0, false), (FaultKind::TruncatedPage, 0, false)]
    {
        sim.fault(Fault::new(kind.clone()).times(1));
        let page = ses.list_resource_tenants().resource_arn(ACME).send().await.unwrap();
        assert_eq!((page.resource_tenants().len(), page.next_token.is_some()), (shown, token), "{kind:?}");
        let again =
            ses.list_resource_tenants().resource_arn(ACME).set_next_token(page.next_token).send().await.unwrap();
        assert_eq!(again.resource_tenants().len(), 1, "{kind:?}");
    }
    sim.throttle(Some(0.0));
    assert_eq!(disassociate(&ses, "team-a", ACME).await, "ok", "the one call of this second");
    assert_eq!(associate(&ses, "team-a", ACME).await, "429 TooManyRequestsException Rate exceeded");
}

#[tokio::test]
async fn somebody_with_the_console_moves_resources_between_tenants() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::default());
    sim.put_configuration_set("tracked");
    sim.put_tenant("team-a", TenantPatch { tags: Some([("a".into(), "b".into())].into()), ..TenantPatch::default() });
    for resource in ["ACME.example", "configuration-set/tracked", ACME] {
        sim.associate("team-a", resource).unwrap();
    }
    assert_eq!(resources(&ses, "team-a").await, [TRACKED, ACME]);
    assert_eq!(sim.disassociate("team-a", "configuration-set/tracked"), Ok(true));
    assert_eq!(sim.disassociate("team-a", TRACKED), Ok(false));
    assert_eq!(sim.associate("team-b", ACME), Err(NoSuch::Tenant("team-b".into())));
    assert_eq!(sim.associate("team-a", "other.example"), Err(NoSuch::Resource("other.example".into())));
    sim.put_tenant("team-a", TenantPatch::default());
    let view = sim.tenant("team-a").unwrap();
    assert_eq!((view.tags["a"].as_str(), view.resources.len()), ("b", 1), "what a patch does not name stays");
    assert!(sim.remove_identity("acme.example"), "by hand the guard is overcome");
    assert_eq!(sim.tenant("team-a").unwrap().resources, Vec::<String>::new());
    assert_eq!(http(&sim.url(), "POST", "/v2/email/tenants/list", "").await.0, 200);
    assert!(sim.remove_tenant("team-a") && !sim.remove_tenant("team-a"));
}
