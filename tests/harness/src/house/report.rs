//! What `make house` prints.

use std::{collections::BTreeSet, fmt};

use super::{
    Calls, Circle, Function, Imports, Likeness, Source, Spread, Stop, Tree, Way, functions, likenesses,
    shapes::LONG_ENOUGH, spread,
};

/// Pairs of like code that are named; the others are counted.
const NAMED: usize = 10;

/// The ways of a domain: to where it is observed, to where its identity is decided on, and to where SES is called.
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
const DOMAIN: &str = "controller/domain/";
/// What a reader of these ways looks up beside them.
const LOOKED_UP: [&str; 2] = ["controller/", "ses/"];

/// The figures of a checkout.
#[derive(Debug)]
pub struct Report {
    files: Vec<(usize, String)>,
    documented: usize,
    functions: Vec<Function>,
    likenesses: Vec<Likeness>,
    circles: Vec<Circle>,
    spread: Vec<Spread>,
    tests: usize,
    reading: Option<Reading>,
}

/// What a reader opens to follow a domain.
#[derive(Debug)]
struct Reading {
    ways: Vec<String>,
    on_the_way: usize,
    /// What is opened beside the files on the way.
    beside: Vec<String>,
}

impl Report {
    /// Measures a checkout.
    pub fn of(tree: &Tree) -> Self {
        let mut files: Vec<(usize, String)> =
            tree.production().map(|file| (file.production_lines().count(), file.name().to_owned())).collect();
        files.sort();
        let is_doc = |line: &str| line.starts_with("///") || line.starts_with("//!");
        let lines = tree.production().flat_map(Source::production_lines);
        Self {
            files,
            documented: lines.filter(|(_, line)| is_doc(line)).count(),
            functions: functions(tree),
            likenesses: likenesses(tree),
            circles: Imports::of(tree).circles(),
            spread: spread(tree),
            tests: tree.files.iter().map(Source::test_lines).sum(),
            reading: Reading::of(&Calls::of(tree)),
        }
    }

    fn rows(&self) -> Vec<[String; 3]> {
        let lines: usize = self.files.iter().map(|(lines, _)| lines).sum();
        let (median_file, longest_file) =
            middle_and_last(&self.files).map_or((0, ""), |(middle, last)| (middle.0, &*last.1));
        let function = middle_and_last(&self.functions);
        let (median_function, longest_function) =
            function.map_or((0, ""), |(middle, last)| (middle.lines, &*last.place));
        let last_file = self.files.last().map_or(0, |file| file.0);
        let last_function = self.functions.last().map_or(0, |function| function.lines);
        let unknown = || "no such way".to_owned();
        let reading = self.reading.as_ref();
        let row = |name: &str, value: String, goal: &str| [name.to_owned(), value, goal.to_owned()];
        vec![
            row("production files", self.files.len().to_string(), ""),
            row("production lines", lines.to_string(), ""),
            row("file: median, longest", format!("{median_file}, {last_file} ({longest_file})"), "about 100, 450"),
            row("functions", self.functions.len().to_string(), ""),
            row("function: median, longest", format!("{median_function}, {last_function} ({longest_function})"), ""),
            row("doc comments", format!("{} %", ratio(self.documented * 100, lines)), ""),
            row("pairs of like-shaped code", self.likenesses.len().to_string(), ""),
            row("import circles", format!("{} ({} files)", self.circles.len(), files_of(&self.circles)), "0"),
            row("types with methods in other files", self.spread.len().to_string(), ""),
            row("test lines per production line", ratio(self.tests, lines), "2.2"),
            row("files opened from main to SES", reading.map_or_else(unknown, ToString::to_string), "12"),
        ]
    }
}

/// The ways of a domain that a reader follows. `None`: one of them does not exist, so what it leads to was renamed.
pub fn ways_of_a_domain(calls: &Calls) -> Option<Vec<Way<'_>>> {
    WAYS.iter().map(|stops| calls.way(stops)).collect()
}

