//! Similar code at two places.
//!
//! The shape of a line is the line without names, texts and numbers. Two places are similar if at least [`LONG_ENOUGH`]
//! consecutive lines have the same shapes. Blank lines, comments, imports and lines of punctuation do not count. Runs
//! of a single shape do not count either, because all lists look alike, for example the fields of structs.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use syn::Item;

use super::source::{Source, Tree, lines};

/// Minimum number of consecutive lines.
pub const LONG_ENOUGH: usize = 6;
/// Minimum number of different shapes among them.
const VARIED_ENOUGH: usize = 2;

/// Words that remain in a shape.
const KEYWORDS: [&str; 33] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "false", "fn", "for", "if",
    "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct",
    "super", "trait", "true", "type", "while",
];

/// Every pair of similar places as text, the longest first; each run has its maximum length.
pub fn likenesses(tree: &Tree) -> Vec<String> {
    let files: Vec<(&str, Vec<(usize, String)>)> = tree.production().map(|file| (file.name(), shapes(file))).collect();
    let mut windows: BTreeMap<Vec<&str>, Vec<(usize, usize)>> = BTreeMap::new();
    for (index, (_, shapes)) in files.iter().enumerate() {
        for (at, window) in shapes.windows(LONG_ENOUGH).enumerate() {
            windows.entry(window.iter().map(|(_, shape)| shape.as_str()).collect()).or_default().push((index, at));
        }
    }
    let mut starts = BTreeSet::new();
    for places in windows.values() {
        for (nth, one) in places.iter().enumerate() {
            starts.extend(places[nth + 1..].iter().map(|other| (*one, *other)));
        }
    }
    let before = |(file, at): (usize, usize)| at.checked_sub(1).map(|at| (file, at));
    let goes_on = |(one, other)| before(one).zip(before(other)).is_some_and(|pair| starts.contains(&pair));
    let mut found = Vec::new();
    for ((one, from), (other, to)) in starts.iter().copied().filter(|pair| !goes_on(*pair)) {
        let (first, second) = (&files[one].1[from..], &files[other].1[to..]);
        // Two places in one file end where they would overlap.
        let room = if one == other { to - from } else { usize::MAX };
        let same = first.iter().zip(second).take(room).take_while(|(first, second)| first.1 == second.1);
        let (count, varied) = (same.clone().count(), same.map(|(first, _)| &first.1).collect::<HashSet<_>>().len());
        if count >= LONG_ENOUGH && varied >= VARIED_ENOUGH {
            let [one, other] =
                [(one, first), (other, second)].map(|(file, at)| format!("{}:{}", files[file].0, at[0].0));
            found.push((count, format!("{count} lines: {one} and {other}")));
        }
    }
    found.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    found.into_iter().map(|(_, text)| text).collect()
}

/// Numbers and shapes of the lines that count.
fn shapes(file: &Source) -> Vec<(usize, String)> {
    let imports: Vec<_> = file.items().filter(|item| matches!(item, Item::Use(_))).map(lines).collect();
    let code = file.production_lines().filter(|(number, _)| !imports.iter().any(|lines| lines.contains(number)));
    let shaped = code.map(|(number, line)| (number, shape(line)));
    shaped.filter(|(_, shape)| shape.contains(|letter: char| letter.is_ascii_alphanumeric())).collect()
}

fn shape(line: &str) -> String {
    let mut shape = String::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next().filter(|_| !rest.starts_with("//")) {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let length = match first {
            '"' => rest[1..].replace("\\\\", "--").replace("\\\"", "--").find('"').map_or(rest.len(), |end| end + 2),
            letter if is_word(letter) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
            letter => letter.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        match first {
            '"' => shape.push('s'),
            '0'..='9' => shape.push('0'),
            letter if is_word(letter) => shape.extend([if KEYWORDS.contains(&token) { token } else { "n" }, " "]),
            letter if letter.is_whitespace() => {}
            letter => shape.push(letter),
        }
        rest = after;
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAINS: &str = "use a::b;\n/// Looks.\nfn look(domain: &Domain) -> Option<u8> {\n    let found = domain.look(\"a\\\"\");\n\n    \
                           if found > 1 {\n        return None;\n    }\n    // Why.\n    for one in found {\n        one.go();\n    \
                           }\n    Some(2)\n}\n";
    const ADDRESSES: &str = "fn read(address: &Address) -> Result<u64> {\n    let seen = address.read(\"bcd\");\n    if seen > 23 \
                             {\n        return Nothing;\n    }\n    for x in seen {\n        x.come();\n    }\n    Good(7)\n}\n";

    #[test]
    fn the_same_shape_under_other_names_is_found_once_and_mere_lists_are_not() {
        let (twice, other) = (format!("{DOMAINS}{ADDRESSES}"), ADDRESSES.replace("seen > 23", "seen.is(23)"));
        let list = "struct S {\n a: u8,\n b: u8,\n c: u8,\n d: u8,\n e: u8,\n f: u8,\n}\n";
        let public = format!("pub {list}");
        for (one, path, text, expected) in [
            (DOMAINS, "b.rs", ADDRESSES, vec!["7 lines: a.rs:3 and b.rs:1"]),
            (DOMAINS, "b.rs", "", vec![]),
            (&twice, "b.rs", "", vec!["7 lines: a.rs:3 and a.rs:15"]),
            (DOMAINS, "b.rs", &other, vec![]),
            (list, "b.rs", &public, vec![]),
            (DOMAINS, "a_tests.rs", ADDRESSES, vec![]),
        ] {
            assert_eq!(likenesses(&Tree::sample(&[("a.rs", one), (path, text)])), expected, "{path} {text}");
        }
    }
}
