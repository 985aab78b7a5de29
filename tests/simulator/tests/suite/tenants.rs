//! Tenants: create, get, list, delete, and each refusal.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::{ListTenantsFilterKey as Key, SuppressionListReason, TenantSuppressionAttributes};
use ses_simulator::{Options, SendingStatus, TenantPatch};

use crate::common::{by_hand, create_tenant, http, refusal, start, tag};

#[tokio::test]
async fn create_and_get_show_the_same_tenant() {
    let (sim, ses) = start(by_hand()).await;
    let created = ses.create_tenant().tenant_name("team-a").tags(tag("owner", "a")).send().await.unwrap();
    let id = created.tenant_id().unwrap();
    assert!(id.starts_with("tn-") && id.len() == 33 && id[3..].bytes().all(|it| it.is_ascii_hexdigit()), "{id}");
    assert_eq!(created.tenant_arn().unwrap(), format!("arn:aws:ses:eu-central-1:123456789012:tenant/team-a/{id}"));
    let got = ses.get_tenant().tenant_name("team-a").send().await.unwrap().tenant.unwrap();
    assert_eq!((got.tenant_id(), got.tenant_name()), (Some(id), Some("team-a")));
    assert_eq!(got.sending_status().unwrap().as_str(), "ENABLED");
    assert_eq!(got.tags(), [tag("owner", "a")]);
    assert_eq!(got.suppression_attributes, None);
    let age = sim.now().as_second() - got.created_timestamp.unwrap().secs();
    assert!((0..30).contains(&age), "timestamps are epoch numbers");
    assert_eq!(sim.tenant("team-a").unwrap().id, id);
}

#[tokio::test]
async fn a_tenant_that_is_created_again_has_another_id() {
    let (sim, ses) = start(by_hand()).await;
    create_tenant(&ses, "team-a").await;
    let first = sim.tenant("team-a").unwrap().id;
    ses.delete_tenant().tenant_name("team-a").send().await.unwrap();
    assert_eq!(sim.tenant("team-a"), None);
    create_tenant(&ses, "team-a").await;
    assert_ne!(sim.tenant("team-a").unwrap().id, first);
}

#[tokio::test]
async fn create_refuses_bad_names_bad_tags_existing_tenants_and_too_many() {
    let (sim, ses) = start(Options { max_tenants: 2, ..by_hand() }).await;
    create_tenant(&ses, "team-a").await;
    let long = "a".repeat(65);
    let validation = "400 BadRequestException 1 validation error detected: Value at 'tenantName' failed to satisfy \
                      constraint: Member must";
    for (name, expected) in [
        ("", format!("{validation} have length greater than or equal to 1")),
        (" ", "400 BadRequestException TenantName cannot be empty".to_owned()),
        (&long, "400 BadRequestException TenantName cannot exceed 64 characters.".to_owned()),
        (
            "team.a",
            "400 BadRequestException Invalid tenant name <team.a>: only alphanumeric ASCII characters, '_', and '-' \
             are allowed."
                .to_owned(),
        ),
        (
            "team-a",
            "400 AlreadyExistsException Tenant with name team-a already exists in account 123456789012".to_owned(),
        ),
    ] {
        assert_eq!(refusal(ses.create_tenant().tenant_name(name).send().await), expected, "{name}");
    }
    let (_, body) = http(&sim.url(), "POST", "/v2/email/tenants", "{}").await;
    assert!(body.contains("Member must not be null"), "{body}");
    let bad_tag = ses.create_tenant().tenant_name("team-b").tags(tag("aws:x", "y")).send().await;
    assert_eq!(refusal(bad_tag), "400 BadRequestException Tag keys must not start with aws:.");
    create_tenant(&ses, &"b".repeat(64)).await;
    let too_many = ses.create_tenant().tenant_name("team-c").send().await;
    assert!(refusal(too_many).starts_with("400 LimitExceededException"));
    assert_eq!(sim.tenants().len(), 2, "a refused create leaves nothing behind");
}

#[tokio::test]
async fn suppression_attributes_come_in_pairs() {
    let (_sim, ses) = start(by_hand()).await;
    let attempt = |name: &str, attributes: TenantSuppressionAttributes| {
        ses.create_tenant().tenant_name(name).suppression_attributes(attributes).send()
    };
    let reasons = || TenantSuppressionAttributes::builder().suppressed_reasons(SuppressionListReason::Bounce);
    let whole = reasons().suppression_scope("TENANT".into()).build();
    let shown = attempt("team-a", whole.clone()).await.unwrap().suppression_attributes;
    assert_eq!(shown, Some(whole));
    let refused = refusal(attempt("team-b", reasons().build()).await);
    assert_eq!(refused, "400 BadRequestException SuppressedReasons cannot be specified without SuppressionScope.");
    let scope = TenantSuppressionAttributes::builder().suppression_scope("TENANT".into()).build();
    let refused = refusal(attempt("team-b", scope).await);
    assert_eq!(refused, "400 BadRequestException SuppressionScope cannot be specified without SuppressedReasons.");
}

