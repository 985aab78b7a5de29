//! The page for people: it shows the state, and its forms work without a script.

use ses_simulator::{Fault, IdentityPatch, TenantPatch};

use crate::common::{by_hand, http, post_form, resolver, start};

#[tokio::test]
async fn it_shows_identities_records_calls_faults_and_questions() {
    let (sim, ses) = start(by_hand()).await;
    sim.put_identity("acme.example", IdentityPatch::default().tags([("team", "<b>&\"")]));
    sim.put_identity("ops@acme.example", IdentityPatch::default());
    sim.change_identity(
        "acme.example",
        IdentityPatch { mail_from: Some("bounce.acme.example".into()), ..IdentityPatch::default() },
    );
    sim.put_policy("acme.example", "theirs", "{\"<i>\"}").unwrap();
    sim.put_tenant("team-a", TenantPatch { tags: Some([("x".into(), "<u>".into())].into()), ..TenantPatch::default() });
    sim.associate("team-a", "acme.example").unwrap();
    ses.get_tenant().tenant_name("team-a").send().await.unwrap();
    sim.set_record("acme.example", "TXT", &["<script>alert(1)</script>"]).unwrap();
    sim.fault(Fault::throttled().on("GetEmailIdentity").times(3).share(1, 2));
    ses.get_account().send().await.unwrap();
    let _ = resolver(&sim, false).lookup("asked.example.", hickory_resolver::proto::rr::RecordType::A).await;
    let (status, page) = http(&sim.url(), "GET", "/", "").await;
    assert_eq!(status, 200);
    for part in [
        "acme.example",
        "ops@acme.example",
        "team=&lt;b&gt;&amp;&quot;",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "GetEmailIdentity: 429 TooManyRequestsException, 1 of 2, at most 3 times",
        "GetAccount",
        "<dt>MAIL FROM</dt><dd><span class=\"badge waiting\">PENDING</span> bounce.acme.example</dd>",
        "bounce.acme.example. MX\n    10 feedback-smtp.eu-central-1.amazonses.com",
        "<summary>Policies: 1</summary><pre>theirs\n    {&quot;&lt;i&gt;&quot;}",
        "tenant team-a",
        ":tenant/team-a/tn-",
        "x=&lt;u&gt;",
        "identity/acme.example <form",
        "<td>GetTenant</td><td>team-a</td>",
        "Click the link in the mail",
        "AKIDTEST",
        "asked.example",
        "The rate limit is <strong>off</strong>.",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("{{") && !page.contains("<script>alert") && !page.contains("https://"), "self-contained");
    let (status, live) = http(&sim.url(), "GET", "/page/live", "").await;
    assert!(status == 200 && live.contains("id=identities") && live.contains("id=tenants") && !live.contains("<body"));
}

#[tokio::test]
async fn its_forms_do_what_they_say() {
    let (sim, _ses) = start(by_hand()).await;
    let post = async |form: &str, fields: &str| {
        let request = post_form(&sim.url(), &format!("/page/{form}"), fields).await;
        assert_eq!(request, 303, "{form} {fields}");
    };
    post("identity", "name=acme.example&action=create").await;
    post("identity", "name=acme.example&action=publish").await;
    assert_eq!(sim.records().len(), 3);
    post("advance", "by=1h").await;
    assert_eq!(sim.identity("acme.example").unwrap().verification_status.as_str(), "SUCCESS");
    post("identity", "name=acme.example&action=signing-off").await;
    assert!(!sim.identity("acme.example").unwrap().signing_enabled);
    post("identity", "name=acme.example&action=unpublish").await;
    post("record", "name=a.example&rtype=A&value=192.0.2.1").await;
    post("record", "name=a.example&rtype=A&value=192.0.2.2").await;
    post("record/remove", "name=a.example&rtype=A&value=192.0.2.1").await;
    assert_eq!(sim.records()[0].values, ["192.0.2.2"]);
    post("record/remove", "name=a.example&rtype=A&value=192.0.2.2").await;
    assert!(sim.records().is_empty());
    post("identity", "name=ops%40acme.example&action=create").await;
    post("identity", "name=ops%40acme.example&action=click").await;
    assert_eq!(sim.identity("ops@acme.example").unwrap().verification_status.as_str(), "SUCCESS");
    post("identity", "name=ops%40acme.example&action=delete").await;
    sim.change_identity(
        "acme.example",
        IdentityPatch { mail_from: Some("bounce.acme.example".into()), ..IdentityPatch::default() },
    );
    post("identity", "name=acme.example&action=publish-mail-from").await;
    assert_eq!(sim.records().len(), 2, "MX and TXT");
    post("identity", "name=acme.example&action=unpublish-mail-from").await;
    assert!(sim.records().is_empty());
    post("tenant", "name=team-a&action=create").await;
    post("association", "tenant=team-a&resource=acme.example&action=begin").await;
    assert_eq!(sim.identity("acme.example").unwrap().tenants, ["team-a"]);
    let arn = sim.arn("acme.example").replace('/', "%2F").replace(':', "%3A");
    post("association", &format!("tenant=team-a&resource={arn}&action=end")).await;
    assert!(sim.identity("acme.example").unwrap().tenants.is_empty());
    post("tenant", "name=team-a&action=delete").await;
    assert!(sim.tenants().is_empty());
    for switch in ["errors", "slow", "dns-down"] {
        post("switch", &format!("what={switch}")).await;
    }
    assert_eq!((sim.faults().len(), sim.dns_is_down()), (2, true));
    post("switch", "what=well").await;
    assert_eq!((sim.faults().len(), sim.dns_is_down()), (0, false));
    post("switch", "what=throttle-on").await;
    assert_eq!(sim.rate(), Some(1.0));
    post("identity", "name=acme.example&action=delete").await;
    assert!(sim.identities().is_empty());
    for (form, fields) in [
        ("identity", "name=nobody%40acme.example&action=click"),
        ("identity", "name=acme.example&action=publish-mail-from"),
        ("tenant", "name=team-a&action=delete"),
        ("association", "tenant=team-a&resource=acme.example&action=begin"),
    ] {
        assert_eq!(post_form(&sim.url(), &format!("/page/{form}"), fields).await, 404, "{form} {fields}");
    }
    for (form, fields) in [
        ("tenant", "name=team.a&action=create"),
        ("tenant", "name=team-a&action=praise"),
        ("association", "tenant=team-a&resource=acme.example&action=praise"),
        ("advance", "by=soon"),
        ("record", "name=a.example&rtype=A&value=x"),
        ("identity", "name=nonsense&action=create"),
        ("switch", "what=lights"),
    ] {
        assert_eq!(post_form(&sim.url(), &format!("/page/{form}"), fields).await, 400, "{form} {fields}");
    }
}
