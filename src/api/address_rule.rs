//! The admission rules for `SenderAddress`, in CEL: one rule for each field, and one message with the right value.

use std::sync::LazyLock;

use kube::core::{Message, Rule};

use super::domain_rule::LABEL;

/// Faults in the order of the checks, each with its message. Conditions and messages are CEL expressions over `self`.
/// The user reads the first message whose condition is true.
const FAULTS: &[(&str, &str)] = &[
    ("self == ''", "'the address is empty: specify the address that you send as, such as sales@example.com'"),
    (
        "self.contains(',') || self.contains(';')",
        "'this is more than one address: specify one, and apply a separate SenderAddress for each of the others'",
    ),
    (
        "self.contains('<') || self.contains('>')",
        "'specify the address without a display name: only the part between < and >'",
    ),
    ("self.startsWith('mailto:')", "'this is a URL: specify the address without mailto:'"),
    ("self.contains('\"')", "'quoted addresses are not supported: use an address without quotes'"),
    ("self.contains('(') || self.contains(')')", "'specify the address without the comment in parentheses'"),
    (
        "self.matches('[\\\\x00-\\\\x20\\\\x7f]')",
        "'an address cannot contain spaces or line breaks: specify only the address, such as sales@example.com'",
    ),
    (
        "self.contains('*') || self.contains('?')",
        "'wildcards are not supported, because each mailbox owner must confirm: specify one full address'",
    ),
    ("!self.contains('@')", "'the @ is missing: specify a full address, such as sales@example.com'"),
    ("self.split('@').size() > 2", "'an address contains exactly one @, as in sales@example.com'"),
    (
        "self.contains('[') || isIP(self.substring(self.lastIndexOf('@') + 1))",
        "'the part after the @ is an IP address: use a domain that you control, such as sales@example.com'",
    ),
    (
        "!self.matches('^[ -~]*$') && self.split('@')[0].matches('^[ -~]*$')",
        "'specify the domain of the address in ASCII form (A-labels): the command \"idn2 ' + self.split('@')[1] + \
         '\" prints it; for bücher.example it is xn--bcher-kva.example'",
    ),
    (
        "!self.matches('^[ -~]*$')",
        "'SES supports only ASCII addresses: before the @, use only a-z, 0-9, dots, underscores and hyphens'",
    ),
    ("self.lowerAscii() != self", "'specify the address in lowercase: ' + self.lowerAscii()"),
    (
        "self.contains('+')",
        "'specify the base address, which covers its tags: ' + self.substring(0, self.indexOf('+')) + '@' + \
         self.substring(self.lastIndexOf('@') + 1)",
    ),
    ("self.endsWith('.')", "'remove the trailing dot: ' + self.substring(0, self.size() - 1)"),
    ("self.startsWith('@')", "'the part before the @ is missing: specify a full address, such as sales' + self"),
    (
        "self.endsWith('@')",
        "'the domain after the @ is missing: specify a full address, such as ' + self + 'example.com'",
    ),
    (
        "self.indexOf('@') > 64",
        "'the part before the @ is longer than 64 characters, the limit of RFC 5321: use a shorter address'",
    ),
    (
        "self.size() - self.indexOf('@') > 201",
        "'the domain of the address is longer than 200 characters: use an address at a shorter domain'",
    ),
    (
        "self.substring(self.lastIndexOf('@') + 1).split('.').size() > 10",
        "'the domain of the address has more than 10 labels (parts between dots): use an address at a shorter domain'",
    ),
    (
        "!self.substring(self.lastIndexOf('@') + 1).contains('.')",
        "'the part after the @ is a single label: specify the full domain, such as ' + self + '.example.com'",
    ),
];

const OTHERWISE: &str = "'specify an address such as sales@example.com: before the @, only a-z, 0-9, dots, underscores \
                         and hyphens, without leading, trailing or consecutive dots; after it, a domain'";

/// `spec.address` is a lower-case address.
pub(super) static IS_AN_ADDRESS: LazyLock<Rule> = LazyLock::new(|| {
    let rule = format!(
        "self.size() <= 265 && self.matches('^[a-z0-9_][a-z0-9._-]{{0,63}}@({LABEL}\\\\.)+{LABEL}$') && \
         !self.matches('(\\\\.\\\\.|\\\\.@|\\\\.[0-9]+$)') && self.size() - self.indexOf('@') <= 201 && \
         self.substring(self.lastIndexOf('@') + 1).split('.').size() <= 10"
    );
    let sentence =
        FAULTS.iter().rev().fold(OTHERWISE.to_owned(), |rest, (fault, say)| format!("{fault} ? ({say}) : ({rest})"));
    Rule::new(rule).message(Message::Expression(sentence))
});

/// `spec.address` never changes.
pub(super) static ADDRESS_IS_IMMUTABLE: LazyLock<Rule> = LazyLock::new(|| {
    Rule::new("self == oldSelf").message(Message::Message(
        "the address is immutable: apply a new SenderAddress for the new address, then delete this one".to_owned(),
    ))
});

/// `spec.note` is shown to a stranger: one line, without anything that looks like a link.
pub(super) static IS_A_NOTE: LazyLock<Rule> = LazyLock::new(|| {
    let rule = "!self.matches('[\\\\x00-\\\\x1f\\\\x7f<>]') && !self.lowerAscii().contains('://') && \
                !self.lowerAscii().contains('www.')";
    Rule::new(rule).message(Message::Message(
        "a note must be one line of plain text without a URL: remove line breaks, tabs, < and >, and URLs".to_owned(),
    ))
});