#[tokio::test]
async fn get_and_delete_need_the_name_of_a_tenant_that_exists() {
    let (_sim, ses) = start(by_hand()).await;
    let missing = "404 NotFoundException The requested tenant <team-a> does not exist.";
    assert_eq!(refusal(ses.get_tenant().tenant_name("team-a").send().await), missing);
    assert_eq!(refusal(ses.delete_tenant().tenant_name("team-a").send().await), missing);
    let empty = "400 BadRequestException TenantName cannot be empty";
    assert_eq!(refusal(ses.get_tenant().tenant_name("").send().await), empty);
    assert_eq!(refusal(ses.delete_tenant().tenant_name("").send().await), empty);
}

/// The names on each page.
async fn pages(ses: &Client, size: Option<i32>) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut token = None;
    loop {
        let page = ses.list_tenants().set_page_size(size).set_next_token(token).send().await.unwrap();
        pages.push(page.tenants().iter().map(|it| it.tenant_name.clone().unwrap()).collect());
        token = page.next_token;
        if token.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn the_list_has_pages_in_the_order_of_names() {
    let (sim, ses) = start(by_hand()).await;
    assert_eq!(pages(&ses, None).await, [Vec::<String>::new()]);
    for number in (0..120).rev() {
        sim.put_tenant(&format!("t{number:03}"), TenantPatch::default());
    }
    let all: Vec<String> = (0..120).map(|number| format!("t{number:03}")).collect();
    for (size, lengths) in [(None, vec![100, 20]), (Some(60), vec![60, 60]), (Some(50), vec![50, 50, 20])] {
        let pages = pages(&ses, size).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "page size {size:?}");
        assert_eq!(pages.concat(), all);
    }
}

#[tokio::test]
async fn the_list_is_filtered_by_name_and_sending_status() {
    let (sim, ses) = start(by_hand()).await;
    for name in ["Team-a", "team-b", "other"] {
        sim.put_tenant(name, TenantPatch::default());
    }
    sim.put_tenant("team-b", TenantPatch { sending_status: Some(SendingStatus::Disabled), ..TenantPatch::default() });
    let list = async |filters: &[(Key, &str)]| {
        let list = filters.iter().fold(ses.list_tenants(), |list, (key, value)| list.filter(key.clone(), *value));
        match list.send().await {
            Ok(page) => {
                let line = |it: &aws_sdk_sesv2::types::TenantInfo| {
                    format!("{} {}", it.tenant_name().unwrap(), it.sending_status().unwrap())
                };
                page.tenants().iter().map(line).collect::<Vec<_>>().join(", ")
            }
            refused => refusal(refused),
        }
    };
    assert_eq!(list(&[(Key::TenantNameContains, "TEAM")]).await, "Team-a ENABLED, team-b DISABLED");
    assert_eq!(list(&[(Key::SendingStatus, "DISABLED")]).await, "team-b DISABLED");
    assert_eq!(list(&[(Key::SendingStatus, "ENABLED"), (Key::TenantNameContains, "team")]).await, "Team-a ENABLED");
    let refused = "400 BadRequestException ";
    for (key, value, why) in [
        (Key::TenantNameContains, "te", "TENANT_NAME_CONTAINS must be at least 3 characters."),
        (Key::SendingStatus, "enabled", "Invalid sending status <enabled>."),
        (
            Key::from("NAME"),
            "x",
            "1 validation error detected: Value at 'filter' failed to satisfy constraint: Map keys must satisfy \
             constraint: [Member must satisfy enum value set: [SENDING_STATUS, TENANT_NAME_CONTAINS]]",
        ),
    ] {
        assert_eq!(list(&[(key, value)]).await, format!("{refused}{why}"));
    }
}

#[tokio::test]
async fn a_page_is_asked_for_within_bounds_and_with_the_token_of_the_same_request() {
    let (sim, ses) = start(by_hand()).await;
    for name in ["team-a", "team-b", "team-c"] {
        sim.put_tenant(name, TenantPatch::default());
    }
    let token = ses.list_tenants().page_size(1).send().await.unwrap().next_token.unwrap();
    let refused = async |size: Option<i32>, token: Option<&str>, part: Option<&str>| {
        let mut list = ses.list_tenants().set_page_size(size).set_next_token(token.map(str::to_owned));
        if let Some(part) = part {
            list = list.filter(Key::TenantNameContains, part);
        }
        refusal(list.send().await)
    };
    let violation = |count: &str, what: &str| format!("400 BadRequestException {count} detected: {what}");
    let small =
        "Value '0' at 'pageSize' failed to satisfy constraint: Member must have value greater than or equal to 1";
    let large =
        "Value '101' at 'pageSize' failed to satisfy constraint: Member must have value less than or equal to 100";
    let empty = "Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal \
                 to 1";
    assert_eq!(refused(Some(0), None, Some("te")).await, violation("1 validation error", small));
    assert_eq!(refused(Some(101), None, None).await, violation("1 validation error", large));
    assert_eq!(refused(None, Some(""), None).await, violation("1 validation error", empty));
    let both = format!("{empty}; {small}");
    assert_eq!(refused(Some(0), Some(""), None).await, violation("2 validation errors", &both));
    for token in ["x", "0123456789abcdef00", token.as_str()] {
        let filtered = refused(None, Some(token), Some("team")).await;
        assert_eq!(filtered, "400 BadRequestException Invalid Next Token", "{token}");
    }
    let rest = ses.list_tenants().next_token(token).send().await.unwrap();
    assert_eq!(rest.tenants().len(), 2);
}
