//! Which resources belong to which tenants.

use serde_json::{Value, json};

use super::{ACME, RuleTest, TRACKED, all};
use crate::core::account::IdentityPatch;
use crate::core::{NoSuch, Rules};

const CREATE: &str = "POST tenants/resources";
const DELETE: &str = "POST tenants/resources/delete";
const RESOURCES: &str = "POST tenants/resources/list";
const TENANTS: &str = "POST resources/tenants/list";

fn both(tenant: &str, arn: &str) -> Value {
    json!({"TenantName": tenant, "ResourceArn": arn})
}

/// An identity, a configuration set and two tenants.
fn test(rules: &Rules) -> RuleTest {
    let mut test = RuleTest::with(rules);
    test.create("acme.example");
    test.ses.put_configuration_set("tracked");
    test.put_tenant("team-a");
    test.put_tenant("team-b");
    test
}

fn tenants(test: &mut RuleTest, arn: &str) -> Vec<String> {
    let listed = test.get(TENANTS, &json!({"ResourceArn": arn}));
    all(&listed["ResourceTenants"], "TenantName").into_iter().map(str::to_owned).collect()
}

#[test]
fn an_identity_may_belong_to_several_tenants_and_both_sides_list_it() {
    let mut test = test(&Rules::default());
    for tenant in ["team-b", "team-a"] {
        test.get(CREATE, &both(tenant, ACME));
        test.advance(1);
    }
    test.get(CREATE, &both("team-a", TRACKED));
    assert_eq!(tenants(&mut test, ACME), ["team-b", "team-a"], "the oldest association first");
    assert_eq!(test.view("acme.example").tenants, ["team-b", "team-a"]);
    let listed = test.get(RESOURCES, &json!({"TenantName": "team-a"}))["TenantResources"].clone();
    assert_eq!(all(&listed, "ResourceArn"), [TRACKED, ACME], "in the order of their ARNs");
    assert_eq!(all(&listed, "ResourceType"), ["configuration-set", "identity"], "the words of ARNs");
    for (word, expected) in [("identity", vec![ACME]), ("template", vec![])] {
        let filtered = test.get(RESOURCES, &json!({"TenantName": "team-a", "Filter": {"RESOURCE_TYPE": word}}));
        assert_eq!(all(&filtered["TenantResources"], "ResourceArn"), expected, "{word}");
    }
    let model = json!({"TenantName": "team-a", "Filter": {"RESOURCE_TYPE": "EMAIL_IDENTITY"}});
    test.expect(RESOURCES, &[(model, "400 BadRequestException Invalid resource type EMAIL_IDENTITY specified.")]);
}

#[test]
fn a_second_association_is_refused_or_not_as_the_rules_say() {
    let exists = format!("400 AlreadyExistsException Resources {ACME} has already been associated with tenant team-a");
    for (fails, expected) in [(true, exists.as_str()), (false, "ok")] {
        let mut test = test(&Rules { duplicate_association_fails: fails, ..Rules::default() });
        let again = both("team-a", &ACME.replace("acme", "ACME"));
        test.expect(CREATE, &[(both("team-a", ACME), "ok"), (again, expected)]);
        assert_eq!(tenants(&mut test, ACME), ["team-a"]);
    }
}

#[test]
fn a_tenants_resource_is_not_deleted_and_ending_a_missing_association_succeeds() {
    let mut test = test(&Rules::default());
    test.get(CREATE, &both("team-a", ACME));
    let refused = format!(
        "400 BadRequestException Cannot delete <{ACME}> because it has tenant associations. Remove all tenant \
         associations and try again."
    );
    assert_eq!(test.delete("ACME.example"), refused);
    test.expect(DELETE, &[(both("team-a", ACME), "ok"), (both("team-a", ACME), "ok")]);
    assert_eq!(test.delete("acme.example"), "ok");
}

