//! Tags of everything that has an ARN.

use serde_json::{Value, json};

use super::RuleTest;

fn tags(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

#[test]
fn identities_configuration_sets_and_tenants_are_tagged_by_their_arns() {
    let mut test = RuleTest::acme();
    test.ses.put_configuration_set("tracked");
    test.put_tenant("team-a");
    let tenant = test.ses.tenant("team-a").unwrap().arn;
    for arn in [test.ses.arn("acme.example"), test.ses.arn("configuration-set/tracked"), tenant.clone()] {
        let tag = |pairs: &[(&str, &str)]| json!({"ResourceArn": arn, "Tags": tags(pairs)});
        test.get("POST tags", &tag(&[("a", "1"), ("b", "2")]));
        test.get("POST tags", &tag(&[("b", "3"), ("c d&e", "4 %")]));
        test.get(&format!("DELETE tags?ResourceArn={arn}&TagKeys=a&TagKeys=c%20d%26e&TagKeys=none"), &json!({}));
        let listed = test.get(&format!("GET tags?ResourceArn={arn}"), &json!({}));
        assert_eq!(listed["Tags"], tags(&[("b", "3")]), "{arn}");
        let many: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "v")).collect();
        test.expect(
            "POST tags",
            &[
                (tag(&many), "400 BadRequestException A resource can have at most 50 tags."),
                (tag(&[("x", "1"), ("x", "2")]), "400 BadRequestException Tag key x is given twice."),
                (tag(&[("aws:x", "1")]), "400 BadRequestException Tag keys must not start with aws:."),
            ],
        );
    }
    let other = test.get(&format!("GET tags?ResourceArn={}", tenant.replace("team-a", "other")), &json!({}));
    assert_eq!(other["Tags"], tags(&[("b", "3")]), "the id alone counts");
}

#[test]
fn a_missing_resource_has_no_tags() {
    let mut test = RuleTest::new();
    let prefix = test.ses.arn("x").replace("identity/x", "");
    for (arn, expected) in [
        (format!("{prefix}identity/x"), "404 NotFoundException No EmailIdentity present with name: x"),
        (format!("{prefix}configuration-set/x"), "404 NotFoundException No ConfigurationSet present with name: x"),
        (format!("{prefix}tenant/x/tn-1"), "404 NotFoundException No Tenant present with name: xwith tenantId: tn-1"),
        ("x/y".to_owned(), "400 BadRequestException x/y is not the ARN of a resource of this account."),
    ] {
        assert_eq!(test.says(&format!("GET tags?ResourceArn={arn}"), &json!({})), expected);
    }
}
