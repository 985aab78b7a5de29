//! Code of the same shape at two places.
//!
//! The shape of a line is what is left when names, texts and numbers are taken out. Two places are alike if at least
//! [`LONG_ENOUGH`] lines in a row have the same shapes; blank lines, comments, imports and lines of punctuation alone don't
//! count, nor do runs of one shape only: a list such as the fields of a struct is like every other list.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt,
};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Item;

use super::source::{Source, Tree};

/// Lines in a row that make a likeness.
pub const LONG_ENOUGH: usize = 6;
/// Different shapes among them.
const VARIED_ENOUGH: usize = 2;

/// Words that say what a line does.
const KEYWORDS: [&str; 33] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "false", "fn", "for", "if",
    "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static", "struct",
    "super", "trait", "true", "type", "while",
];

/// Two places that are alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Likeness {
    /// How many lines.
    pub lines: usize,
    /// File and line of the first place.
    pub one: (String, usize),
    /// And of the second.
    pub other: (String, usize),
}

/// Every pair of places that is alike; each run is taken as long as it goes.
pub fn likenesses(tree: &Tree) -> Vec<Likeness> {
    let files: Vec<(&str, Vec<(usize, String)>)> = tree.production().map(|file| (file.name(), shapes(file))).collect();
    let mut windows: HashMap<Vec<&str>, Vec<(usize, usize)>> = HashMap::new();
    for (index, (_, shapes)) in files.iter().enumerate() {
        for (at, window) in shapes.windows(LONG_ENOUGH).enumerate() {
            windows.entry(window.iter().map(|(_, shape)| shape.as_str()).collect()).or_default().push((index, at));
        }
    }
    let starts: HashSet<((usize, usize), (usize, usize))> = windows
        .values()
        .flat_map(|places| {
            places.iter().enumerate().flat_map(|(nth, one)| places[nth + 1..].iter().map(|two| (*one, *two)))
        })
        .collect();
    let before = |(file, at): (usize, usize)| at.checked_sub(1).map(|at| (file, at));
    let is_first = |(one, two): &((usize, usize), (usize, usize))| {
        !before(*one).zip(before(*two)).is_some_and(|pair| starts.contains(&pair))
    };
    let mut found: Vec<_> = starts.iter().filter(|pair| is_first(pair)).filter_map(|pair| run(&files, *pair)).collect();
    found.sort_by(|one, other| other.lines.cmp(&one.lines).then_with(|| one.cmp(other)));
    found
}

fn run(files: &[(&str, Vec<(usize, String)>)], pair: ((usize, usize), (usize, usize))) -> Option<Likeness> {
    let ((one, from), (other, to)) = pair;
    let (first, second) = (&files[one].1[from..], &files[other].1[to..]);
    // Two places within a file end where they would meet.
    let room = if one == other { to - from } else { usize::MAX };
    let same = first.iter().zip(second).take(room).take_while(|(first, second)| first.1 == second.1);
    let lines = same.clone().count();
    let varied = same.map(|(first, _)| &first.1).collect::<HashSet<_>>().len();
    (lines >= LONG_ENOUGH && varied >= VARIED_ENOUGH).then(|| Likeness {
        lines,
        one: (files[one].0.to_owned(), first[0].0),
        other: (files[other].0.to_owned(), second[0].0),
    })
}

/// Numbers and shapes of the lines that count.
fn shapes(file: &Source) -> Vec<(usize, String)> {
    let counted: HashSet<usize> = file.production_lines().map(|(number, _)| number).collect();
    let mut lines: BTreeMap<usize, String> = BTreeMap::new();
    for item in file.items().filter(|item| !matches!(item, Item::Use(_))) {
        read(item.to_token_stream(), &mut lines);
    }
    let is_said = |shape: &str| shape.contains(|letter: char| letter.is_ascii_alphanumeric());
    lines.into_iter().filter(|(number, shape)| counted.contains(number) && is_said(shape)).collect()
}

