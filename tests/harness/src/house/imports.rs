//! Which file imports which, and the circles among them.
//!
//! A file imports another one if its code names something there: by `use`, or by a path in an expression, a type, an attribute or
//! a macro. A declaration `mod x;` is no import. A name that a module re-exports leads to that module *and* to the file that
//! defines it: who reads the code opens both. So a child that takes a name from its parent's `pub use self::…` makes a circle, and
//! is put right by naming the sibling.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use quote::ToTokens;

use super::{modules::Modules, paths::Names, source::Tree};

/// For each production file (path below `src/`) the files that it imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imports(pub BTreeMap<String, BTreeSet<String>>);

/// Files each of which leads to each other one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// All of them.
    pub files: BTreeSet<String>,
    /// The shortest way from the first one back to itself; its end is left out.
    pub way: Vec<String>,
}

impl Imports {
    /// Reads the imports of a checkout.
    pub fn of(tree: &Tree) -> Self {
        let modules = Modules::of(tree);
        let mut graph: BTreeMap<String, BTreeSet<String>> =
            tree.production().map(|file| (file.name().to_owned(), BTreeSet::new())).collect();
        for (path, module) in modules.iter() {
            let tokens = module.items.iter().map(ToTokens::to_token_stream).collect();
            let names = Names::of(tokens);
            let paths = names.paths.into_iter().chain(names.imports.into_iter().map(|import| import.path));
            let absolute = paths.filter_map(|named| modules.absolute(path, &named));
            let files = absolute.flat_map(|named| modules.resolve(&named)).filter_map(|(to, _)| modules.file(&to));
            graph.entry(module.file.to_owned()).or_default().extend(files.map(str::to_owned));
        }
        for (file, imported) in &mut graph {
            // Names of other crates lead nowhere, and end at the root.
            imported.retain(|other| other != file && other != "lib.rs");
        }
        Self(graph)
    }

    /// The circles, by their files.
    pub fn circles(&self) -> Vec<Circle> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.0.keys().map(|file| (file.as_str(), self.reached_from(file))).collect();
        let mut circles = Vec::new();
        let mut seen = BTreeSet::new();
        for (file, onward) in &reached {
            if !onward.contains(file) || seen.contains(file) {
                continue;
            }
            let files: BTreeSet<&str> = onward.iter().copied().filter(|other| reached[other].contains(file)).collect();
            seen.extend(files.iter().copied());
            let ways = files.iter().filter_map(|file| self.way_back(file));
            let way = ways.min_by_key(Vec::len).unwrap_or_default();
            circles.push(Circle { files: files.into_iter().map(str::to_owned).collect(), way });
        }
        circles
    }

    /// Everything that a file imports, directly or around.
    pub fn reached_from<'a>(&'a self, file: &'a str) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![file];
        while let Some(next) = open.pop() {
            let imported = self.0.get(next).into_iter().flatten();
            open.extend(imported.map(String::as_str).filter(|other| reached.insert(*other)));
        }
        reached
    }

    fn way_back(&self, file: &str) -> Option<Vec<String>> {
        let mut ways = VecDeque::from([vec![file.to_owned()]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            for next in self.0.get(way.last()?).into_iter().flatten() {
                if next == file {
                    return Some(way);
                }
                if seen.insert(next.clone()) {
                    ways.push_back([way.clone(), vec![next.clone()]].concat());
                }
            }
        }
        None
    }
}

