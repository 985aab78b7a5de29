//! `ListEmailIdentities`: paging, order, filters.

use std::collections::BTreeSet;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::IdentityFilterKey as Key;
use ses_simulator::{Handle, IdentityPatch, Status};

use crate::common::{by_hand, refusal, start};

fn fill(sim: &Handle, count: usize) -> BTreeSet<String> {
    let names: BTreeSet<String> = (0..count).map(|number| format!("d{number}.example")).collect();
    for name in &names {
        sim.put_identity(name, IdentityPatch::default());
    }
    names
}

/// All pages: the names of each.
async fn pages(ses: &Client, size: Option<i32>) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut token = None;
    loop {
        let page = ses.list_email_identities().set_page_size(size).set_next_token(token).send().await.unwrap();
        pages.push(page.email_identities().iter().map(|it| it.identity_name.clone().unwrap()).collect());
        token = page.next_token;
        if token.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn pages_hold_every_identity_once_in_an_order_that_varies() {
    let (sim, ses) = start(by_hand()).await;
    assert_eq!(pages(&ses, None).await, [Vec::<String>::new()], "an empty account has one empty page");
    let names = fill(&sim, 60);
    let mut orders = BTreeSet::new();
    for (size, lengths) in
        [(None, vec![25, 25, 10]), (Some(1000), vec![60]), (Some(30), vec![30, 30]), (Some(59), vec![59, 1])]
    {
        let pages = pages(&ses, size).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), lengths, "page size {size:?}");
        assert_eq!(pages.concat().into_iter().collect::<BTreeSet<_>>(), names, "page size {size:?}");
        orders.insert(pages.concat());
    }
    assert!(orders.len() > 1, "the order differs from one listing to the next");
}

#[tokio::test]
async fn a_listing_survives_changes_between_its_pages() {
    let (sim, ses) = start(by_hand()).await;
    let names = fill(&sim, 40);
    let first = ses.list_email_identities().page_size(20).send().await.unwrap();
    let seen: Vec<_> = first.email_identities().iter().map(|it| it.identity_name.clone().unwrap()).collect();
    sim.remove_identity(seen.last().unwrap());
    let rest = ses.list_email_identities().page_size(1000).set_next_token(first.next_token).send().await.unwrap();
    let rest = rest.email_identities().iter().map(|it| it.identity_name.clone().unwrap());
    assert_eq!(seen.into_iter().chain(rest).collect::<BTreeSet<_>>(), names);
}

#[tokio::test]
async fn page_sizes_tokens_and_filter_keys_out_of_order_are_refused() {
    let (_sim, ses) = start(by_hand()).await;
    for size in [0, -1, 1001] {
        let refused = refusal(ses.list_email_identities().page_size(size).send().await);
        let why = format!("Value {size} for parameter PageSize is invalid. PageSize must be between 1 and 1000.");
        assert_eq!(refused, format!("400 BadRequestException {why}"));
    }
    for token in ["x", "0123456789abcdef0", "0123456789abcdefzz"] {
        let refused = refusal(ses.list_email_identities().next_token(token).send().await);
        assert_eq!(refused, format!("400 BadRequestException Invalid NextToken <{token}>."));
    }
    ses.list_email_identities().next_token("").send().await.unwrap();
    let refused = refusal(ses.list_email_identities().filter(Key::from("NAME"), "x").send().await);
    assert_eq!(
        refused,
        "400 BadRequestException 1 validation error detected: Value at 'filter' failed to satisfy constraint: Map keys \
         must satisfy constraint: [Member must satisfy enum value set: [IDENTITY_NAME_CONTAINS, VERIFICATION_STATUS, \
         IDENTITY_TYPE]]"
    );
}

