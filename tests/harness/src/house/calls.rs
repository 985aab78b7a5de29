//! The call graph and the lengths of functions.
//!
//! Types are unknown here, so a method call leads to every method of that name that the caller's file can mean: one of
//! a type or trait from a directly or indirectly imported file. A method of a trait leads on to its implementations.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt, iter,
};

use quote::ToTokens;
use syn::{Block, FnArg, ImplItem, Item, Signature, TraitItem, Type, spanned::Spanned};

use super::{imports::Imports, modules::Modules, paths::Names, source::Tree};

/// The functions of the production files, and their calls.
pub struct Calls {
    functions: Vec<Function>,
    edges: Vec<BTreeSet<usize>>,
    /// For each function, the files of the items that its code calls or names.
    opened: Vec<BTreeSet<String>>,
}

struct Function {
    file: String,
    module: Vec<String>,
    name: String,
    /// Lines from its signature to its closing brace, without blank ones. `None` for a method without a body.
    lines: Option<usize>,
    /// The type or trait of the method.
    owner: Option<Place>,
    /// The trait of the implemented method.
    implements: Option<Place>,
    /// Number of arguments besides `self`; `None` if it is not a method.
    arguments: Option<usize>,
    names: Names,
}

/// Module and name of an item.
type Place = (Vec<String>, String);

/// A function that a way has to visit.
#[derive(Clone, Copy)]
pub struct Stop<'a> {
    /// In a file whose path starts with this.
    pub below: &'a str,
    pub name: Option<&'a str>,
    /// The function's code contains this name: a method, or the end of a path.
    pub says: Option<&'a str>,
}

impl Stop<'_> {
    fn is(&self, function: &Function) -> bool {
        let Names { paths, methods, .. } = &function.names;
        let says = |word: &str| {
            methods.iter().any(|(name, _)| name == word) || paths.iter().any(|path| path.ends_with(&[word.to_owned()]))
        };
        function.file.starts_with(self.below)
            && self.name.is_none_or(|name| function.name == name)
            && self.says.is_none_or(says)
    }
}

impl Calls {
    pub fn of(tree: &Tree) -> Self {
        let modules = Modules::of(tree);
        let imports = Imports::of(tree);
        let functions = all(&modules);
        let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, function) in functions.iter().enumerate() {
            named.entry(&function.name).or_default().push(index);
        }
        let reader = Reader { modules: &modules, imports: &imports, functions: &functions, named };
        let (mut edges, mut opened) = (Vec::new(), Vec::new());
        for function in &functions {
            let places = reader.places(function);
            let called = reader.called(function, &places);
            let files = called.iter().map(|other| functions[*other].file.clone());
            opened.push(files.chain(places.iter().filter_map(|(to, _)| modules.file(to)).map(str::to_owned)).collect());
            edges.push(called);
        }
        Self { functions, edges, opened }
    }

    /// Lines and place of each function with a body, the shortest first.
    pub fn lengths(&self) -> Vec<(usize, String)> {
        let length = |it: &Function| Some((it.lines?, format!("{} {}", it.file, it.name)));
        let mut lengths: Vec<_> = self.functions.iter().filter_map(length).collect();
        lengths.sort();
        lengths
    }

    /// The way from `main` through the stops, in their order, with the fewest files. `None`: there is none.
    pub fn way(&self, stops: &[Stop<'_>]) -> Option<Way<'_>> {
        let start = self.functions.iter().position(|function| function.file == "main.rs" && function.name == "main")?;
        let passed = |at: usize, stop: usize| {
            stop + stops[stop..].iter().take_while(|next| next.is(&self.functions[at])).count()
        };
        let first = (start, passed(start, 0));
        let mut from = BTreeMap::from([(first, first)]);
        let mut open = VecDeque::from([first]);
        let mut done = BTreeSet::new();
        while let Some(state @ (at, stop)) = open.pop_front() {
            if stop == stops.len() {
                let back = iter::successors(Some(state), |state| (*state != first).then(|| from[state]));
                let mut functions: Vec<usize> = back.map(|(at, _)| at).collect();
                functions.reverse();
                return Some(Way { calls: self, functions });
            }
            if !done.insert(state) {
                continue;
            }
            let onward = self.edges[at].iter().map(|next| (*next, passed(*next, stop)));
            for next in onward.filter(|next| !done.contains(next)).collect::<Vec<_>>() {
                // A call within a file opens no file, so it comes first.
                if self.functions[next.0].file == self.functions[at].file {
                    from.insert(next, state);
                    open.push_front(next);
                } else {
                    from.entry(next).or_insert(state);
                    open.push_back(next);
                }
            }
        }
        None
    }
}

/// A chain of calls.
pub struct Way<'a> {
    calls: &'a Calls,
    functions: Vec<usize>,
}

