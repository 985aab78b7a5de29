//! Types whose own methods lie in other files than the type.
//!
//! No import shows it, but that is a circle as well: the other file imports the type, and who calls the method finds it there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use syn::{Item, Type};

use super::{modules::Modules, source::Tree};

/// A type with methods in other files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// The type.
    pub name: String,
    /// Where it is defined.
    pub file: String,
    /// The other files.
    pub others: BTreeSet<String>,
}

/// Every type with methods in other files. Methods of traits don't count: the trait tells where they are.
pub fn spread(tree: &Tree) -> Vec<Spread> {
    let modules = Modules::of(tree);
    let mut others: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for (path, module) in modules.iter() {
        for item in &module.items {
            let Item::Impl(item) = item else { continue };
            let (Type::Path(owner), None) = (&*item.self_ty, &item.trait_) else { continue };
            let owner = modules.item(path, &owner.path);
            let home = owner.and_then(|(home, name)| Some((modules.file(&home)?.to_owned(), name)));
            if let Some(home) = home.filter(|(file, _)| file != module.file) {
                others.entry(home).or_default().insert(module.file.to_owned());
            }
        }
    }
    others.into_iter().map(|((file, name), others)| Spread { name, file, others }).collect()
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others: Vec<&str> = self.others.iter().map(String::as_str).collect();
        write!(f, "{} of {} in {}", self.name, self.file, others.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_away_from_their_type_are_found_and_those_of_traits_are_not() {
        let files = [
            ("src/lib.rs", "mod a; mod b; mod c;"),
            ("src/a.rs", "pub struct A; impl A { fn here() {} } impl Clone for A {}"),
            ("src/b.rs", "use crate::a::A; impl A { fn there() {} } impl Iterator for A {}"),
            ("src/c.rs", "use std::fmt::Display; struct A; impl A { fn other() {} }"),
        ];
        let tree = Tree::of(files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()).unwrap();
        assert_eq!(spread(&tree).iter().map(ToString::to_string).collect::<Vec<_>>(), ["A of a.rs in b.rs"]);
    }
}
