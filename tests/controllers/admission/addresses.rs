//! Addresses that the API server refuses, each with one sentence that says what to write instead.
//! `cargo test --test controllers admission::addresses -- --nocapture` prints them as a table.

use std::fmt::Write;

use anyhow::ensure;
use kube::api::{Patch, PatchParams};
use sender_operator_harness::{Tenant, World};
use serde_json::{Value, json};

use crate::support::{address_manifest as manifest, addresses, contains};

/// What is wrong, the address that is written, and what the refusal must say.
fn bad_addresses() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let text = |text: &str| text.to_owned();
    vec![
        ("upper case", text("Sales@Example.com"), vec!["lower case: sales@example.com"]),
        ("tag", text("sales+news@example.com"), vec!["base address, which covers its tags: sales@example.com"]),
        ("quotes", text("\"sales team\"@example.com"), vec!["quoted addresses are not possible"]),
        ("comment", text("sales(team)@example.com"), vec!["without the comment"]),
        ("display name", text("Sales <sales@example.com>"), vec!["without a display name", "between < and >"]),
        ("list", text("sales@example.com, info@example.com"), vec!["one address", "SenderAddress of its own"]),
        ("list with semicolon", text("sales@example.com;info@example.com"), vec!["one address"]),
        ("mailto", text("mailto:sales@example.com"), vec!["without mailto:"]),
        ("trailing dot", text("sales@example.com."), vec!["remove the dot at the end: sales@example.com"]),
        ("Unicode before the @", text("büro@example.com"), vec!["ASCII addresses only", "a-z, 0-9, dots"]),
        ("Unicode domain", text("sales@bücher.example"), vec!["A-labels", "idn2 bücher.example"]),
        ("Unicode on both sides", text("büro@bücher.example"), vec!["ASCII addresses only"]),
        ("wildcard", text("*@example.com"), vec!["wildcards are not possible", "each mailbox has to confirm"]),
        ("question mark", text("sale?@example.com"), vec!["wildcards are not possible"]),
        ("no @", text("example.com"), vec!["no @", "sales@example.com"]),
        ("two @", text("sales@mail@example.com"), vec!["an address has one @"]),
        ("nothing before the @", text("@example.com"), vec!["part before the @ too", "sales@example.com"]),
        ("nothing behind the @", text("sales@"), vec!["domain behind the @ too", "sales@example.com"]),
        ("spaces", text("sales team@example.com"), vec!["neither spaces nor line breaks"]),
        ("space at the end", text("sales@example.com "), vec!["neither spaces nor line breaks"]),
        ("line break at the end", text("sales@example.com\n"), vec!["neither spaces nor line breaks"]),
        ("single label", text("sales@localhost"), vec!["single label", "sales@localhost.example.com"]),
        ("IPv4 address", text("sales@192.0.2.1"), vec!["IP address", "name of a domain"]),
        ("IP literal", text("sales@[192.0.2.1]"), vec!["IP address", "name of a domain"]),
        ("leading dot", text(".sales@example.com"), vec!["no dot at its begin or end"]),
        ("dot before the @", text("sales.@example.com"), vec!["no dot at its begin or end"]),
        ("double dot", text("sa..les@example.com"), vec!["no two in a row"]),
        ("leading hyphen", text("-sales@example.com"), vec!["such as sales@example.com"]),
        ("slash", text("sales/eu@example.com"), vec!["only a-z, 0-9, dots, underscores and hyphens"]),
        ("underscore in the domain", text("sales@mail_1.example.com"), vec!["behind it a domain"]),
        ("empty label", text("sales@mail..example.com"), vec!["behind it a domain"]),
        ("numeric top level", text("sales@mail.123"), vec!["behind it a domain"]),
        ("part before the @ over 64", format!("{}@example.com", "a".repeat(65)), vec!["longer than 64", "RFC 5321"]),
        (
            "domain over 200",
            format!("sales@{}", ["a".repeat(49).as_str(); 5].join(".")),
            vec!["domain of the address is longer than 200"],
        ),
        ("over 320 in all", format!("sales@{}", ["a".repeat(63).as_str(); 6].join(".")), vec!["320"]),
        ("empty", text(""), vec!["write the address you send as, such as sales@example.com"]),
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

/// What the API server complains of, as `field: complaint`.
async fn complaints(acme: &Tenant<'_>, manifest: &Value) -> Vec<String> {
    let params = PatchParams::apply("a-tenant").force();
    match addresses(acme).patch("bad", &params, &Patch::Apply(manifest)).await {
        Ok(_) => Vec::new(),
        Err(kube::Error::Api(status)) => {
            let causes = status.details.map(|details| details.causes).unwrap_or_default();
            // After a length, the API server adds that it did not look at rules.
            let ours = causes.into_iter().filter(|cause| cause.field.starts_with("spec"));
            ours.map(|cause| format!("{}: {}", cause.field, cause.message)).collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_address_note_and_language_is_refused_with_what_to_write_instead() -> anyhow::Result<()> {
    World::scenario("bad-addresses", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        let addresses = bad_addresses().into_iter();
        let addresses =
            addresses.map(|(case, address, expected)| (case, manifest("bad", &address, &json!({})), expected));
        let specs = bad_specs().into_iter();
        let specs = specs.map(|(case, spec, expected)| (case, manifest("bad", "sales@example.com", &spec), expected));
        let (mut table, mut wrong) = ("| | the API server says |\n| --- | --- |\n".to_owned(), String::new());
        for (case, manifest, expected) in addresses.chain(specs) {
            let said = complaints(&acme, &manifest).await;
            if said.len() != 1 || !expected.iter().all(|part| said[0].contains(part)) {
                writeln!(wrong, "{case}: {said:#?}")?;
            }
            writeln!(table, "| {case} | {} |", said.join("; "))?;
        }
        println!("{table}");
        ensure!(wrong.is_empty(), "{wrong}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_address_and_every_letter_that_is_allowed_are_taken() -> anyhow::Result<()> {
    World::scenario("good-addresses", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        let labels = ["a".repeat(49), "b".repeat(49), "c".repeat(49), "d".repeat(47), "de".to_owned()];
        let longest = format!("{}@{}", "a".repeat(64), labels.join("."));
        ensure!(longest.len() == 64 + 1 + 200);
        for good in ["a@b.co", "first.last_1-x@mail.example.com", "_x@example.com", "9@xn--bcher-kva.example", &longest]
        {
            let params = PatchParams::apply("a-tenant").force();
            addresses(&acme).patch("good", &params, &Patch::Apply(manifest("good", good, &json!({})))).await?;
            let note = json!({ "note": "Für unseren Shop, ab 1. Mai (siehe Vertrag).", "locale": "de" });
            addresses(&acme).patch("good", &params, &Patch::Apply(manifest("good", good, &note))).await?;
            acme.kubectl(&["delete", "saddr", "good"]).await?.success()?;
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_resource_never_changes_and_kubectl_explains_the_spec() -> anyhow::Result<()> {
    World::scenario("explained", async |world| {
        let acme = world.tenant_namespace("acme", None).await?;
        let params = PatchParams::apply("a-tenant").force();
        let first = manifest("sales", "sales@example.com", &json!({}));
        addresses(&acme).patch("sales", &params, &Patch::Apply(first)).await?;
        let other = manifest("sales", "info@example.com", &json!({}));
        let error = addresses(&acme).patch("sales", &params, &Patch::Apply(other)).await.unwrap_err().to_string();
        contains(&error, &["can't be changed", "apply a new SenderAddress for the new address, then delete this one"])?;

        let explained = acme.kubectl(&["explain", "saddr.spec"]).await?.success()?;
        let explained = explained.split_whitespace().collect::<Vec<_>>().join(" ");
        contains(
            &explained,
            &[
                "The owner of the mailbox gets a mail with a link and has 24 hours to confirm",
                "sender-operator.io/resend",
                "address <string> -required-",
                "Example: `sales@example.com`",
                "locale <string> enum: en, de",
                "note <string>",
                "at most 200 characters, one line, without a URL",
            ],
        )
    })
    .await
}
