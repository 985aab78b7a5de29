//! Which replacements of templates are accepted, and which are refused before the first mail.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use jiff::Timestamp;

use super::*;

/// A folder with these files, deleted at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("mail-templates-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        for (name, text) in files {
            fs::write(folder.0.join(name), text).unwrap();
        }
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn load(files: &[(&str, &str)], codes: bool) -> Result<Templates, TemplateError> {
    let folder = Folder::of(files);
    Templates::load(&folder.0, codes)
}

fn message() -> ConfirmationMail {
    ConfirmationMail {
        language: Language::De,
        address: "sales@example.com".to_owned(),
        domain: "example.com".to_owned(),
        claimant: ClaimantName { namespace: "shop".to_owned(), name: "sales".to_owned(), tenant: None },
        environment: "default".to_owned(),
        company: None,
        note: None,
        link: "https://mail.example/confirm/x".to_owned(),
        code: None,
        expiry: Timestamp::UNIX_EPOCH,
    }
}

const TEXT: &str = "{{ address }} {{ link }}{% if code %} {{ code }}{% endif %}";

#[test]
fn the_built_in_set_is_sound_with_codes_and_without() {
    let builtin = Templates::builtin().unwrap();
    for codes in [true, false] {
        assert_eq!(load(&[], codes).unwrap().version(), builtin.version());
    }
    assert!(builtin.version().len() == 12 && builtin.version().bytes().all(|b| b.is_ascii_hexdigit()));
}

#[test]
fn one_file_replaces_one_template_and_changes_the_version() {
    let set = load(&[("confirmation.de.txt", TEXT)], true).unwrap();
    let mail = set.render(&message()).unwrap();
    assert_eq!(mail.text, "sales@example.com https://mail.example/confirm/x\n");
    assert_eq!(mail.subject, Templates::builtin().unwrap().render(&message()).unwrap().subject);
    assert_ne!(set.version(), Templates::builtin().unwrap().version());
    assert_eq!(set.version(), load(&[("confirmation.de.txt", TEXT)], false).unwrap().version());
    // The same text under another name makes another set.
    assert_ne!(set.version(), load(&[("confirmation.en.txt", TEXT)], true).unwrap().version());
}

#[test]
fn a_replaced_layout_holds_in_every_language() {
    let layout =
        "<html><body><a href=\"{{ link }}\">{{ address }}</a> {{ code }} {% block why %}{% endblock %}</body></html>";
    let set = load(&[("layout.html", layout)], true).unwrap();
    for (language, word) in [(Language::En, "mailing list"), (Language::De, "Verteilerliste")] {
        let html = set.render(&ConfirmationMail { language, ..message() }).unwrap().html;
        assert!(html.contains(word) && html.contains("href=\"https://mail.example/confirm/x\""), "{html}");
    }
}

#[test]
fn what_a_mounted_config_map_holds_besides_is_passed_over() {
    let folder = Folder::of(&[]);
    let version = folder.0.join("..2026_11_24");
    fs::create_dir_all(&version).unwrap();
    fs::write(version.join("confirmation.de.txt"), TEXT).unwrap();
    std::os::unix::fs::symlink("..2026_11_24", folder.0.join("..data")).unwrap();
    std::os::unix::fs::symlink("..data/confirmation.de.txt", folder.0.join("confirmation.de.txt")).unwrap();
    let set = Templates::load(&folder.0, true).unwrap();
    assert!(set.render(&message()).unwrap().text.starts_with("sales@example.com https"));
}

#[test]
fn what_no_owner_could_use_is_refused_with_file_line_and_what_to_do() {
    let link = "<a href=\"{{ link }}\">{{ address }}</a>";
    for (file, text, codes, say) in [
        (
            "confirmation.fr.txt",
            TEXT,
            true,
            &["confirmation.fr.txt is not the name of a template", "confirmation.de.html"][..],
        ),
        ("README", "x", true, &["README is not the name of a template", "rename or remove"]),
        (
            "confirmation.en.txt",
            "one\ntwo {% if %}",
            true,
            &["confirmation.en.txt, line 2", "syntax error", "Fix it, or remove the file"],
        ),
        (
            "confirmation.en.txt",
            "\n\n{{ adress }}",
            true,
            &["confirmation.en.txt, line 3", "undefined", "Available variables are language, address"],
        ),
        (
            "confirmation.en.txt",
            "{% if not note %}{{ nota }}{% endif %}",
            true,
            &["confirmation.en.txt, line 1", "undefined"],
        ),
        ("confirmation.de.html", "{% extends \"other.html\" %}", true, &["confirmation.de.html", "other.html"]),
        ("confirmation.de.subject", "{{ address", true, &["confirmation.de.subject, line 1", "syntax error"]),
        ("layout.html", "a\n{{ nothing }}", true, &["layout.html, line 2", "undefined"]),
        (
            "confirmation.en.txt",
            "{{ address }} {{ code }}",
            true,
            &["confirmation.en.txt does not show the link", "{{ link }}"],
        ),
        (
            "confirmation.en.txt",
            "{{ address }} {{ link }}",
            true,
            &["confirmation.en.txt does not show the code", "{{ code }}"],
        ),
        ("confirmation.en.txt", "{{ link }} {{ code }}", true, &["confirmation.en.txt does not show the address"]),
        ("confirmation.de.html", "{{ address }} {{ link }} {{ code }}", true, &["does not show the link as href"]),
        ("confirmation.de.html", link, true, &["confirmation.de.html does not show the code"]),
        (
            "confirmation.de.txt",
            "{% if note %}{{ address }} {{ link }} {{ code }}{% endif %}x",
            true,
            &["no note and no tenant"],
        ),
        ("confirmation.de.txt", "{{ address }}", false, &["confirmation.de.txt does not show the link"]),
        ("confirmation.en.subject", "  \n", true, &["confirmation.en.subject renders an empty part"]),
        (
            "confirmation.en.html",
            &format!("{link}{{{{ code }}}}{{% for i in range(30000) %}}abcd{{% endfor %}}"),
            true,
            &["96 KiB"],
        ),
        (
            "confirmation.en.txt",
            &"x".repeat(70_000),
            true,
            &["confirmation.en.txt is not UTF-8 text of at most 64 KiB"],
        ),
    ] {
        let error = load(&[(file, text)], codes).unwrap_err().to_string();
        assert!(say.iter().all(|say| error.contains(say)), "{file} {text:.60}: {error}");
    }
    assert!(
        load(&[("confirmation.en.txt", "{{ address }} {{ link }}"), ("confirmation.de.html", link)], false).is_ok()
    );
}

#[test]
fn what_can_not_be_read_is_named() {
    let error = Templates::load(Path::new("/no/such/folder"), true).unwrap_err().to_string();
    assert!(error.contains("/no/such/folder cannot be read") && error.contains("ConfigMap"), "{error}");
    let folder = Folder::of(&[]);
    fs::write(folder.0.join("confirmation.en.txt"), [0xff, 0xfe]).unwrap();
    assert!(Templates::load(&folder.0, true).unwrap_err().to_string().contains("not UTF-8 text"));
}
