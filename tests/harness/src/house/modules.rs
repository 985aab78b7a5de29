//! The names in each module, and the files that define them.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::Item;

use super::{
    paths::{Import, Names},
    source::{Source, Tree, is_test},
};

/// Name of the library in the programs beside it.
const LIBRARY: &str = "sender_operator";

/// The modules of the production files.
pub(super) struct Modules<'a> {
    all: BTreeMap<Vec<String>, Module<'a>>,
}

/// One module: a file, or a block within one.
pub(super) struct Module<'a> {
    pub(super) source: &'a Source,
    /// Its items that are neither modules nor tests.
    pub(super) items: Vec<&'a Item>,
    defined: BTreeSet<String>,
    imports: Vec<Import>,
}

impl<'a> Modules<'a> {
    pub(super) fn of(tree: &'a Tree) -> Self {
        let mut all = BTreeMap::new();
        for file in tree.production() {
            add(file, file.module(), file.items().collect(), &mut all);
        }
        Self { all }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Vec<String>, &Module<'a>)> {
        self.all.iter()
    }

    /// A path from the root of the crate. `None`: it leads out of the crate, or to an item of this module.
    pub(super) fn absolute(&self, module: &[String], path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" | LIBRARY => return Some(rest.to_vec()),
            "self" => return Some([module, rest].concat()),
            "super" => {
                let parent = &module[..module.len().checked_sub(1)?];
                return match rest.first().map(String::as_str) {
                    Some("super") => self.absolute(parent, rest),
                    _ => Some([parent, rest].concat()),
                };
            }
            _ => {}
        }
        let here = self.all.get(module)?;
        let import = here.imports.iter().find(|import| import.name.as_ref() == Some(first));
        // A function may have the name of a module: in `decide::decide`, only the first part is the module.
        let is_item = rest.is_empty() && import.is_some();
        if !is_item && self.all.contains_key(&[module, &path[..1]].concat()) {
            return Some([module, path].concat());
        }
        if here.defined.contains(first) {
            return None;
        }
        if let Some(import) = import {
            // `use x::x;` names a crate, not itself.
            let base = (import.path.first() != Some(first)).then(|| self.absolute(module, &import.path))??;
            return Some([base.as_slice(), rest].concat());
        }
        let is_rooted = |import: &&Import| {
            import.path.first().is_some_and(|first| ["crate", "self", "super"].contains(&first.as_str()))
        };
        let globs = here.imports.iter().filter(|import| import.name.is_none()).filter(is_rooted);
        let mut bases = globs.filter_map(|import| self.absolute(module, &import.path));
        bases.find(|base| self.knows(base, first)).map(|base| [base.as_slice(), path].concat())
    }

    fn knows(&self, module: &[String], name: &String) -> bool {
        self.all.get(module).is_some_and(|module| {
            module.defined.contains(name) || module.imports.iter().any(|import| import.name.as_ref() == Some(name))
        }) || self.all.contains_key(&[module, std::slice::from_ref(name)].concat())
    }

    /// The target of a path from the root: the module of the named item, and through each re-export the module that
    /// defines it. Each comes with the rest of the path, from the item on.
    pub(super) fn resolve(&self, path: &[String]) -> Vec<(Vec<String>, Vec<String>)> {
        let mut found = Vec::new();
        let mut path = path.to_vec();
        // Re-exports lead from one module to another; a circle of them would not compile.
        for _ in 0..8 {
            let Some(depth) = (0..=path.len()).rev().find(|depth| self.all.contains_key(&path[..*depth])) else {
                break;
            };
            let (module, rest) = path.split_at(depth);
            found.push((module.to_vec(), rest.to_vec()));
            let Some(name) = rest.first() else { break };
            let here = &self.all[module];
            if here.defined.contains(name) {
                break;
            }
            let Some(next) = self.absolute(module, rest) else { break };
            if next == path {
                break;
            }
            path = next;
        }
        found
    }

    /// Like [`Self::resolve`], for a path in a module, including the module's own items.
    pub(super) fn locate(&self, module: &[String], path: &[String]) -> Vec<(Vec<String>, Vec<String>)> {
        let own = self.all.get(module).zip(path.first()).is_some_and(|(here, first)| here.defined.contains(first));
        if own {
            return vec![(module.to_vec(), path.to_vec())];
        }
        self.absolute(module, path).map(|path| self.resolve(&path)).unwrap_or_default()
    }

    /// Module and name of the item that a path in a module names.
    pub(super) fn item(&self, module: &[String], path: &syn::Path) -> Option<(Vec<String>, String)> {
        let path: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let (module, item) = self.locate(module, &path).pop()?;
        Some((module, item.first()?.clone()))
    }

    pub(super) fn file(&self, module: &[String]) -> Option<&'a str> {
        self.all.get(module).map(|module| module.source.name())
    }
}

fn add<'a>(file: &'a Source, path: Vec<String>, items: Vec<&'a Item>, all: &mut BTreeMap<Vec<String>, Module<'a>>) {
    let mut module = Module { source: file, items: Vec::new(), defined: BTreeSet::new(), imports: Vec::new() };
    for item in items {
        match item {
            Item::Mod(inner) => {
                if let Some((_, items)) = &inner.content {
                    let items = items.iter().filter(|item| !matches!(item, Item::Mod(one) if is_test(&one.attrs)));
                    add(file, [path.clone(), vec![inner.ident.to_string()]].concat(), items.collect(), all);
                }
            }
            Item::Use(import) => {
                module.imports.extend(Names::of(import.to_token_stream()).imports);
                module.items.push(item);
            }
            _ => {
                module.defined.extend(name(item));
                module.items.push(item);
            }
        }
    }
    all.insert(path, module);
}

fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        _ => return None,
    };
    Some(ident.to_string())
}