impl Reading {
    fn of(calls: &Calls) -> Option<Self> {
        let ways = ways_of_a_domain(calls)?;
        let on_the_way: BTreeSet<&str> = ways.iter().flat_map(|way| way.files()).collect();
        let looked_up: BTreeSet<&str> = ways.iter().flat_map(|way| way.opened()).collect();
        let near = |file: &&&str| LOOKED_UP.iter().any(|folder| file.starts_with(folder));
        let beside = looked_up.difference(&on_the_way).filter(near).map(|file| (*file).to_owned()).collect();
        Some(Self { ways: ways.iter().map(ToString::to_string).collect(), on_the_way: on_the_way.len(), beside })
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} on the chains of calls)", self.on_the_way + self.beside.len(), self.on_the_way)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["measure", "value", "goal"].map(str::to_owned);
        let rows = [vec![head, ["---"; 3].map(str::to_owned)], self.rows()].concat();
        for [name, value, goal] in rows {
            writeln!(f, "| {name:<33} | {value:<46} | {goal:<14} |")?;
        }
        writeln!(f, "\nImport circles (files that import each other, directly or around; `mod x;` is no import):")?;
        list(f, &self.circles)?;
        writeln!(f, "\nTypes with methods of their own in other files, which are circles that no import shows:")?;
        list(f, &self.spread)?;
        writeln!(
            f,
            "\nLike-shaped code (at least {LONG_ENOUGH} lines in a row that differ in names and values only), the longest:"
        )?;
        list(f, &self.likenesses[..self.likenesses.len().min(NAMED)])?;
        writeln!(
            f,
            "\nFiles opened from main to SES: those of the shortest chains of calls from `main` to where a domain is observed, to \
             where\nits identity is decided on, and to where `create_email_identity` is called; and in src/controller and src/ses \
             those of\nwhat the functions of these chains call or name. The chains:"
        )?;
        let Some(reading) = &self.reading else { return list::<String>(f, &[]) };
        list(f, &reading.ways)?;
        writeln!(f, "Opened beside these:")?;
        list(f, &[reading.beside.join(", ")])
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, entries: &[T]) -> fmt::Result {
    if entries.is_empty() {
        return writeln!(f, "  none");
    }
    entries.iter().try_for_each(|entry| writeln!(f, "  {entry}"))
}

fn files_of(circles: &[Circle]) -> usize {
    circles.iter().map(|circle| circle.files.len()).sum()
}

fn middle_and_last<T>(sorted: &[T]) -> Option<(&T, &T)> {
    sorted.get(sorted.len() / 2).zip(sorted.last())
}

/// With one digit behind the point.
fn ratio(part: usize, whole: usize) -> String {
    let tenths = (part * 10 + whole / 2) / whole.max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_measure() {
        let files = [
            ("src/lib.rs", "pub mod a;\n"),
            ("src/a.rs", "//! Says something.\n\n/// Does it.\npub fn f() {\n    g();\n}\n\nfn g() {}\n"),
            ("tests/a.rs", "fn t() {}\n\nfn u() {}\n"),
        ];
        let tree = Tree::of(files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()).unwrap();
        let report = Report::of(&tree);
        let rows: Vec<String> = report.rows().into_iter().map(|[name, value, _]| format!("{name}: {value}")).collect();
        assert_eq!(
            rows,
            [
                "production files: 2",
                "production lines: 7",
                "file: median, longest: 6, 6 (a.rs)",
                "functions: 2",
                "function: median, longest: 3, 3 (a.rs f)",
                "doc comments: 28.6 %",
                "pairs of like-shaped code: 0",
                "import circles: 0 (0 files)",
                "types with methods in other files: 0",
                "test lines per production line: 0.3",
                "files opened from main to SES: no such way",
            ]
        );
        assert!(report.to_string().contains("| production files "));
    }
}