impl std::fmt::Display for Circle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let back = self.way.first().map_or("", String::as_str);
        write!(f, "{} → {back}", self.way.join(" → "))?;
        let others: Vec<&str> = self.files.iter().filter(|file| !self.way.contains(file)).map(String::as_str).collect();
        if others.is_empty() { Ok(()) } else { write!(f, ", and round about them {}", others.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(path, text)| (format!("src/{path}"), (*text).to_owned()));
        Tree::of(files.collect()).unwrap()
    }

    fn imports(files: &[(&str, &str)], of: &str) -> Vec<String> {
        Imports::of(&tree(files)).0[of].iter().cloned().collect()
    }

    const LIB: (&str, &str) = ("lib.rs", "pub mod a; pub mod b;");

    #[test]
    fn an_import_leads_to_the_file_that_it_names() {
        let files = [
            LIB,
            ("a.rs", "use crate::b::{c::C, d}; use std::fmt; fn f() { d::g(); self::h(); } fn h() {}"),
            ("b/mod.rs", "pub mod c; pub mod d;"),
            ("b/c.rs", "pub struct C;"),
            ("b/d.rs", "use super::c; pub fn g() { c::C; }"),
        ];
        assert_eq!(imports(&files, "a.rs"), ["b/c.rs", "b/d.rs"]);
        assert_eq!(imports(&files, "b/d.rs"), ["b/c.rs"]);
        assert_eq!(imports(&files, "b/mod.rs"), [""; 0]);
    }

    #[test]
    fn paths_in_code_and_in_macros_are_imports_too() {
        let files = [
            LIB,
            ("a.rs", "use crate::b; fn f(x: crate::b::c::C) { join!(b::d::g()); }"),
            ("b/mod.rs", "pub mod c; pub mod d;"),
            ("b/c.rs", "pub struct C;"),
            ("b/d.rs", "pub fn g() {}"),
        ];
        assert_eq!(imports(&files, "a.rs"), ["b/c.rs", "b/d.rs", "b/mod.rs"]);
    }

    #[test]
    fn a_name_that_is_passed_on_leads_to_both_files() {
        let files = [
            LIB,
            ("a.rs", "use crate::b::C;"),
            ("b/mod.rs", "pub mod c; pub use self::c::C;"),
            ("b/c.rs", "pub struct C;"),
        ];
        assert_eq!(imports(&files, "a.rs"), ["b/c.rs", "b/mod.rs"]);
    }

    #[test]
    fn globs_lead_to_what_they_bring() {
        let files = [
            LIB,
            ("a.rs", "use crate::b::*; fn f() { C::new(); }"),
            ("b/mod.rs", "pub mod c; pub use self::c::C;"),
            ("b/c.rs", "pub struct C;"),
        ];
        assert_eq!(imports(&files, "a.rs"), ["b/c.rs", "b/mod.rs"]);
    }

    #[test]
    fn the_program_imports_by_the_name_of_the_library() {
        let files =
            [LIB, ("main.rs", "use sender_operator::a::A; fn main() {}"), ("a.rs", "pub struct A;"), ("b.rs", "")];
        assert_eq!(imports(&files, "main.rs"), ["a.rs"]);
    }

    #[test]
    fn tests_import_what_they_like() {
        let files =
            [LIB, ("a.rs", "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }"), ("b.rs", "pub struct B;")];
        assert_eq!(imports(&files, "a.rs"), [""; 0]);
    }

    #[test]
    fn a_parent_and_a_child_that_need_each_other_are_a_circle() {
        let files = [
            LIB,
            ("a/mod.rs", "mod x; mod y; pub struct P; fn f() { x::g(); }"),
            ("a/x.rs", "use super::P; pub fn g() {}"),
            ("a/y.rs", "use super::P;"),
            ("b.rs", "use crate::a::P;"),
        ];
        let circles = Imports::of(&tree(&files)).circles();
        assert_eq!(circles.len(), 1);
        assert_eq!(circles[0].to_string(), "a/mod.rs → a/x.rs → a/mod.rs");
    }

    #[test]
    fn a_circle_round_several_files_is_found_and_others_are_not() {
        let files = [
            LIB,
            ("a/mod.rs", "pub mod x; pub mod y; pub mod z; pub mod w;"),
            ("a/x.rs", "use super::y::Y; pub struct X;"),
            ("a/y.rs", "use super::z::Z; pub struct Y;"),
            ("a/z.rs", "use super::{x::X, w::W}; pub struct Z;"),
            ("a/w.rs", "use super::z; pub struct W;"),
            ("b.rs", "use crate::a::x::X;"),
        ];
        let circles = Imports::of(&tree(&files)).circles();
        assert_eq!(circles.len(), 1);
        assert_eq!(circles[0].to_string(), "a/w.rs → a/z.rs → a/w.rs, and round about them a/x.rs, a/y.rs");
        let straight = [LIB, ("a.rs", "use crate::b::B;"), ("b.rs", "pub struct B;")];
        assert_eq!(Imports::of(&tree(&straight)).circles(), []);
    }
}