#[tokio::test]
async fn filters_narrow_the_list_and_all_of_them_must_hold() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::status(Status::Success));
    sim.put_identity("other.example", IdentityPatch::default());
    sim.put_identity("ops@acme.example", IdentityPatch::default());
    let list = async |filters: &[(Key, &str)]| {
        let list =
            filters.iter().fold(ses.list_email_identities(), |list, (key, value)| list.filter(key.clone(), *value));
        let page = list.send().await.unwrap();
        let mut lines: Vec<_> = page
            .email_identities()
            .iter()
            .map(|it| {
                let (kind, status) = (it.identity_type.as_ref().unwrap(), it.verification_status.as_ref().unwrap());
                format!("{} {kind} {status} {}", it.identity_name().unwrap(), it.sending_enabled)
            })
            .collect();
        lines.sort();
        lines
    };
    let acme = "acme.example DOMAIN SUCCESS true";
    let ops = "ops@acme.example EMAIL_ADDRESS PENDING true";
    let other = "other.example DOMAIN PENDING false";
    assert_eq!(list(&[]).await, [acme, ops, other]);
    assert_eq!(list(&[(Key::IdentityNameContains, "ACME")]).await, [acme, ops]);
    assert_eq!(list(&[(Key::IdentityType, "DOMAIN")]).await, [acme, other]);
    assert_eq!(list(&[(Key::VerificationStatus, "PENDING")]).await, [ops, other]);
    assert_eq!(list(&[(Key::IdentityType, "DOMAIN"), (Key::VerificationStatus, "PENDING")]).await, [other]);
    assert_eq!(list(&[(Key::IdentityNameContains, "nothing")]).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_name_in_a_filter_is_trimmed_and_has_3_to_320_characters() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::default());
    let list = async |part: &str| match ses.list_email_identities().filter(Key::IdentityNameContains, part).send().await
    {
        Ok(page) => page.email_identities().len().to_string(),
        refused => refusal(refused),
    };
    assert_eq!(list("  ACM  ").await, "1");
    assert_eq!(list(&"a".repeat(320)).await, "0");
    let refused = "400 BadRequestException Filter IDENTITY_NAME_CONTAINS must be at";
    assert_eq!(list(" ac ").await, format!("{refused} least 3 characters."));
    assert_eq!(list(&"a".repeat(321)).await, format!("{refused} most 320 characters."));
}

#[tokio::test]
async fn types_and_states_in_a_filter_are_the_words_of_the_api_and_checked_in_order() {
    let (_sim, ses) = start(by_hand()).await;
    let list = async |filters: &[(Key, &str)], size: Option<i32>| {
        let list =
            filters.iter().fold(ses.list_email_identities(), |list, (key, value)| list.filter(key.clone(), *value));
        refusal(list.set_page_size(size).next_token("garbage").send().await)
    };
    let (name, kind, status) = (Key::IdentityNameContains, Key::IdentityType, Key::VerificationStatus);
    for (filters, size, why) in [
        (
            vec![(name.clone(), "ab")],
            Some(0),
            "Value 0 for parameter PageSize is invalid. PageSize must be between 1 and 1000.",
        ),
        (
            vec![(name, "ab"), (kind.clone(), "BOGUS")],
            None,
            "Filter IDENTITY_NAME_CONTAINS must be at least 3 characters.",
        ),
        (vec![(kind.clone(), "BOGUS"), (status.clone(), "BOGUS")], None, "Invalid identity type <BOGUS> in filter."),
        (vec![(kind.clone(), "domain")], None, "Invalid identity type <domain> in filter."),
        (vec![(kind.clone(), "MANAGED_DOMAIN")], None, "Invalid identity type <MANAGED_DOMAIN> in filter."),
        (vec![(status.clone(), "Pending")], None, "Invalid verification status <Pending> in filter."),
        (vec![(status.clone(), "NOT_STARTED")], None, "Invalid verification status <NotStarted>."),
        (vec![(status, "PENDING")], None, "Invalid NextToken."),
        (vec![], None, "Invalid NextToken <garbage>."),
    ] {
        assert_eq!(list(&filters, size).await, format!("400 BadRequestException {why}"));
    }
}

#[tokio::test]
async fn a_token_fits_the_filter_it_came_with_and_no_other() {
    let (sim, ses) = start(by_hand()).await;
    fill(&sim, 5);
    let filtered = |part: &str| ses.list_email_identities().page_size(2).filter(Key::IdentityNameContains, part);
    let token = filtered("example").send().await.unwrap().next_token.unwrap();
    filtered(" EXAMPLE ").next_token(&token).send().await.unwrap();
    let other = refusal(filtered(".example").next_token(&token).send().await);
    assert_eq!(other, "400 BadRequestException Invalid NextToken.");
    let none = refusal(ses.list_email_identities().next_token(&token).send().await);
    assert_eq!(none, format!("400 BadRequestException Invalid NextToken <{token}>."));
}
