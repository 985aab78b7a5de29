//! The output of `make house`.

use std::{collections::BTreeSet, fmt};

use super::{
    Calls, Imports, Source, Stop, Tree, Way,
    shapes::{LONG_ENOUGH, likenesses},
};

/// Number of listed pairs of similar code; the others are only counted.
const NAMED: usize = 10;

const DOMAIN: &str = "controller/domain/";
/// The ways of a domain: to its observation, to the decision about its identity, and to the SES call.
const WAYS: [&[Stop<'_>]; 3] = [
    &[Stop { below: DOMAIN, name: Some("observe"), says: Some("claim") }],
    &[
        Stop { below: DOMAIN, name: Some("decide"), says: None },
        Stop { below: DOMAIN, name: None, says: Some("CreateIdentity") },
    ],
    &[
        Stop { below: DOMAIN, name: None, says: None },
        Stop { below: "ses/", name: None, says: Some("create_email_identity") },
    ],
];
/// Folders that a reader of these ways also looks up.
const LOOKED_UP: [&str; 2] = ["controller/", "ses/"];

/// The ways that a reader of a domain follows. `None`: one of them does not exist, because its target was renamed.
pub fn ways_of_a_domain(calls: &Calls) -> Option<Vec<Way<'_>>> {
    WAYS.iter().map(|stops| calls.way(stops)).collect()
}

/// The figures of a checkout: rows of measure, value and goal, and lists with their headings.
pub struct Report {
    rows: Vec<[String; 3]>,
    lists: Vec<(String, Vec<String>)>,
}

impl Report {
    pub fn of(tree: &Tree) -> Self {
        let length = |file: &Source| (file.production_lines().count(), file.name().to_owned());
        let mut files: Vec<(usize, String)> = tree.production().map(length).collect();
        files.sort();
        let lines: usize = files.iter().map(|(lines, _)| lines).sum();
        let tests: usize = tree.files.iter().map(Source::test_lines).sum();
        let calls = Calls::of(tree);
        let functions = calls.lengths();
        let alike = likenesses(tree);
        let circles = Imports::of(tree).circles();
        let in_circles: usize = circles.iter().map(|circle| circle.files.len()).sum();
        let (opened, ways, beside) = reading(&calls).unwrap_or(("no such way".to_owned(), Vec::new(), Vec::new()));
        let row = |name: &str, value: String, goal: &str| [name.to_owned(), value, goal.to_owned()];
        let rows = vec![
            row("measure", "value".to_owned(), "goal"),
            row("---", "---".to_owned(), "---"),
            row("production files", files.len().to_string(), ""),
            row("production lines", lines.to_string(), ""),
            row("file: median, longest", middle_and_last(&files), "about 100, 450"),
            row("functions", functions.len().to_string(), ""),
            row("function: median, longest", middle_and_last(&functions), ""),
            row("pairs of like-shaped code", alike.len().to_string(), ""),
            row("import circles", format!("{} ({in_circles} files)", circles.len()), "0"),
            row("test lines per production line", ratio(tests, lines), "2.2"),
            row("files opened from main to SES", opened, "12"),
        ];
        let lists = vec![
            (
                "Import circles (files that import each other, directly or around; `mod x;` is no import):".to_owned(),
                circles.iter().map(ToString::to_string).collect(),
            ),
            (
                format!(
                    "Like-shaped code (at least {LONG_ENOUGH} lines in a row that differ in names and values only), the longest:"
                ),
                alike.into_iter().take(NAMED).collect(),
            ),
            (
                "Files opened from main to SES: those of the shortest chains of calls from `main` to where a domain is observed, to \
                 where\nits identity is decided on, and to where `create_email_identity` is called; and in src/controller and src/ses \
                 those of\nwhat the functions of these chains call or name. The chains:"
                    .to_owned(),
                ways,
            ),
            ("Opened beside these:".to_owned(), beside),
        ];
        Self { rows, lists }
    }
}

/// The files that a reader opens to follow a domain: their number, the ways, and other opened files.
fn reading(calls: &Calls) -> Option<(String, Vec<String>, Vec<String>)> {
    let ways = ways_of_a_domain(calls)?;
    let on_the_way: BTreeSet<&str> = ways.iter().flat_map(Way::files).collect();
    let looked_up: BTreeSet<&str> = ways.iter().flat_map(Way::opened).collect();
    let near = |file: &&&str| LOOKED_UP.iter().any(|folder| file.starts_with(folder));
    let beside: Vec<&str> = looked_up.difference(&on_the_way).filter(near).copied().collect();
    let count = format!("{} ({} on the chains of calls)", on_the_way.len() + beside.len(), on_the_way.len());
    Some((count, ways.iter().map(ToString::to_string).collect(), vec![beside.join(", ")]))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for [name, value, goal] in &self.rows {
            writeln!(f, "| {name:<33} | {value:<46} | {goal:<14} |")?;
        }
        for (heading, entries) in &self.lists {
            writeln!(f, "\n{heading}")?;
            let entries = if entries.is_empty() { "none".to_owned() } else { entries.join("\n  ") };
            writeln!(f, "  {entries}")?;
        }
        Ok(())
    }
}

fn middle_and_last(sorted: &[(usize, String)]) -> String {
    let ends = sorted.get(sorted.len() / 2).zip(sorted.last());
    ends.map_or_else(String::new, |(middle, (longest, place))| format!("{}, {longest} ({place})", middle.0))
}

/// With one decimal digit.
fn ratio(part: usize, whole: usize) -> String {
    let tenths = (part * 10 + whole / 2) / whole.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_measure() {
        let report = Report::of(&Tree::sample(&[
            ("lib.rs", "pub mod a;\n"),
            ("a.rs", "//! Says something.\n\n/// Does it.\npub fn f() {\n    g();\n}\n\nfn g() {}\n"),
            ("a_tests.rs", "fn t() {}\n\nfn u() {}\n"),
        ]));
        let rows: Vec<String> = report.rows[2..].iter().map(|[name, value, _]| format!("{name}: {value}")).collect();
        assert_eq!(
            rows,
            [
                "production files: 2",
                "production lines: 7",
                "file: median, longest: 6, 6 (a.rs)",
                "functions: 2",
                "function: median, longest: 3, 3 (a.rs f)",
                "pairs of like-shaped code: 0",
                "import circles: 0 (0 files)",
                "test lines per production line: 0.3",
                "files opened from main to SES: no such way",
            ]
        );
        assert!(report.to_string().contains("| production files "));
    }
}
