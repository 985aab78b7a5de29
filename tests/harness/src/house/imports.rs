//! The imports between files, and their circles.
//!
//! A file imports another one if its code names an item of it: by `use`, or by a path in an expression, a type, an
//! attribute or a macro. A declaration `mod x;` is not an import. A name that a module re-exports leads to that module
//! *and* to the file that defines it, because a reader of the code opens both. So a child that takes a name from its
//! parent's `pub use self::…` makes a circle; it should name the sibling instead.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use quote::ToTokens;

use super::{modules::Modules, paths::Names, source::Tree};

/// For each production file (path below `src/`), its imported files.
pub struct Imports(pub BTreeMap<String, BTreeSet<String>>);

/// Files that all lead to each other.
pub struct Circle {
    pub files: BTreeSet<String>,
    /// Their imports of each other.
    steps: Vec<String>,
}

impl Imports {
    pub fn of(tree: &Tree) -> Self {
        let modules = Modules::of(tree);
        let mut graph: BTreeMap<String, BTreeSet<String>> =
            tree.production().map(|file| (file.name().to_owned(), BTreeSet::new())).collect();
        for (path, module) in modules.iter() {
            let names = Names::of(module.items.iter().map(ToTokens::to_token_stream).collect());
            let paths = names.paths.into_iter().chain(names.imports.into_iter().map(|import| import.path));
            let absolute = paths.filter_map(|named| modules.absolute(path, &named));
            let files = absolute.flat_map(|named| modules.resolve(&named)).filter_map(|(to, _)| modules.file(&to));
            graph.entry(module.source.name().to_owned()).or_default().extend(files.map(str::to_owned));
        }
        for (file, imported) in &mut graph {
            // Names of other crates end at the root.
            imported.retain(|other| other != file && other != "lib.rs");
        }
        Self(graph)
    }

    pub fn circles(&self) -> Vec<Circle> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.0.keys().map(|file| (file.as_str(), self.reached_from(file))).collect();
        let mut circles: Vec<Circle> = Vec::new();
        for (file, onward) in &reached {
            let files = onward.iter().filter(|other| reached[*other].contains(file));
            let files: BTreeSet<String> = files.map(|other| (*other).to_owned()).collect();
            if files.is_empty() || circles.iter().any(|circle| circle.files == files) {
                continue;
            }
            let mut steps = Vec::new();
            for file in &files {
                steps.extend(self.0[file].intersection(&files).map(|to| format!("{file} → {to}")));
            }
            circles.push(Circle { files, steps });
        }
        circles
    }

    /// All files that a file imports, directly or indirectly.
    pub fn reached_from<'a>(&'a self, file: &'a str) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![file];
        while let Some(next) = open.pop() {
            let imported = self.0.get(next).into_iter().flatten();
            open.extend(imported.map(String::as_str).filter(|other| reached.insert(*other)));
        }
        reached
    }
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.steps.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const B: (&str, &str) = ("b/mod.rs", "pub mod c; pub mod d; pub use self::c::P;");
    const C: (&str, &str) = ("b/c.rs", "pub struct C; pub struct P;");
    const D: (&str, &str) = ("b/d.rs", "use super::c; pub fn g() { c::C; }");

    #[test]
    fn an_import_leads_to_the_files_that_it_names() {
        for (what, code, expected) in [
            ("use", "use crate::b::{c::C, d}; use std::fmt; fn f() { d::g(); self::h(); } fn h() {}", "b/c.rs b/d.rs"),
            ("code, macros", "use crate::b; fn f(x: b::c::C) { join!(b::d::g()); }", "b/c.rs b/d.rs b/mod.rs"),
            ("a name that is passed on", "use crate::b::P;", "b/c.rs b/mod.rs"),
            ("a glob", "use crate::b::*; fn f() { P::new(); }", "b/c.rs b/mod.rs"),
            ("the name of the library", "use sender_operator::b::d::g;", "b/d.rs"),
            ("tests import what they like", "#[cfg(test)] mod tests { use crate::b::c::C; }", ""),
        ] {
            let tree = Tree::sample(&[("lib.rs", "pub mod a; pub mod b;"), ("a.rs", code), B, C, D]);
            let imports = Imports::of(&tree).0;
            assert_eq!(imports["a.rs"], expected.split_whitespace().map(str::to_owned).collect(), "{what}");
            assert!(imports["b/d.rs"].contains("b/c.rs"));
        }
    }

    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        Imports::of(&Tree::sample(files)).circles().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_circle_is_found_whether_round_a_parent_or_several_files() {
        let parent = [
            ("lib.rs", "pub mod a; pub mod b;"),
            ("a/mod.rs", "mod x; mod y; pub struct P; fn f() { x::g(); }"),
            ("a/x.rs", "use super::P; pub fn g() {}"),
            ("a/y.rs", "use super::P;"),
            ("b.rs", "use crate::a::P;"),
        ];
        assert_eq!(circles(&parent), ["a/mod.rs → a/x.rs, a/x.rs → a/mod.rs"]);
        let several = [
            ("lib.rs", "pub mod a;"),
            ("a/mod.rs", "pub mod x; pub mod y; pub mod z;"),
            ("a/x.rs", "use super::y::Y; pub struct X;"),
            ("a/y.rs", "use super::z::Z; pub struct Y;"),
            ("a/z.rs", "use super::x::X; pub struct Z;"),
        ];
        assert_eq!(circles(&several), ["a/x.rs → a/y.rs, a/y.rs → a/z.rs, a/z.rs → a/x.rs"]);
        assert!(
            circles(&[("lib.rs", "mod a; mod b;"), ("a.rs", "use crate::b::B;"), ("b.rs", "pub struct B;")]).is_empty()
        );
    }
}