impl Way<'_> {
    /// The files of its functions.
    pub fn files(&self) -> BTreeSet<&str> {
        self.functions.iter().map(|at| self.calls.functions[*at].file.as_str()).collect()
    }

    /// The files of all items that its functions call or name.
    pub fn opened(&self) -> BTreeSet<&str> {
        self.functions.iter().flat_map(|at| &self.calls.opened[*at]).map(String::as_str).collect()
    }
}

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = "";
        for Function { file, name, .. } in self.functions.iter().map(|at| &self.calls.functions[*at]) {
            match last {
                "" => write!(f, "{file}: {name}")?,
                same if same == file => write!(f, ", {name}")?,
                _ => write!(f, " → {file}: {name}")?,
            }
            last = file;
        }
        Ok(())
    }
}

/// Finds the calls of a function.
struct Reader<'a> {
    modules: &'a Modules<'a>,
    imports: &'a Imports,
    functions: &'a [Function],
    named: BTreeMap<&'a str, Vec<usize>>,
}

impl Reader<'_> {
    /// The targets of a function's paths: modules, and items in them.
    fn places(&self, function: &Function) -> Vec<(Vec<String>, Vec<String>)> {
        let calls = function.names.calls.iter().map(std::slice::from_ref);
        let paths = function.names.paths.iter().map(Vec::as_slice).chain(calls);
        let place = |path: &[String]| match (&function.owner, path.split_first()) {
            (Some((module, owner)), Some((first, rest))) if first == "Self" => {
                vec![(module.clone(), [std::slice::from_ref(owner), rest].concat())]
            }
            _ => self.modules.locate(&function.module, path),
        };
        paths.flat_map(place).collect()
    }

    fn called(&self, function: &Function, places: &[(Vec<String>, Vec<String>)]) -> BTreeSet<usize> {
        let mut called: BTreeSet<usize> = places.iter().flat_map(|(module, item)| self.by_path(module, item)).collect();
        let reached = self.imports.reached_from(&function.file);
        let near = |file: &str| file == function.file || reached.contains(file);
        for (name, given) in &function.names.methods {
            called.extend(self.all_named(name).filter(|other| {
                let other = &self.functions[*other];
                let owner = other.owner.as_ref().and_then(|(module, _)| self.modules.file(module));
                let fits = other.arguments.is_some_and(|takes| given.is_none_or(|given| given == takes));
                fits && other.implements.is_none() && (near(&other.file) || owner.is_some_and(near))
            }));
        }
        if function.owner.is_some() && function.implements.is_none() {
            let implements = |other: &usize| self.functions[*other].implements == function.owner;
            called.extend(self.all_named(&function.name).filter(implements));
        }
        called
    }

    fn by_path(&self, module: &[String], item: &[String]) -> Vec<usize> {
        let (owner, name) = match item {
            [name] => (None, name),
            [owner, name, ..] => (Some((module.to_vec(), owner.clone())), name),
            [] => return Vec::new(),
        };
        let is_it = |other: &Function| other.owner == owner && (owner.is_some() || other.module == module);
        self.all_named(name).filter(|other| is_it(&self.functions[*other])).collect()
    }

    fn all_named(&self, name: &str) -> impl Iterator<Item = usize> {
        self.named.get(name).into_iter().flatten().copied()
    }
}

