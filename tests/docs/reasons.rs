//! `docs/reference/reasons.md`: a row for each reason of a condition and each reason of an event. Meaning, places and
//! action come from `src/api/reasons.rs`, the messages from the code below `report`.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
};

use sender_operator::{
    api::{
        SenderAddressStatus, SenderDomainStatus,
        reasons::{Doc, EventReason, Reason},
    },
    model::{
        admin_annotations::{APPROVE_ADDRESS, APPROVE_RELEASE},
        confirmation::request::RESEND,
    },
};

const HEAD: &str = "\
# Reasons of conditions and events

A test generates this page from the code. `UPDATE=1 cargo test --test docs` updates it.
Placeholders such as `<domain>` stand for values. [Troubleshooting](../troubleshooting.md) explains where to start.

`Ready`, `Reconciling` and `Stalled` repeat the reason and the message of the condition that blocks the resource. A
resource with a reason marked \"Stalled\" needs manual action. For any other blocking reason, the operator keeps
reconciling the resource, and `Reconciling` is `True`. For `Suspended` and `DryRun`, neither `Reconciling` nor `Stalled`
is present.

";

/// Files whose messages all belong to one event.
const OF_ONE_EVENT: [(&str, EventReason); 2] = [
    ("src/controller/report.rs", EventReason::AdminActionRefused),
    ("src/model/admin_annotations.rs", EventReason::AdminActionRefused),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file in a folder named `report`.
fn report_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(report_files(&path));
        } else if path.parent().is_some_and(|parent| parent.ends_with("report")) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// A part of the code that the parser distinguishes.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// `Reason::X` or `EventReason::X`.
    Reason(String),
    Text(String),
    /// The end of a statement.
    End,
    Function,
}

/// The reasons and texts of a file, up to its tests.
fn parts(code: &str) -> Vec<Part> {
    let code = code.split("#[cfg(test)]").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = lines.flat_map(|line| [line, "\n"]).collect();
    let (mut parts, mut rest) = (Vec::new(), code.as_str());
    while let Some(at) = rest.find(['"', ';', 'R', 'E', 'f']) {
        rest = &rest[at..];
        let word: String = rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == ':').collect();
        if let Some(text) = rest.strip_prefix('"') {
            let end =
                text.match_indices('"').find(|(at, _)| !text[..*at].ends_with('\\')).map_or(text.len(), |at| at.0);
            parts.push(Part::Text(text[..end].to_owned()));
            rest = text.get(end + 1..).unwrap_or_default();
        } else if let Some(text) = rest.strip_prefix(';') {
            parts.push(Part::End);
            rest = text;
        } else {
            if word.starts_with("Reason::") || word.starts_with("EventReason::") {
                parts.push(Part::Reason(word.clone()));
            } else if rest.starts_with("fn ") {
                parts.push(Part::Function);
            }
            rest = &rest[word.len().max(1)..];
        }
    }
    parts
}

/// Whether the text is a whole message rather than a part of one.
fn is_message(text: &str) -> bool {
    text.contains(' ')
        && text.starts_with(|first: char| first.is_uppercase() || first == '{')
        && text.ends_with(['.', '}'])
}

/// The messages of each reason. A message belongs to the reasons before it, else to the first one after it in the same
/// function.
fn messages(code: &str, all: &mut BTreeMap<String, BTreeSet<String>>) {
    let (mut reasons, mut early, mut ended) = (Vec::<String>::new(), Vec::<String>::new(), true);
    for part in parts(code) {
        match part {
            Part::Function => {
                reasons.clear();
                early.clear();
            }
            Part::End => ended = true,
            Part::Reason(reason) => {
                if ended {
                    reasons.clear();
                }
                all.entry(reason.clone()).or_default().extend(early.drain(..));
                reasons.push(reason);
                ended = false;
            }
            Part::Text(text) if is_message(&text) && reasons.is_empty() => early.push(text),
            Part::Text(text) if is_message(&text) => {
                for reason in &reasons {
                    all.entry(reason.clone()).or_default().insert(text.clone());
                }
                ended = true;
            }
            Part::Text(_) => {}
        }
    }
}

/// The text with `<name>` in place of `{name}`, and with the names of annotations.
fn readable(text: &str) -> String {
    let text = text.split('\\').map(str::trim_start).collect::<String>();
    let constants =
        [("{RESEND}", RESEND), ("{APPROVE_ADDRESS}", APPROVE_ADDRESS), ("{APPROVE_RELEASE}", APPROVE_RELEASE)];
    let text = constants.into_iter().fold(text, |text, (name, value)| text.replace(name, value));
    assert!(!text.contains("{}"), "a placeholder of this message has no name: {text}");
    text.replace('{', "<").replace('}', ">")
}

