//! The control API and the page, by plain HTTP.

use serde_json::Value;
use ses_simulator::{IdentityPatch, Simulator, Status, TenantPatch};

use crate::common::{by_hand, create, get, http, refusal, start, states};

/// The answer to a control call, which must succeed.
async fn done(sim: &Simulator, method: &str, path: &str, body: &str) -> String {
    let (status, answer) = http(&sim.url(), method, &format!("/control{path}"), body).await;
    assert_eq!(status, 200, "{method} {path}: {answer}");
    answer
}

#[tokio::test]
async fn one_line_edits_the_zone() {
    let (sim, _ses) = start(by_hand()).await;
    let (status, zone) = http(&sim.url(), "PUT", "/control/zone/acme.example/txt", "v=spf1 -all\n\"a\" \"b\"\n").await;
    assert_eq!(
        (status, zone.as_str()),
        (200, "acme.example. 1 IN TXT \"v=spf1 -all\"\nacme.example. 1 IN TXT \"a\" \"b\"\n")
    );
    assert_eq!(http(&sim.url(), "GET", "/control/zone", "").await, (200, zone));
    let (status, _) = http(&sim.url(), "DELETE", "/control/zone/Acme.Example./TXT", "").await;
    assert_eq!((status, sim.records().len()), (200, 0));
    assert_eq!(http(&sim.url(), "DELETE", "/control/zone/acme.example/TXT", "").await.0, 404);
    assert_eq!(http(&sim.url(), "PUT", "/control/zone/acme.example/A", "").await.0, 400);
    let (status, why) = http(&sim.url(), "PUT", "/control/zone/acme.example/A", "x").await;
    assert_eq!((status, why.as_str()), (400, "\"x\" is not a value for A: write 192.0.2.1\n"));
}