fn all(modules: &Modules<'_>) -> Vec<Function> {
    let mut functions = Vec::new();
    for (path, module) in modules.iter() {
        let mut add = |signature: &Signature, body: Option<&Block>, owner: Option<&Place>, implements| {
            let is_method = matches!(signature.inputs.first(), Some(FnArg::Receiver(_)));
            let start = signature.span().start().line;
            functions.push(Function {
                file: module.source.name().to_owned(),
                module: path.clone(),
                name: signature.ident.to_string(),
                lines: body.map(|body| module.source.production_within(start..=body.span().end().line)),
                owner: owner.cloned(),
                implements,
                arguments: is_method.then(|| signature.inputs.len() - 1),
                names: Names::of([signature.to_token_stream(), body.to_token_stream()].into_iter().collect()),
            });
        };
        for item in &module.items {
            match item {
                Item::Fn(item) => add(&item.sig, Some(&item.block), None, None),
                Item::Impl(item) => {
                    let Type::Path(owner) = &*item.self_ty else { continue };
                    let owner = modules.item(path, &owner.path);
                    // No call here leads to a trait of another crate.
                    let implements = item.trait_.as_ref();
                    let implements = implements.map(|(of, _)| modules.item(path, of).unwrap_or_default());
                    for method in &item.items {
                        if let ImplItem::Fn(method) = method {
                            add(&method.sig, Some(&method.block), owner.as_ref(), implements.clone());
                        }
                    }
                }
                Item::Trait(item) => {
                    let owner = (path.clone(), item.ident.to_string());
                    for method in &item.items {
                        if let TraitItem::Fn(method) = method {
                            add(&method.sig, method.default.as_ref(), Some(&owner), None);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls() -> Calls {
        Calls::of(&Tree::sample(&[
            ("lib.rs", "pub mod control; pub mod ses; pub mod engine; pub mod other;"),
            (
                "main.rs",
                "use sender_operator::control; async fn main() { join!(start()); } fn start() { control::run(1) }",
            ),
            (
                "control/mod.rs",
                "pub mod act; pub mod decide; use crate::engine::Engine; pub fn run(n: u8) { Engine::new().go(act::Act, n) }",
            ),
            (
                "control/act.rs",
                "use crate::{engine::Subject, ses::Ses}; pub struct Act; impl Subject for Act {
                fn step(&self) { super::decide::decide(); self.ses().make(1); } }",
            ),
            ("control/decide.rs", "pub enum Step { Make } pub fn decide() -> Step { Step::Make }"),
            (
                "engine.rs",
                "pub trait Subject { fn step(&self); } pub struct Engine; impl Engine { pub fn new() -> Self { Self }
                pub fn go(&self, s: impl Subject, n: u8) { s.step() } }",
            ),
            (
                "ses.rs",
                "pub trait Ses { fn make(&self, n: u8); fn look(&self); } struct Aws; impl Ses for Aws {
                fn make(&self, n: u8) {\n\n self.0.create_email_identity() } fn look(&self) {} }",
            ),
            ("other.rs", "pub struct O; impl O { pub fn step(&self, a: u8) {} pub fn go(&self) {} }"),
        ]))
    }

    #[test]
    fn the_way_goes_by_paths_methods_and_traits() {
        let calls = calls();
        let first = Stop { below: "control/", name: None, says: None };
        let last = Stop { below: "ses", name: None, says: Some("create_email_identity") };
        let way = calls.way(&[first, last]).unwrap();
        assert_eq!(
            way.to_string(),
            "main.rs: main, start → control/mod.rs: run → engine.rs: go, step → control/act.rs: step → ses.rs: make, make"
        );
        assert!(way.opened().contains("control/decide.rs") && !way.opened().contains("other.rs"));
    }

    #[test]
    fn a_way_that_does_not_exist_is_not_found() {
        let calls = calls();
        let decide = Stop { below: "control/", name: Some("decide"), says: Some("Make") };
        assert!(calls.way(&[decide]).unwrap().files().contains("control/decide.rs"));
        assert!(calls.way(&[Stop { says: Some("Break"), ..decide }]).is_none());
        assert!(calls.way(&[decide, Stop { below: "ses", name: None, says: None }]).is_none());
    }

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let lengths = calls().lengths();
        assert_eq!(
            lengths.last(),
            Some(&(2, "ses.rs make".to_owned())),
            "blank lines and bodies that lack don't count"
        );
        assert_eq!(lengths.iter().filter(|(_, place)| place.starts_with("ses.rs")).count(), 2);
    }
}
