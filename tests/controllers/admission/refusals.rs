//! Domains, addresses and notes that the API server rejects, each with one sentence that names the remedy.

use std::fmt::Write;

use anyhow::ensure;
use kube::api::{Patch, PatchParams};
use sender_operator_harness::TestEnv;
use serde_json::{Value, json};

use crate::support::*;

/// The defect, the domain, and the expected parts of the message.
fn bad_domains() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let text = |text: &str| text.to_owned();
    vec![
        ("upper case", text("Mail.Example.com"), vec!["lowercase: mail.example.com"]),
        ("unicode", text("bücher.example"), vec!["A-labels", "idn2"]),
        ("trailing dot", text("example.com."), vec!["remove the trailing dot: example.com"]),
        ("underscore", text("_dmarc.example.com"), vec!["cannot contain an underscore"]),
        ("wildcard", text("*.example.com"), vec!["wildcards are not supported"]),
        ("IPv4 address", text("192.0.2.1"), vec!["IP address", "a domain that you control"]),
        ("IPv6 address", text("2001:db8::1"), vec!["IP address"]),
        ("single label", text("localhost"), vec!["single label", "localhost.example.com"]),
        ("URL", text("https://example.com/"), vec!["URL", "specify only the domain"]),
        ("email address", text("sales@Example.com"), vec!["email address", "after the @, such as example.com"]),
        ("label over 63", format!("{}.example.com", "a".repeat(64)), vec!["longer than 63 characters"]),
        ("11 labels", format!("{}example.com", "a.".repeat(9)), vec!["more than 10 labels"]),
        ("name over 200", vec!["a".repeat(49); 5].join("."), vec!["longer than 200 characters", "43 characters"]),
        ("name over 253", vec!["a".repeat(60); 5].join("."), vec!["253"]),
        ("empty label", text("mail..example.com"), vec!["single dots"]),
        ("hyphen at an end", text("-mail.example.com"), vec!["no label starts or ends with a hyphen"]),
        ("blank inside", text("mail example.com"), vec!["specify a domain such as"]),
        ("numeric top level", text("mail.123"), vec!["the last one is not a number"]),
        ("empty", text(""), vec!["specify the domain that you send from"]),
    ]
}

/// The defect, the address, and the expected parts of the message.
fn bad_addresses() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let text = |text: &str| text.to_owned();
    vec![
        ("upper case", text("Sales@Example.com"), vec!["lowercase: sales@example.com"]),
        ("tag", text("sales+news@example.com"), vec!["base address, which covers its tags: sales@example.com"]),
        ("quotes", text("\"sales team\"@example.com"), vec!["quoted addresses are not supported"]),
        ("comment", text("sales(team)@example.com"), vec!["without the comment"]),
        ("display name", text("Sales <sales@example.com>"), vec!["without a display name", "between < and >"]),
        (
            "list",
            text("sales@example.com, info@example.com"),
            vec!["more than one address", "a separate SenderAddress for each"],
        ),
        ("list with semicolon", text("sales@example.com;info@example.com"), vec!["more than one address"]),
        ("mailto", text("mailto:sales@example.com"), vec!["without mailto:"]),
        ("trailing dot", text("sales@example.com."), vec!["remove the trailing dot: sales@example.com"]),
        ("Unicode before the @", text("büro@example.com"), vec!["only ASCII addresses", "a-z, 0-9, dots"]),
        ("Unicode domain", text("sales@bücher.example"), vec!["A-labels", "idn2 bücher.example"]),
        ("Unicode on both sides", text("büro@bücher.example"), vec!["only ASCII addresses"]),
        ("wildcard", text("*@example.com"), vec!["wildcards are not supported", "each mailbox owner must confirm"]),
        ("question mark", text("sale?@example.com"), vec!["wildcards are not supported"]),
        ("no @", text("example.com"), vec!["the @ is missing", "sales@example.com"]),
        ("two @", text("sales@mail@example.com"), vec!["an address contains exactly one @"]),
        ("nothing before the @", text("@example.com"), vec!["part before the @ is missing", "sales@example.com"]),
        ("nothing after the @", text("sales@"), vec!["domain after the @ is missing", "sales@example.com"]),
        ("spaces", text("sales team@example.com"), vec!["cannot contain spaces or line breaks"]),
        ("space at the end", text("sales@example.com "), vec!["cannot contain spaces or line breaks"]),
        ("line break at the end", text("sales@example.com\n"), vec!["cannot contain spaces or line breaks"]),
        ("single label", text("sales@localhost"), vec!["single label", "sales@localhost.example.com"]),
        ("IPv4 address", text("sales@192.0.2.1"), vec!["IP address", "a domain that you control"]),
        ("IP literal", text("sales@[192.0.2.1]"), vec!["IP address", "a domain that you control"]),
        ("leading dot", text(".sales@example.com"), vec!["without leading, trailing or consecutive dots"]),
        ("dot before the @", text("sales.@example.com"), vec!["without leading, trailing or consecutive dots"]),
        ("double dot", text("sa..les@example.com"), vec!["consecutive dots"]),
        ("leading hyphen", text("-sales@example.com"), vec!["such as sales@example.com"]),
        ("slash", text("sales/eu@example.com"), vec!["only a-z, 0-9, dots, underscores and hyphens"]),
        ("underscore in the domain", text("sales@mail_1.example.com"), vec!["after it, a domain"]),
        ("empty label", text("sales@mail..example.com"), vec!["after it, a domain"]),
        ("numeric top level", text("sales@mail.123"), vec!["after it, a domain"]),
        ("part before the @ over 64", format!("{}@example.com", "a".repeat(65)), vec!["longer than 64", "RFC 5321"]),
        (
            "domain over 200",
            format!("sales@{}", ["a".repeat(49).as_str(); 5].join(".")),
            vec!["domain of the address is longer than 200"],
        ),
        ("11 labels", format!("sales@{}example.com", "a.".repeat(9)), vec!["more than 10 labels"]),
        ("over 320 in all", format!("sales@{}", ["a".repeat(63).as_str(); 6].join(".")), vec!["320"]),
        ("empty", text(""), vec!["specify the address that you send as, such as sales@example.com"]),
    ]
}

