//! The built-in templates.

/// Frame of the HTML part, in every language.
pub(super) const LAYOUT: &str = "layout.html";

/// Every template: its name and its built-in text.
pub(super) const BUILT_IN: [(&str, &str); 7] = [
    (LAYOUT, include_str!("templates/layout.html")),
    ("confirmation.en.subject", include_str!("templates/confirmation.en.subject")),
    ("confirmation.en.txt", include_str!("templates/confirmation.en.txt")),
    ("confirmation.en.html", include_str!("templates/confirmation.en.html")),
    ("confirmation.de.subject", include_str!("templates/confirmation.de.subject")),
    ("confirmation.de.txt", include_str!("templates/confirmation.de.txt")),
    ("confirmation.de.html", include_str!("templates/confirmation.de.html")),
];