#[test]
fn tenant_and_resource_must_exist_here() {
    let mut test = test(&Rules::default());
    let prefix = ACME.strip_suffix("identity/acme.example").unwrap();
    let (region, account) = (ACME.replace("eu-central-1", "us-east-1"), ACME.replace("123456789012", "999999999999"));
    let (bad, none) = ("400 BadRequestException", "404 NotFoundException");
    for (tenant, arn, expected) in [
        ("team-a", "acme.example".to_owned(), format!("{bad} Provided resource identifier is not an SES resource")),
        ("team-a", format!("{prefix}identity/"), format!("{bad} Provided resource identifier is not an SES resource")),
        ("team-a", ACME.replace(":ses:", ":sns:"), format!("{bad} Provided ARN is not in SES resource ARN format")),
        ("team-a", format!("{prefix}tenant/x/y"), format!("{bad} Unsupported resource type: tenant")),
        ("team-a", region.clone(), format!("{bad} Resource <{region}> must be in the same region")),
        ("team-a", account.clone(), format!("{bad} Resource <{account}> must be in the same account")),
        ("team-c", ACME.to_owned(), format!("{none} The requested tenant <team-c> does not exist.")),
        ("", ACME.to_owned(), format!("{bad} TenantName cannot be empty")),
        ("team-a", ACME.replace("acme", "other"), format!("{none} Identity <other.example> does not exist")),
        ("team-a", format!("{TRACKED}2"), format!("{none} Configuration set <tracked2> does not exist:")),
        ("team-a", format!("{prefix}template/x"), format!("{none} Email template <x> does not exist")),
    ] {
        test.expect(CREATE, &[(both(tenant, &arn), &expected)]);
        test.expect(DELETE, &[(both(tenant, &arn), &expected)]);
        if tenant == "team-a" {
            test.expect(TENANTS, &[(json!({"ResourceArn": arn}), &expected)]);
        }
    }
    let missing = "404 NotFoundException The requested tenant <team-c> does not exist.";
    test.expect(RESOURCES, &[(json!({"TenantName": "team-c"}), missing)]);
}

#[test]
fn deleting_a_tenant_ends_its_associations_and_no_others() {
    let mut test = test(&Rules::default());
    for tenant in ["team-a", "team-b"] {
        drop(test.get(CREATE, &both(tenant, ACME)));
    }
    test.get("POST tenants/delete", &json!({"TenantName": "team-a"}));
    assert_eq!(tenants(&mut test, ACME), ["team-b"]);
    test.put_tenant("team-a");
    assert!(test.ses.tenant("team-a").unwrap().resources.is_empty(), "a new tenant of the name starts empty");
}

#[test]
fn both_lists_have_pages_bound_to_their_tenant_or_resource() {
    let mut test = test(&Rules::default());
    for number in 0..5 {
        let name = format!("d{number}.example");
        test.put(&name, IdentityPatch::default());
        for tenant in ["team-a", "team-b"] {
            test.ses.associate(tenant, &name, test.now).unwrap();
        }
    }
    let page = |tenant: &str, token: &Value| json!({"TenantName": tenant, "PageSize": 3, "NextToken": token});
    let first = test.get(RESOURCES, &page("team-a", &Value::Null));
    let rest = test.get(RESOURCES, &page("team-a", &first["NextToken"]));
    let count = |page: &Value| page["TenantResources"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&rest), &rest["NextToken"]), (3, 2, &Value::Null));
    let invalid = "400 BadRequestException Invalid Next Token";
    test.expect(RESOURCES, &[(page("team-b", &first["NextToken"]), invalid)]);
    let arn = |name: &str| ACME.replace("acme.example", name);
    let page = |name: &str, token: &Value| json!({"ResourceArn": arn(name), "PageSize": 1, "NextToken": token});
    let first = test.get(TENANTS, &page("d0.example", &Value::Null));
    let rest = test.get(TENANTS, &page("d0.example", &first["NextToken"]));
    let names = [&first, &rest].map(|page| all(&page["ResourceTenants"], "TenantName").concat());
    assert_eq!(names, ["team-a", "team-b"]);
    test.expect(TENANTS, &[(page("d1.example", &first["NextToken"]), invalid)]);
}

#[test]
fn somebody_with_the_console_moves_resources_between_tenants() {
    let mut test = test(&Rules::default());
    for resource in ["ACME.example", "configuration-set/tracked", ACME] {
        test.ses.associate("team-a", resource, test.now).unwrap();
    }
    assert_eq!(test.ses.disassociate("team-a", "configuration-set/tracked"), Ok(true));
    assert_eq!(test.ses.disassociate("team-a", TRACKED), Ok(false));
    assert_eq!(test.ses.associate("team-c", ACME, test.now), Err(NoSuch::Tenant("team-c".into())));
    let missing = Err(NoSuch::Resource("other.example".into()));
    assert_eq!(test.ses.associate("team-a", "other.example", test.now), missing);
    assert_eq!(test.ses.tenant("team-a").unwrap().resources, [ACME]);
    assert!(test.ses.remove_identity("acme.example"), "by hand the guard is overcome");
    assert!(test.ses.tenant("team-a").unwrap().resources.is_empty());
}
