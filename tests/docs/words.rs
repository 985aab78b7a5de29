//! Prose is wrapped like code, and words that were replaced do not come back.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Maximum characters per line, as in `rustfmt.toml`.
const WIDTH: usize = 120;

/// Folders without prose of ours.
const SKIPPED: [&str; 3] = [".git", "target", "node_modules"];

/// Parts of names, in lower case. The glossary and the code use other words for these concepts now. The list omits
/// words that also have an ordinary meaning.
const REPLACED: [&str; 28] = [
    "asker",
    "beating",
    "carried_out",
    "desk",
    "hand_over",
    "handover",
    "heir",
    "held_elsewhere",
    "leash",
    "leftover",
    "mandate",
    "pulse",
    "remark",
    "remind",
    "roomy",
    "ruling",
    "scene",
    "seat",
    "sight",
    "sponsor",
    "tame",
    "tongue",
    "trouble",
    "turnstile",
    "unseen",
    "unsure",
    "ways_in",
    "woken",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder whose names end so, and their paths from the root.
fn files(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !path.is_symlink() && !SKIPPED.contains(&name) {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) && path.is_file() {
                let shown = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((shown, fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Whether this line is too long although it can be wrapped: tables and links cannot.
fn is_too_long(line: &str, text: &str) -> bool {
    let links: usize = text.split(' ').filter(|word| word.contains("://")).map(|link| link.chars().count()).sum();
    !text.trim_start().starts_with('|') && line.chars().count() > WIDTH + links
}

/// The numbers of the lines of prose that are too long.
fn too_long(file: &str, text: &str) -> Vec<usize> {
    let (mut found, mut block) = (Vec::new(), false);
    for (number, line) in (1..).zip(text.lines()) {
        let start = line.trim_start();
        let prose = match file.rsplit_once('.') {
            Some((_, "rs" | "go")) => start.starts_with("//").then(|| start.trim_start_matches(['/', '!'])),
            Some((_, "md")) => {
                block ^= start.starts_with("```");
                (!block).then_some(start)
            }
            _ => {
                block |= start.starts_with("{{/*") || start.starts_with("{{- /*");
                let comment = (block || start.starts_with('#')).then_some(start);
                block &= !line.contains("*/");
                comment
            }
        };
        if prose.is_some_and(|text| is_too_long(line, text)) {
            found.push(number);
        }
    }
    found
}

/// The parts of a name in lower case and in singular: `HandOver` and `hand_overs` are `hand` and `over`.
fn parts(name: &str) -> Vec<String> {
    let (mut parts, mut before) = (vec![String::new()], '_');
    for letter in name.chars() {
        if letter == '_' || (letter.is_uppercase() && !before.is_uppercase()) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| letter != '_') {
            part.extend(letter.to_lowercase());
        }
        before = letter;
    }
    for part in parts.iter_mut().filter(|part| part.ends_with('s')) {
        part.pop();
    }
    parts
}

/// The names and words of a text that contain a replaced word.
fn replaced(text: &str) -> BTreeSet<&str> {
    let names = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let mut names: BTreeSet<&str> = names.collect();
    names.retain(|name| {
        let parts = parts(name);
        let pairs = parts.windows(2).map(|pair| pair.join("_"));
        parts.iter().cloned().chain(pairs).any(|part| REPLACED.contains(&part.as_str()))
    });
    names
}

#[test]
fn prose_is_wrapped_like_code() {
    let all = files("", &[".rs", ".go", ".md", ".yaml", ".tpl"]);
    assert!(all.len() > 300, "{}", all.len());
    let found: Vec<String> = all
        .iter()
        .flat_map(|(file, text)| too_long(file, text).into_iter().map(move |number| format!("{file}:{number}")))
        .collect();
    assert!(found.is_empty(), "longer than {WIDTH} characters:\n{}", found.join("\n"));
}

#[test]
fn replaced_words_do_not_come_back() {
    let endings = [".rs", ".yaml", ".html", ".css", ".svg", ".tpl", ".txt", ".json"];
    let all = ["src", "crds", "charts"].into_iter().flat_map(|folder| files(folder, &endings));
    let mut found = Vec::new();
    for (file, text) in all {
        let names = replaced(&file).into_iter().chain(replaced(&text));
        found.extend(names.map(|name| format!("{file}: {name}")));
    }
    assert!(found.is_empty(), "replaced words, see docs/glossary.md:\n{}", found.join("\n"));
}

#[test]
fn names_are_compared_part_by_part() {
    for (text, expected) in [
        ("let heir = next;", vec!["heir"]),
        ("struct AskerName(Heir);", vec!["AskerName", "Heir"]),
        ("spec.identity.handOver", vec!["handOver"]),
        ("LAST_HEIRS is_handed_over", vec!["LAST_HEIRS"]),
        ("their theirs insight a troubleshooter hands it over", vec![]),
    ] {
        assert_eq!(replaced(text), expected.into_iter().collect(), "{text}");
    }
}

#[test]
fn tables_code_and_links_may_be_long() {
    let long = "word ".repeat(30);
    let link = format!("https://example.com/{}", "a".repeat(120));
    for (file, text, expected) in [
        ("a.rs", format!("    /// {long}"), vec![1]),
        ("a.rs", format!("//! | {long} |\n// {link}\nlet a = \"// {long}\";"), vec![]),
        ("a.md", format!("# Title\n\n{long}"), vec![3]),
        ("a.md", format!("| {long} |\n```\n{long}\n```\n- See <{link}>"), vec![]),
        ("a.yaml", format!("# {long}\n{{{{/*\n{long}\n*/}}}}\nkey: {long}"), vec![1, 3]),
    ] {
        assert_eq!(too_long(file, &text), expected, "{text}");
    }
}
