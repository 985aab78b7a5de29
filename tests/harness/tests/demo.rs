//! Tests `make demo`, the first command of the README.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails its test")]

use std::process::{Command, Output};

/// Runs the demo without a terminal, until its end.
fn demo(set: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_demo")).env("STAY", "0").envs(set.iter().copied()).output().unwrap()
}

#[test]
fn the_whole_story_is_told_in_plain_text_and_the_exit_code_is_0() {
    let output = demo(&[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(!text.contains('\x1b') && !text.contains("Press Enter"), "meant for a terminal:\n{text}");
    let mut rest = text.as_str();
    for part in [
        "TXT  ",
        "Missing",
        "condition met",
        "Held",
        "DNSChallenge",
        "Wrong record: ",
        "condition met",
        "OwnedByAnotherTenant",
        "Another tenant owns mail.acme.example",
        "its TXT record is gone",
        "condition met",
        "Displaced",
        "tenant/zenith",
        "zenith keeps the domain",
        "AwaitingOwner",
        "Your code:",
        "Allow email to be sent as",
        "a wrong code changes nothing",
        "is confirmed",
        "condition met",
        "saddr --field-selector=status.from=sales@mail.acme.example",
        "sales@mail.acme.example   True",
        "DomainOwnedByAnotherTenant",
        "Another tenant owns mail.acme.example",
        "gets no email",
        "deleted",
        "Released",
        "main workflow",
    ] {
        let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("{part} is missing, or out of order:\n{text}"));
        rest = after;
    }
}

#[test]
fn an_operator_that_ends_makes_the_demo_fail_and_say_so() {
    let output = demo(&[("SENDER_OPERATOR_BINARY", "/bin/false")]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("✘ The demo failed") && text.contains("the operator ended"), "{text}");
}
