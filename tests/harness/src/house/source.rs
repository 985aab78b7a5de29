//! The parsed Rust files of a checkout, and the lines that are tests.

use std::{
    collections::BTreeSet,
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};
use syn::{Attribute, Item, spanned::Spanned};

/// The folders with Rust code.
const FOLDERS: [&str; 2] = ["src", "tests"];

/// The files of a checkout, by path.
pub struct Tree {
    pub files: Vec<Source>,
}

pub struct Source {
    /// Path from the root of the checkout.
    pub path: String,
    pub text: String,
    /// Its parsed items; for files in `tests`, only lines are counted.
    items: Vec<Item>,
    /// The whole file is a test or a test helper.
    pub is_test: bool,
    /// Lines of a production file that belong to `#[cfg(test)]` items, from 1.
    tests: Vec<RangeInclusive<usize>>,
}

impl Tree {
    pub fn of_folder(root: &Path) -> anyhow::Result<Self> {
        let mut paths = Vec::new();
        for folder in FOLDERS {
            collect(&root.join(folder), &mut paths)?;
        }
        let read = |path: PathBuf| {
            let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
            Ok((name, fs::read_to_string(&path).with_context(|| path.display().to_string())?))
        };
        Self::of(paths.into_iter().map(read).collect::<anyhow::Result<_>>()?)
    }

    /// The files of a commit, read from the repository at `root` without a checkout.
    pub fn of_commit(root: &Path, commit: &str) -> anyhow::Result<Self> {
        let list = git(root, &["ls-tree", "-r", "--name-only", "--end-of-options", commit, FOLDERS[0], FOLDERS[1]])?;
        let names = list.lines().filter(|name| is_rust(Path::new(name)));
        let read = |name: &str| Ok((name.to_owned(), git(root, &["show", &format!("{commit}:{name}")])?));
        Self::of(names.map(read).collect::<anyhow::Result<_>>()?)
    }

    pub fn of(files: Vec<(String, String)>) -> anyhow::Result<Self> {
        let mut parsed = Vec::new();
        for (path, text) in files {
            let is_test = !path.starts_with("src/") || path.ends_with("_tests.rs");
            let items = if is_test { Ok(Vec::new()) } else { syn::parse_file(&text).map(|file| file.items) };
            let items = items.with_context(|| format!("{path} is no Rust"))?;
            let tests = items.iter().filter(|item| self::is_test(attributes(item))).map(lines).collect();
            parsed.push(Source { path, text, items, is_test, tests });
        }
        ensure!(parsed.iter().any(|file| !file.is_test), "there is no production file below src/");
        let declared: BTreeSet<String> = parsed.iter().flat_map(Source::test_modules).collect();
        for file in &mut parsed {
            let module = file.module().join("::");
            let below = |test: &String| module == *test || module.starts_with(&format!("{test}::"));
            file.is_test |= declared.iter().any(below);
        }
        parsed.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { files: parsed })
    }

    pub fn production(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(|file| !file.is_test)
    }
}

impl Source {
    /// Path below `src/`.
    pub fn name(&self) -> &str {
        self.path.strip_prefix("src/").unwrap_or(&self.path)
    }

    /// The module of the file. The programs beside the library are separate modules: `main`.
    pub fn module(&self) -> Vec<String> {
        let name = self.name().trim_end_matches(".rs").trim_end_matches("/mod");
        if name == "lib" { Vec::new() } else { name.split('/').map(str::to_owned).collect() }
    }

    /// Numbers and texts of its production lines, without blank ones.
    pub fn production_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let all = if self.is_test { "" } else { &self.text };
        let numbered = all.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        numbered.filter(|(number, line)| !line.is_empty() && !self.tests.iter().any(|range| range.contains(number)))
    }

    /// Number of production lines in this range.
    pub fn production_within(&self, range: RangeInclusive<usize>) -> usize {
        self.production_lines().filter(|(number, _)| range.contains(number)).count()
    }

    /// Number of its test lines, without blank ones.
    pub fn test_lines(&self) -> usize {
        self.text.lines().filter(|line| !line.trim().is_empty()).count() - self.production_lines().count()
    }

    /// The modules in its `#[cfg(test)] mod x;` declarations.
    fn test_modules(&self) -> Vec<String> {
        let declared = self.items.iter().filter_map(|item| match item {
            Item::Mod(module) if module.content.is_none() && is_test(&module.attrs) => Some(module.ident.to_string()),
            _ => None,
        });
        declared.map(|name| self.module().into_iter().chain([name]).collect::<Vec<_>>().join("::")).collect()
    }

    /// Its items except tests.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| !is_test(attributes(item)))
    }
}

/// Whether an item exists in tests only.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The lines of an item, including its attributes.
pub(super) fn lines(item: &Item) -> RangeInclusive<usize> {
    let first = attributes(item).iter().map(|attribute| attribute.span().start().line).min();
    let span = item.span();
    first.unwrap_or(usize::MAX).min(span.start().line)..=span.end().line
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == "rs")
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if is_rust(&path) {
            paths.push(path);
        }
    }
    Ok(())
}

fn git(root: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output().context("git does not start")?;
    ensure!(output.status.success(), "git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
impl Tree {
    /// Files by path below `src/` and text.
    pub(super) fn sample(files: &[(&str, &str)]) -> Self {
        Self::of(files.iter().map(|(path, text)| (format!("src/{path}"), (*text).to_owned())).collect()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_shipped_code_are_distinguished() {
        let tree = Tree::sample(&[
            ("lib.rs", "mod a;\n\n#[cfg(test)]\nmod help;\n#[cfg(test)]\nuse std::fmt;\n"),
            ("a.rs", "fn f() {}\n\n/// Doc.\n#[cfg(test)]\nmod tests {\n\n    fn t() {}\n}\nfn g() {}\n"),
            ("a_tests.rs", "fn t() {}\n"),
            ("help/mod.rs", "pub mod more;\n"),
            ("help/more.rs", "fn h() {}\n"),
        ]);
        let counted = tree.files.iter().map(|file| (file.name(), file.production_lines().count(), file.test_lines()));
        assert_eq!(
            counted.collect::<Vec<_>>(),
            [("a.rs", 2, 5), ("a_tests.rs", 0, 1), ("help/mod.rs", 0, 1), ("help/more.rs", 0, 1), ("lib.rs", 1, 4)]
        );
    }

    #[test]
    fn unparsable_code_is_reported() {
        let error = Tree::of(vec![("src/a.rs".to_owned(), "fn (".to_owned())]).err().unwrap();
        assert!(format!("{error:#}").contains("src/a.rs"));
    }
}
