//! How long functions are.

use syn::{
    Attribute, Block, ImplItemFn, ItemFn, ItemMod, Signature, TraitItemFn,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::source::{Source, Tree, is_test};

/// A function that ships.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function {
    /// Lines from its signature to its closing brace, without blank ones.
    pub lines: usize,
    /// Where it is: file and name.
    pub place: String,
}

/// Every function of the production files that has a body, methods included, the shortest first.
pub fn functions(tree: &Tree) -> Vec<Function> {
    let mut found = Vec::new();
    for file in tree.production() {
        let mut visitor = Visitor { file, found: &mut found };
        file.items().for_each(|item| visitor.visit_item(item));
    }
    found.sort();
    found
}

struct Visitor<'a> {
    file: &'a Source,
    found: &'a mut Vec<Function>,
}

impl Visitor<'_> {
    fn add(&mut self, attributes: &[Attribute], signature: &Signature, body: &Block) {
        if is_test(attributes) {
            return;
        }
        let range = signature.span().start().line..=body.span().end().line;
        let lines = self.file.production_lines().filter(|(number, _)| range.contains(number)).count();
        self.found.push(Function { lines, place: format!("{} {}", self.file.name(), signature.ident) });
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.add(&item.attrs, &item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.add(&item.attrs, &item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.add(&item.attrs, &item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let text = "/// Doc.\n#[must_use]\nfn one() {}\ntrait T {\n fn none();\n fn two() {\n\n }\n}\nimpl S {\n fn four(\n  a: u8,\n ) {\n  \
                    g();\n }\n}\n#[cfg(test)]\nmod tests {\n fn t() {}\n}\n";
        let tree = Tree::of(vec![("src/a.rs".to_owned(), text.to_owned())]).unwrap();
        let found: Vec<_> = functions(&tree).into_iter().map(|one| (one.lines, one.place)).collect();
        assert_eq!(found, [(1, "a.rs one".into()), (2, "a.rs two".into()), (5, "a.rs four".to_owned())]);
    }
}
