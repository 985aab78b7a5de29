//! The paths in code: in imports, in expressions and types, and within macros.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Expr, Token, UseTree, parse::Parser, punctuated::Punctuated};

/// The names in a piece of code.
#[derive(Default)]
pub(super) struct Names {
    /// Paths of two segments or more.
    pub(super) paths: Vec<Vec<String>>,
    /// Single names with a function call.
    pub(super) calls: Vec<String>,
    /// Names of called methods, with the number of arguments. `None`: the arguments do not parse.
    pub(super) methods: Vec<(String, Option<usize>)>,
    pub(super) imports: Vec<Import>,
}

/// One imported name.
pub(super) struct Import {
    /// The imported path; for a glob, the part before the `*`.
    pub(super) path: Vec<String>,
    /// The name in the importing module. `None`: a glob.
    pub(super) name: Option<String>,
}

impl Names {
    /// Reads any tokens: the arguments of macros are not parsed elsewhere.
    pub(super) fn of(tokens: TokenStream) -> Self {
        let mut names = Self::default();
        names.read(&tokens.into_iter().collect::<Vec<_>>());
        names
    }

    fn read(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.read(&group.stream().into_iter().collect::<Vec<_>>()),
                TokenTree::Ident(word) if word == "use" => {
                    let end = tokens[at..].iter().position(|token| is_punct(token, ';')).map_or(at, |end| at + end);
                    let tree = syn::parse2::<UseTree>(tokens[at + 1..end.max(at + 1)].iter().cloned().collect());
                    if let Ok(tree) = tree {
                        flatten(&tree, &mut Vec::new(), &mut self.imports);
                        at = end;
                    }
                }
                TokenTree::Ident(_) => at = self.path(tokens, at),
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads a path from its first segment on; returns the position of its last one.
    fn path(&mut self, tokens: &[TokenTree], first: usize) -> usize {
        let mut segments = vec![word(&tokens[first])];
        let mut at = first;
        while let [colon, other, next @ TokenTree::Ident(_), ..] = &tokens[at + 1..]
            && is_punct(colon, ':')
            && is_punct(other, ':')
        {
            segments.push(word(next));
            at += 3;
        }
        let before = |wanted| first.checked_sub(1).is_some_and(|before| is_punct(&tokens[before], wanted));
        if before('.') {
            if let (Some(arguments), Some(name)) = (arguments(&tokens[at + 1..]), segments.pop()) {
                let parsed = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(arguments);
                self.methods.push((name, parsed.ok().map(|arguments| arguments.len())));
            }
        } else if before(':') && first > 1 && is_punct(&tokens[first - 2], ':') {
            // `::std::…`, or a path after generic arguments: none of our paths begins like that.
        } else if segments.len() > 1 {
            self.paths.push(segments);
        } else if arguments(&tokens[at + 1..]).is_some() {
            self.calls.append(&mut segments);
        }
        at
    }
}

/// The following arguments, possibly after a turbofish.
fn arguments(after: &[TokenTree]) -> Option<TokenStream> {
    let in_parentheses = |token: &TokenTree| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
        _ => None,
    };
    match after {
        [colon, other, open, ..] if is_punct(colon, ':') && is_punct(other, ':') && is_punct(open, '<') => {
            after.iter().find_map(in_parentheses)
        }
        [first, ..] => in_parentheses(first),
        [] => None,
    }
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn word(token: &TokenTree) -> String {
    token.to_string().trim_start_matches("r#").to_owned()
}

fn flatten(tree: &UseTree, before: &mut Vec<String>, imports: &mut Vec<Import>) {
    let mut leaf = |segment: String, name: Option<String>| {
        let last = (segment != "self").then_some(segment);
        let path: Vec<String> = before.iter().cloned().chain(last).collect();
        let name = name.map(|name| if name == "self" { path.last().cloned().unwrap_or(name) } else { name });
        imports.push(Import { path, name });
    };
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, imports);
            before.pop();
        }
        UseTree::Name(name) => leaf(name.ident.to_string(), Some(name.ident.to_string())),
        UseTree::Rename(rename) => leaf(rename.ident.to_string(), Some(rename.rename.to_string())),
        UseTree::Glob(_) => imports.push(Import { path: before.clone(), name: None }),
        UseTree::Group(group) => group.items.iter().for_each(|item| flatten(item, before, imports)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Names {
        Names::of(text.parse().unwrap())
    }

    #[test]
    fn every_form_of_an_import_is_read() {
        let read = of("pub use crate::{a::{self, B as C}, d}; use super::*; mod x { use self::e; }").imports;
        let read: Vec<_> = read.iter().map(|one| (one.path.join("::"), one.name.as_deref().unwrap_or("*"))).collect();
        let expected = [("crate::a", "a"), ("crate::a::B", "C"), ("crate::d", "d"), ("super", "*"), ("self::e", "e")];
        assert_eq!(read, expected.map(|(path, name)| (path.to_owned(), name)));
    }

    #[test]
    fn paths_and_calls_are_read_also_within_macros() {
        let read = of(
            "fn f(a: x::A) { let b = crate::y::b::<u8>(); join!(c(1), self.d().e::<T>(|a, b| a, 1), super::g); ::std::h(); }",
        );
        let paths: Vec<_> = read.paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(paths, ["x::A", "crate::y::b", "super::g"]);
        assert_eq!(read.calls, ["f", "c"]);
        assert_eq!(read.methods, [("d".to_owned(), Some(0)), ("e".to_owned(), Some(2))]);
    }
}