fn read(tokens: TokenStream, lines: &mut BTreeMap<usize, String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(skipped) = doc(&tokens[at..]) {
            at += skipped;
            continue;
        }
        let mut put = |line: usize, shape: &str| lines.entry(line).or_default().push_str(shape);
        match &tokens[at] {
            TokenTree::Group(group) => {
                let [open, close] = brackets(group.delimiter());
                put(group.span_open().start().line, open);
                read(group.stream(), lines);
                lines.entry(group.span_close().start().line).or_default().push_str(close);
            }
            TokenTree::Ident(word) => {
                let word = word.to_string();
                put(tokens[at].span().start().line, if KEYWORDS.contains(&word.as_str()) { &word } else { "n" });
                put(tokens[at].span().start().line, " ");
            }
            TokenTree::Literal(literal) => {
                let is_text = literal.to_string().ends_with(['"', '\'', '#']);
                put(literal.span().start().line, if is_text { "s" } else { "0" });
            }
            TokenTree::Punct(punct) => put(punct.span().start().line, &punct.as_char().to_string()),
        }
        at += 1;
    }
}

/// How many tokens a doc comment at the start takes: `#`, perhaps `!`, and `[doc = "…"]`.
fn doc(tokens: &[TokenTree]) -> Option<usize> {
    let is = |token: &TokenTree, wanted| matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted);
    let is_doc = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.stream().into_iter().next().is_some_and(|first| first.to_string() == "doc"),
        _ => false,
    };
    match tokens {
        [hash, attribute, ..] if is(hash, '#') && is_doc(attribute) => Some(2),
        [hash, inner, attribute, ..] if is(hash, '#') && is(inner, '!') && is_doc(attribute) => Some(3),
        _ => None,
    }
}

fn brackets(delimiter: proc_macro2::Delimiter) -> [&'static str; 2] {
    match delimiter {
        proc_macro2::Delimiter::Parenthesis => ["(", ")"],
        proc_macro2::Delimiter::Brace => ["{", "}"],
        proc_macro2::Delimiter::Bracket => ["[", "]"],
        proc_macro2::Delimiter::None => ["", ""],
    }
}

impl fmt::Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, other] = [&self.one, &self.other].map(|(file, line)| format!("{file}:{line}"));
        write!(f, "{} lines: {one} and {other}", self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAINS: &str = "use a::b;\n/// Looks.\nfn look(domain: &Domain) -> Option<u8> {\n    let found = domain.look(\"a\");\n\n    \
                           if found > 1 {\n        return None;\n    }\n    // Why.\n    for one in found {\n        one.go();\n    \
                           }\n    Some(2)\n}\n";
    const ADDRESSES: &str = "fn read(address: &Address) -> Result<u64> {\n    let seen = address.read(\"bcd\");\n    if seen > 23 \
                             {\n        return Nothing;\n    }\n    for x in seen {\n        x.come();\n    }\n    Good(7)\n}\n";

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        likenesses(&Tree::of(files.collect()).unwrap()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_same_shape_under_other_names_is_found_once() {
        assert_eq!(found(&[("src/a.rs", DOMAINS), ("src/b.rs", ADDRESSES)]), ["7 lines: a.rs:3 and b.rs:1"]);
    }

    #[test]
    fn a_place_is_not_like_itself_and_two_in_one_file_are_found() {
        assert!(found(&[("src/a.rs", DOMAINS)]).is_empty());
        let twice = format!("{DOMAINS}{ADDRESSES}");
        assert_eq!(found(&[("src/a.rs", &twice)]), ["7 lines: a.rs:3 and a.rs:15"]);
    }

    #[test]
    fn other_shapes_and_mere_lists_are_not_alike() {
        let other = ADDRESSES.replace("seen > 23", "seen.is(23)");
        assert!(found(&[("src/a.rs", DOMAINS), ("src/b.rs", &other)]).is_empty());
        let list = "struct S {\n a: u8,\n b: u8,\n c: u8,\n d: u8,\n e: u8,\n f: u8,\n}\n";
        let public = format!("pub {list}");
        assert!(found(&[("src/a.rs", list), ("src/b.rs", &public)]).is_empty());
    }

    #[test]
    fn tests_may_be_alike() {
        assert!(found(&[("src/a.rs", DOMAINS), ("src/a_tests.rs", ADDRESSES), ("tests/b.rs", ADDRESSES)]).is_empty());
    }
}
