//! The admission rule for `spec.domain`, in CEL: one rule, and one message with the right value.

use std::sync::LazyLock;

use kube::core::{Message, Rule};

/// One label of a domain, as a regular expression.
pub(super) const LABEL: &str = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

/// Faults in the order of the checks, each with its message. Conditions and messages are CEL expressions over `self`.
/// The user reads the first message whose condition is true.
const FAULTS: &[(&str, &str)] = &[
    ("self == ''", "'the domain is empty: specify the domain that you send from, such as example.com'"),
    ("self.contains('://')", "'this is a URL: specify only the domain, such as example.com'"),
    (
        "self.contains('@')",
        "'this is an email address: specify the domain after the @, such as ' + \
         self.substring(self.lastIndexOf('@') + 1).lowerAscii()",
    ),
    ("isIP(self)", "'this is an IP address: specify a domain that you control, such as example.com'"),
    (
        "self.contains('*')",
        "'wildcards are not supported: specify the domain, such as example.com; SES covers its subdomains'",
    ),
    (
        "!self.matches('^[ -~]*$')",
        "'specify the domain in ASCII form (A-labels): the command \"idn2 ' + self + '\" prints it; for \
         bücher.example it is xn--bcher-kva.example'",
    ),
    ("self.lowerAscii() != self", "'specify the domain in lowercase: ' + self.lowerAscii()"),
    ("self.endsWith('.')", "'remove the trailing dot: ' + self.substring(0, self.size() - 1)"),
    (
        "self.contains('_')",
        "'a sender domain cannot contain an underscore: specify the domain after the @ of your addresses, such as \
         example.com'",
    ),
    ("!self.contains('.')", "'this is a single label: specify the full domain, such as ' + self + '.example.com'"),
    (
        "self.size() > 200",
        "'the domain is longer than 200 characters: use a shorter one; SES adds 43 characters for DKIM, and DNS \
         allows 253 in total'",
    ),
    ("self.split('.').size() > 10", "'the domain has more than 10 labels (parts between dots): use a shorter one'"),
    (
        "self.split('.').exists(label, label.size() > 63)",
        "'a label (the part between two dots) is longer than 63 characters, the DNS limit: use a shorter one'",
    ),
];

const OTHERWISE: &str = "'specify a domain such as mail.example.com: labels of a-z, 0-9 and hyphens, separated by \
                         single dots; no label starts or ends with a hyphen, and the last one is not a number'";

/// `spec.domain` is a lower-case domain name.
pub(super) static IS_A_DOMAIN: LazyLock<Rule> = LazyLock::new(|| {
    let rule = format!(
        "self.size() <= 200 && self.split('.').size() <= 10 && self.matches('^({LABEL}\\\\.)+{LABEL}$') && !self.matches('(^|\\\\.)[0-9]+$')"
    );
    let sentence =
        FAULTS.iter().rev().fold(OTHERWISE.to_owned(), |rest, (fault, say)| format!("{fault} ? ({say}) : ({rest})"));
    Rule::new(rule).message(Message::Expression(sentence))
});

/// `spec.domain` never changes.
pub(super) static IS_IMMUTABLE: LazyLock<Rule> = LazyLock::new(|| {
    Rule::new("self == oldSelf").message(Message::Message(
        "the domain is immutable: apply a new SenderDomain for the new domain, then delete this one".to_owned(),
    ))
});
