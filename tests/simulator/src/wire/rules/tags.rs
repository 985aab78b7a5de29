//! Tags of everything that has an ARN.

use serde_json::{Value, json};

use super::World;

fn tags(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

#[test]
fn identities_configuration_sets_and_tenants_are_tagged_by_their_arns() {
    let mut world = World::acme();
    world.ses.put_configuration_set("tracked");
    world.put_tenant("team-a");
    let tenant = world.ses.tenant("team-a").unwrap().arn;
    for arn in [world.ses.arn("acme.example"), world.ses.arn("configuration-set/tracked"), tenant.clone()] {
        let tag = |pairs: &[(&str, &str)]| json!({"ResourceArn": arn, "Tags": tags(pairs)});
        world.get("POST tags", &tag(&[("a", "1"), ("b", "2")]));
        world.get("POST tags", &tag(&[("b", "3"), ("c d&e", "4 %")]));
        world.get(&format!("DELETE tags?ResourceArn={arn}&TagKeys=a&TagKeys=c%20d%26e&TagKeys=none"), &json!({}));
        let listed = world.get(&format!("GET tags?ResourceArn={arn}"), &json!({}));
        assert_eq!(listed["Tags"], tags(&[("b", "3")]), "{arn}");
        let many: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "v")).collect();
        world.expect(
            "POST tags",
            &[
                (tag(&many), "400 BadRequestException A resource can have at most 50 tags."),
                (tag(&[("x", "1"), ("x", "2")]), "400 BadRequestException Tag key x is given twice."),
                (tag(&[("aws:x", "1")]), "400 BadRequestException Tag keys must not start with aws:."),
            ],
        );
    }
    let other = world.get(&format!("GET tags?ResourceArn={}", tenant.replace("team-a", "other")), &json!({}));
    assert_eq!(other["Tags"], tags(&[("b", "3")]), "the id alone counts");
}

#[test]
fn what_is_not_there_has_no_tags() {
    let mut world = World::new();
    let prefix = world.ses.arn("x").replace("identity/x", "");
    for (arn, expected) in [
        (format!("{prefix}identity/x"), "404 NotFoundException No EmailIdentity present with name: x"),
        (format!("{prefix}configuration-set/x"), "404 NotFoundException No ConfigurationSet present with name: x"),
        (format!("{prefix}tenant/x/tn-1"), "404 NotFoundException No Tenant present with name: xwith tenantId: tn-1"),
        ("x/y".to_owned(), "400 BadRequestException x/y is not the ARN of a resource of this account."),
    ] {
        assert_eq!(world.says(&format!("GET tags?ResourceArn={arn}"), &json!({})), expected);
    }
}
