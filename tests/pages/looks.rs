//! Devices and preferences of a person.

/// A screen and its user's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    /// Name for tables and pictures.
    pub name: &'static str,
    /// Width of the window in CSS pixels.
    pub width: u32,
    /// Height of the window in CSS pixels.
    pub height: u32,
    /// A phone with a touch screen.
    pub phone: bool,
    /// Prefers dark colours.
    pub dark: bool,
    /// `Accept-Language` of the browser.
    pub languages: &'static str,
    /// Scripts are enabled.
    pub scripts: bool,
}

pub const DESKTOP: Looks = Looks {
    name: "desktop",
    width: 1100,
    height: 800,
    phone: false,
    dark: false,
    languages: "en-GB,en;q=0.9",
    scripts: true,
};
pub const DARK: Looks = Looks { name: "desktop, dark", dark: true, ..DESKTOP };
pub const PHONE: Looks = Looks { name: "phone", width: 375, height: 812, phone: true, ..DESKTOP };
pub const DARK_PHONE: Looks = Looks { name: "phone, dark", dark: true, ..PHONE };
/// The narrowest phone still sold; also a page at four times its size on a small screen (WCAG 1.4.10).
pub const NARROW: Looks = Looks { name: "narrow phone", width: 320, height: 568, ..PHONE };
pub const GERMAN: Looks = Looks { name: "desktop, German", languages: "de-AT,de;q=0.9,en;q=0.5", ..DESKTOP };
pub const NO_SCRIPTS: Looks = Looks { name: "desktop, no JavaScript", scripts: false, ..DESKTOP };