/// The same for the rest of the spec.
fn bad_specs() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    let one_line = vec!["one line of plain text", "remove line breaks"];
    vec![
        ("note with a line break", json!({ "note": "For our shop.\nThanks." }), one_line.clone()),
        ("note with a tab", json!({ "note": "For\tour shop." }), one_line.clone()),
        ("note with a URL", json!({ "note": "See https://example.com/why" }), vec!["and URLs"]),
        ("note with a URL in capitals", json!({ "note": "See HTTPS://EXAMPLE.COM" }), vec!["and URLs"]),
        ("note with www", json!({ "note": "See www.example.com" }), vec!["and URLs"]),
        ("note with markup", json!({ "note": "<b>Please</b>" }), vec!["< and >"]),
        ("note over 200", json!({ "note": "a".repeat(201) }), vec!["200"]),
        ("unknown language", json!({ "locale": "fr" }), vec![r#""en", "de""#]),
        ("language in capitals", json!({ "locale": "EN" }), vec![r#""en", "de""#]),
    ]
}

/// The API server's errors, as `field: error`.
async fn complaints<K: Conditioned>(api: &kube::Api<K>, manifest: &Value) -> Vec<String> {
    let params = PatchParams::apply("a-tenant").force();
    match api.patch("bad", &params, &Patch::Apply(manifest)).await {
        Ok(_) => Vec::new(),
        Err(kube::Error::Api(status)) => {
            let causes = status.details.map(|details| details.causes).unwrap_or_default();
            // After a length error, the API server adds that it skipped the validation rules.
            let ours = causes.into_iter().filter(|cause| cause.field.starts_with("spec"));
            ours.map(|cause| format!("{}: {}", cause.field, cause.message)).collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_domain_address_note_and_language_is_rejected_with_a_remedy() -> anyhow::Result<()> {
    TestEnv::scenario("refused", async |env| {
        let acme = env.tenant_namespace("acme", None).await?;
        let mut wrong = String::new();
        let mut judge = |case: &str, said: Vec<String>, expected: Vec<&str>| {
            if said.len() != 1 || !expected.iter().all(|part| said[0].contains(part)) {
                let _ = writeln!(wrong, "{case}: {said:#?}");
            }
        };
        for (case, domain, expected) in bad_domains() {
            judge(case, complaints(&domains(&acme), &manifest("bad", &domain, &json!({}))).await, expected);
        }
        let written = bad_addresses().into_iter();
        let written =
            written.map(|(case, address, expected)| (case, address_manifest("bad", &address, &json!({})), expected));
        let specs = bad_specs().into_iter();
        let specs =
            specs.map(|(case, spec, expected)| (case, address_manifest("bad", "sales@example.com", &spec), expected));
        for (case, manifest, expected) in written.chain(specs) {
            judge(case, complaints(&addresses(&acme), &manifest).await, expected);
        }
        ensure!(wrong.is_empty(), "{wrong}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_address_and_every_allowed_letter_are_accepted() -> anyhow::Result<()> {
    TestEnv::scenario("good-addresses", async |env| {
        let acme = env.tenant_namespace("acme", None).await?;
        let labels = ["a".repeat(49), "b".repeat(49), "c".repeat(49), "d".repeat(47), "de".to_owned()];
        let longest = format!("{}@{}", "a".repeat(64), labels.join("."));
        ensure!(longest.len() == 64 + 1 + 200);
        for good in ["a@b.co", "first.last_1-x@mail.example.com", "_x@example.com", "9@xn--bcher-kva.example", &longest]
        {
            let params = PatchParams::apply("a-tenant").force();
            addresses(&acme).patch("good", &params, &Patch::Apply(address_manifest("good", good, &json!({})))).await?;
            let note = json!({ "note": "Für unseren Shop, ab 1. Mai (siehe Vertrag).", "locale": "de" });
            addresses(&acme).patch("good", &params, &Patch::Apply(address_manifest("good", good, &note))).await?;
            acme.kubectl(&["delete", "saddr", "good"]).await?.success()?;
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_subject_of_a_resource_never_changes() -> anyhow::Result<()> {
    TestEnv::scenario("immutable", async |env| {
        let acme = env.tenant_namespace("acme", None).await?;
        apply(&acme, "mail", "a.example.com", json!({})).await?;
        let error = apply(&acme, "mail", "b.example.com", json!({})).await.unwrap_err().to_string();
        contains(&error, &["immutable", "apply a new SenderDomain"])?;
        apply_address(&acme, "sales", "sales@example.com", json!({})).await?;
        let error = apply_address(&acme, "sales", "info@example.com", json!({})).await.unwrap_err().to_string();
        contains(&error, &["immutable", "apply a new SenderAddress for the new address, then delete this one"])
    })
    .await
}
