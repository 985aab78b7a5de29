//! Parsing of addresses in `SendEmail`.
//!
//! Third parties measured the refusals and their messages: SES scans strictly from the left.

/// The address in an address with a name: `Ann <ann@acme.example>` gives `ann@acme.example`.
pub(crate) fn spec(written: &str) -> &str {
    let written = written.trim();
    match (last_angle(written), written.strip_suffix('>')) {
        (Some(open), Some(inside)) => inside[open + 1..].trim(),
        _ => written,
    }
}

/// Position of the last `<` outside of quoted strings.
fn last_angle(written: &str) -> Option<usize> {
    let (mut quoted, mut escaped, mut open) = (false, false, None);
    for (at, letter) in written.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            '<' if !quoted => open = Some(at),
            _ => {}
        }
    }
    open
}

/// SES's reason to refuse an address. A name before it may contain anything except line breaks.
pub(crate) fn violation(written: &str) -> Option<String> {
    if has_line_break(written) {
        return Some(format!("Invalid email address {}.", written.replace(['\r', '\n'], " ")));
    }
    let spec = spec(written);
    let Some((local, domain)) = halves(spec) else {
        let first = if spec.chars().any(control) { "Local address contains control or whitespace" } else { NO_DOMAIN };
        return Some(first.to_owned());
    };
    let quoted = local.starts_with('"') && local.ends_with('"') && local.len() > 1;
    if !quoted && local.chars().any(control) {
        return Some("Local address contains control or whitespace".to_owned());
    }
    if domain.is_empty() {
        return Some("Missing domain".to_owned());
    }
    domain.chars().any(control).then(|| "Domain contains control or whitespace".to_owned())
}

const NO_DOMAIN: &str = "Missing final '@domain'";

/// The text before and after the first `@` outside of quoted strings.
fn halves(spec: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in spec.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '@' if !quoted => return Some((&spec[..at], &spec[at + 1..])),
            _ => {}
        }
    }
    None
}

/// SES's definition of control or whitespace, which includes everything beyond 7-bit ASCII.
fn control(letter: char) -> bool {
    letter <= ' ' || letter >= '\u{7f}'
}

/// Whether a text would start another header line.
pub(crate) fn has_line_break(text: &str) -> bool {
    text.contains(['\r', '\n'])
}

/// `sender+label@acme.example` without its label; `None` if it has none. The verification of an address covers its
/// labels (AWS SES Developer Guide, "Creating and verifying identities").
pub(crate) fn without_label(spec: &str) -> Option<String> {
    let (local, domain) = spec.rsplit_once('@')?;
    let (bare, _) = local.split_once('+')?;
    (!bare.is_empty()).then(|| format!("{bare}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_behind_any_name() {
        for (written, expected) in [
            ("ann@acme.example", "ann@acme.example"),
            (" Ann <ann@acme.example> ", "ann@acme.example"),
            ("\"Ann <the> Great\" <ann@acme.example>", "ann@acme.example"),
            (r#""an \" <quote" <ann@acme.example>"#, "ann@acme.example"),
            ("<ann@acme.example>", "ann@acme.example"),
            ("Ann <ann@acme.example", "Ann <ann@acme.example"),
            ("<", "<"),
            ("<>", ""),
        ] {
            assert_eq!(spec(written), expected, "{written}");
        }
    }

    #[test]
    fn reasons_to_refuse_an_address() {
        const LOCAL: &str = "Local address contains control or whitespace";
        for (written, expected) in [
            ("ann@acme.example", None),
            ("Änne <ann@acme.example>", None),
            ("\"ann lee\"@acme.example", None),
            ("\"a@b\"@acme.example", None),
            ("ann+x@acme.example", None),
            ("ann lee@acme.example", Some(LOCAL)),
            ("änne@acme.example", Some(LOCAL)),
            ("nobody at all", Some(LOCAL)),
            ("ann", Some("Missing final '@domain'")),
            ("", Some("Missing final '@domain'")),
            ("ann@", Some("Missing domain")),
            ("ann@bücher.example", Some("Domain contains control or whitespace")),
            ("ann@acme.example, bob@acme.example", Some("Domain contains control or whitespace")),
            (
                "ann@acme.example\r\nBcc: eve@evil.example",
                Some("Invalid email address ann@acme.example  Bcc: eve@evil.example."),
            ),
            ("Ann\n <ann@acme.example>", Some("Invalid email address Ann  <ann@acme.example>.")),
        ] {
            assert_eq!(violation(written).as_deref(), expected, "{written}");
        }
    }

    #[test]
    fn labels_go() {
        assert_eq!(without_label("ann+a+b@acme.example").as_deref(), Some("ann@acme.example"));
        assert_eq!(without_label("ann@a+b.example"), None);
        assert_eq!(without_label("+x@acme.example"), None);
    }
}