fn all_messages() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    for file in report_files(&root().join("src/controller")) {
        messages(&fs::read_to_string(file).unwrap(), &mut all);
    }
    for (file, reason) in OF_ONE_EVENT {
        let code = fs::read_to_string(root().join(file)).unwrap();
        let texts = parts(&code).into_iter().filter_map(|part| match part {
            Part::Text(text) if is_message(&text) => Some(text),
            _ => None,
        });
        all.entry(format!("EventReason::{}", reason.as_str())).or_default().extend(texts);
    }
    all
}

/// `` `IdentityVerified` False or Unknown, Stalled ``.
fn places(doc: Doc) -> String {
    let mut all = Vec::<(&str, Vec<&str>)>::new();
    for place in doc.places.split(", ") {
        let (name, state) = place.split_once(' ').unwrap_or((place, ""));
        match all.iter_mut().find(|(other, _)| *other == name) {
            Some((_, states)) => states.push(state),
            None => all.push((name, vec![state])),
        }
    }
    let one = |(name, states): (&str, Vec<&str>)| match states[..] {
        [""] => name.to_owned(),
        _ => format!("`{name}` {}", states.join(" or ")),
    };
    all.into_iter().map(one).collect::<Vec<_>>().join(", ")
}

fn row(name: &str, doc: Doc, messages: Option<&BTreeSet<String>>) -> String {
    let messages = messages.into_iter().flatten().map(|text| format!("`{}`", readable(text))).collect::<Vec<_>>();
    let messages = if messages.is_empty() { "The message of the condition".to_owned() } else { messages.join("<br>") };
    format!("| `{name}` | {} | {} | {messages} | {} |\n", places(doc), doc.meaning.trim(), doc.action)
}

fn page() -> String {
    let all = all_messages();
    let mut page = format!("{HEAD}## Conditions\n\n| reason | in | meaning | messages | action |\n");
    page += "| --- | --- | --- | --- | --- |\n";
    let mut reasons: Vec<Reason> = Reason::ALL.to_vec();
    reasons.sort_by_key(|reason| reason.as_str());
    for reason in reasons {
        let name = reason.as_str();
        let messages = all.get(&format!("Reason::{name}")).filter(|messages| !messages.is_empty());
        assert!(messages.is_some(), "no message of {name} was found below src/controller/*/report");
        page += &row(name, reason.doc(), messages);
    }
    page += "\n## Events\n\nNo event and no message names another tenant.\n\n";
    page += "| event | on | meaning | messages | action |\n| --- | --- | --- | --- | --- |\n";
    let mut events: Vec<EventReason> = EventReason::ALL.to_vec();
    events.sort_by_key(|event| event.as_str());
    for event in events {
        page += &row(event.as_str(), event.doc(), all.get(&format!("EventReason::{}", event.as_str())));
    }
    page
}

#[test]
fn the_page_of_reasons_matches_the_code() {
    let (file, page) = (root().join("docs/reference/reasons.md"), page());
    if env::var_os("UPDATE").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let on_disk = fs::read_to_string(&file).unwrap_or_default();
    assert!(on_disk == page, "docs/reference/reasons.md is not up to date: UPDATE=1 cargo test --test docs");
}

#[test]
fn every_reason_and_every_event_has_a_row_with_an_action() {
    let file = root().join("docs/reference/reasons.md");
    let page = if env::var_os("UPDATE").is_some() { page() } else { fs::read_to_string(file).unwrap() };
    let (conditions, events) = page.split_once("## Events").unwrap();
    let reasons = Reason::ALL.iter().map(|reason| (reason.as_str(), reason.doc(), conditions));
    let events = EventReason::ALL.iter().map(|event| (event.as_str(), event.doc(), events));
    for (name, doc, table) in reasons.chain(events) {
        let start = format!("| `{name}` | ");
        let row = table.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("docs/reference/reasons.md has no row for {name}"));
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{row}");
        let action = cells[4];
        assert!(action.len() > 3 && action.ends_with('.'), "the row of {name} has no action");
        assert!(doc.meaning.trim().ends_with('.'), "{name} has no meaning");
    }
}

#[test]
fn every_place_is_a_condition_with_a_status_or_a_resource_with_a_type_of_event() {
    let conditions = [&SenderDomainStatus::CONDITIONS[..], &SenderAddressStatus::CONDITIONS].concat();
    for reason in Reason::ALL {
        for place in reason.doc().places.split(", ").filter(|place| *place != "Stalled") {
            let known = place.split_once(' ').is_some_and(|(condition, status)| {
                conditions.contains(&condition) && ["True", "False", "Unknown"].contains(&status)
            });
            assert!(known, "{}: {place}", reason.as_str());
        }
    }
    for event in EventReason::ALL {
        for place in event.doc().places.split(", ") {
            let known = place.split_once(' ').is_some_and(|(kind, type_)| {
                ["SenderDomain", "SenderAddress", "SenderClaim"].contains(&kind)
                    && ["Normal", "Warning"].contains(&type_)
            });
            assert!(known, "{}: {place}", event.as_str());
        }
    }
}