#[tokio::test]
async fn a_shell_tells_the_whole_story() {
    let (sim, ses) = start(by_hand()).await;
    let call = async |method: &str, path: &str, body: &str| done(&sim, method, path, body).await;
    create(&ses, "acme.example").await;
    call("PUT", "/identities/acme.example/dkim-records", "").await;
    call("POST", "/clock/advance", "1h").await;
    assert_eq!(states(&ses, "acme.example").await, "SUCCESS SUCCESS true");
    let identity: Value = serde_json::from_str(&call("GET", "/identities/acme.example", "").await).unwrap();
    assert_eq!(
        (&identity["verification_status"], &identity["kind"]),
        (&Value::from("SUCCESS"), &Value::from("DOMAIN"))
    );
    call("DELETE", "/identities/acme.example/dkim-records", "").await;
    call("POST", "/clock/advance", "3d").await;
    assert_eq!(states(&ses, "acme.example").await, "FAILED FAILED false");
    call("PUT", "/clock", "2050-01-01T00:00:00Z").await;
    assert!(call("GET", "/clock", "").await.starts_with("2050-01-01T00:00:0"));

    call("PATCH", "/identities/acme.example", r#"{"signing_enabled": false, "tags": {"a": "b"}}"#).await;
    assert!(!get(&ses, "acme.example").await.dkim_attributes.unwrap().signing_enabled);
    call("PUT", "/identities/other.example", r#"{"verification_status": "SUCCESS", "pinned": true}"#).await;
    assert_eq!(states(&ses, "other.example").await, "SUCCESS NOT_STARTED true");
    call("DELETE", "/identities/other.example", "").await;
    call("PUT", "/configuration-sets/tracked", "").await;
    assert!(call("GET", "/configuration-sets", "").await.contains("tracked"));
    call("DELETE", "/configuration-sets/tracked", "").await;
    call("PATCH", "/account", r#"{"production_access": false}"#).await;
    assert!(!ses.get_account().send().await.unwrap().production_access_enabled);

    let state: Value = serde_json::from_str(&call("GET", "/state", "").await).unwrap();
    assert_eq!(state["identities"].as_array().unwrap().len(), 1);
    let calls: Value = serde_json::from_str(&call("GET", "/journal", "").await).unwrap();
    let newest = calls.as_array().unwrap().last().unwrap()["seq"].as_u64().unwrap();
    assert_eq!(call("GET", &format!("/journal?after={newest}"), "").await.trim(), "[]");
    call("DELETE", "/journal", "").await;
    assert!(sim.journal().is_empty());
    assert!(call("GET", "", "").await.contains("/control/clock/advance"), "it explains itself");
}

#[tokio::test]
async fn a_shell_hands_a_domain_from_one_tenant_to_another() {
    let (sim, ses) = start(by_hand()).await;
    let call = async |method: &str, path: &str, body: &str| done(&sim, method, path, body).await;
    call("PUT", "/identities/acme.example", r#"{"mail_from": "bounce.acme.example"}"#).await;
    call("PUT", "/configuration-sets/tracked", "").await;
    call("PUT", "/tenants/team-a", r#"{"tags": {"a": "b"}, "sending_status": "DISABLED"}"#).await;
    call("PUT", "/tenants/team-b", "").await;
    let arn = sim.arn("acme.example");
    for (tenant, resource) in [("team-a", "acme.example"), ("team-a", "configuration-set/tracked"), ("team-b", &arn)] {
        call("PUT", &format!("/tenants/{tenant}/resources/{resource}"), "").await;
    }
    let tenant: Value = serde_json::from_str(&call("GET", "/tenants/team-a", "").await).unwrap();
    assert_eq!((&tenant["sending_status"], &tenant["tags"]["a"]), (&Value::from("DISABLED"), &Value::from("b")));
    assert_eq!(tenant["resources"].as_array().unwrap().len(), 2);
    call("DELETE", "/tenants/team-a/resources/acme.example", "").await;
    assert_eq!(sim.identity("acme.example").unwrap().tenants, ["team-b"]);
    call("DELETE", "/tenants/team-a", "").await;
    let tenants: Value = serde_json::from_str(&call("GET", "/tenants", "").await).unwrap();
    assert_eq!(tenants.as_array().unwrap().len(), 1);

    call("PUT", "/identities/acme.example/policies/theirs", "{}\n").await;
    assert_eq!(sim.identity("acme.example").unwrap().policies["theirs"], "{}");
    call("DELETE", "/identities/acme.example/policies/theirs", "").await;
    assert!(sim.identity("acme.example").unwrap().policies.is_empty());
    let zone = call("PUT", "/identities/acme.example/mail-from-records", "").await;
    assert!(zone.contains("bounce.acme.example. 1 IN MX 10 feedback-smtp.eu-central-1.amazonses.com"), "{zone}");
    call("POST", "/clock/advance", "1h").await;
    assert_eq!(sim.identity("acme.example").unwrap().mail_from.unwrap().status.as_str(), "SUCCESS");
    call("DELETE", "/identities/acme.example/mail-from-records", "").await;
    assert!(sim.records().is_empty());
    create(&ses, "ops@acme.example").await;
    call("POST", "/identities/ops@acme.example/click", "").await;
    assert_eq!(states(&ses, "ops@acme.example").await, "SUCCESS PENDING true");
    let state: Value = serde_json::from_str(&call("GET", "/state", "").await).unwrap();
    assert_eq!(state["tenants"][0]["name"], "team-b");
}

#[tokio::test]
async fn faults_and_throttle_by_shell() {
    let (sim, ses) = start(by_hand()).await;
    let put =
        async |method: &str, path: &str, body: &str| http(&sim.url(), method, &format!("/control{path}"), body).await;
    let fault =
        r#"{"kind": {"error": {"status": 500, "code": "InternalFailure"}}, "operation": "GetAccount", "times": 1}"#;
    assert_eq!(put("POST", "/faults", fault).await.0, 200);
    assert!(refusal(ses.get_account().send().await).starts_with("500 InternalFailure"));
    assert_eq!(put("POST", "/faults", r#"{"kind": "drop"}"#).await.0, 200);
    assert!(put("GET", "/faults", "").await.1.contains("drop"));
    assert_eq!(put("DELETE", "/faults", "").await.0, 200);
    assert_eq!(put("POST", "/faults", r#"{"kind": "explode"}"#).await.0, 400);

    assert_eq!(put("PUT", "/throttle", "2.5").await, (200, "2.5\n".to_owned()));
    assert_eq!(put("PUT", "/throttle", "off").await, (200, "off\n".to_owned()));
    assert_eq!(put("PUT", "/throttle", "fast").await.0, 400);

    for (fault, status) in
        [("servfail", 200), ("timeout", 200), ("refused", 200), ("wrong 192.0.2.9", 200), ("sleepy", 400)]
    {
        assert_eq!(put("PUT", "/dns/faults/acme.example", fault).await.0, status, "{fault}");
    }
    assert!(put("GET", "/dns/faults", "").await.1.contains("192.0.2.9"));
    assert_eq!(put("DELETE", "/dns/faults/acme.example", "").await.0, 200);
    assert!(sim.dns_faults().is_empty());
    put("PUT", "/dns/down", "").await;
    assert!(sim.dns_is_down());
    put("DELETE", "/dns/down", "").await;
    assert!(!sim.dns_is_down());
    assert_eq!(put("GET", "/dns/journal", "").await.1.trim(), "[]");
}

#[tokio::test]
async fn errors_are_explained() {
    let (sim, _ses) = start(by_hand()).await;
    sim.put_identity("there.example", IdentityPatch::default());
    sim.put_identity("old@there.example", IdentityPatch::status(Status::Failed));
    sim.put_tenant("team-a", TenantPatch::default());
    for (method, path, body, status, why) in [
        ("GET", "/nothing", "", 404, "no such control call; GET /control lists them\n"),
        ("GET", "/identities/acme.example", "", 404, "there is no identity acme.example\n"),
        ("PATCH", "/identities/acme.example", "", 404, "there is no identity acme.example\n"),
        ("DELETE", "/identities/acme.example", "", 404, "there is no identity acme.example\n"),
        ("DELETE", "/configuration-sets/x", "", 404, "there is no configuration set x\n"),
        ("GET", "/tenants/x", "", 404, "there is no tenant x\n"),
        ("DELETE", "/tenants/x", "", 404, "there is no tenant x\n"),
        ("PUT", "/tenants/x/resources/y", "", 404, "there is no identity or configuration set y\n"),
        ("PUT", "/tenants/x/resources/there.example", "", 404, "there is no tenant x\n"),
        ("DELETE", "/tenants/team-a/resources/there.example", "", 404, "there.example does not belong to team-a\n"),
        ("PUT", "/identities/acme.example/policies/p", "{}", 404, "there is no identity acme.example\n"),
        ("DELETE", "/identities/there.example/policies/p", "", 404, "there.example has no policy p\n"),
        ("PUT", "/identities/acme.example/mail-from-records", "", 404, "there is no identity acme.example\n"),
        ("PUT", "/identities/there.example/mail-from-records", "", 404, "there.example has no MAIL FROM domain\n"),
        ("POST", "/identities/there.example/click", "", 404, "there is no address there.example\n"),
        ("POST", "/identities/old@there.example/click", "", 410, "the link in the mail to old@there.example is dead\n"),
        ("POST", "/clock/advance", "-1h", 400, "a time span to advance by is not negative\n"),
    ] {
        let answer = http(&sim.url(), method, &format!("/control{path}"), body).await;
        assert_eq!(answer, (status, why.to_owned()), "{method} {path}");
    }
    for (method, path, body) in [
        ("PUT", "/identities/acme.example", r#"{"tagz": {}}"#),
        ("PUT", "/tenants/team-a", r#"{"sending_status": "MAYBE"}"#),
        ("PUT", "/clock", "tomorrow"),
        ("POST", "/clock/advance", "soon"),
        ("PATCH", "/account", "nonsense"),
    ] {
        assert_eq!(http(&sim.url(), method, &format!("/control{path}"), body).await.0, 400, "{method} {path}");
    }
}
