//! The languages of mails and pages.

use std::str::FromStr;

use jiff::{Timestamp, tz::TimeZone};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English, the default.
    #[default]
    En,
    /// German, in the formal address.
    De,
}

/// The text names no supported language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a supported language: use en or de")]
pub struct UnknownLanguage;

impl Language {
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The tag of RFC 5646, as in `lang` attributes and in names of templates.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language's name in the language itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// The language of a tag such as `de`, `de-AT` or `DE_ch`; the parts after the first one only select a variant.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The language that a request prefers by its `Accept-Language` (RFC 9110 §12.5.4). `None` if it names no supported
    /// language or accepts any (`*`); then the locale of the request is the better choice.
    pub fn preferred(accept: &str) -> Option<Self> {
        let mut best = None;
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let language = parts.next().and_then(Self::of_tag);
            let weight =
                parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |text| text.parse::<f32>().ok());
            let (Some(language), Some(weight)) = (language, weight.filter(|weight| *weight > 0.0)) else { continue };
            // The first one of equal weights counts.
            if best.is_none_or(|(_, other)| weight > other) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }

    /// A time in the language's format, to the minute, in UTC.
    pub fn moment(self, time: Timestamp) -> String {
        let at = time.to_zoned(TimeZone::UTC);
        let month = self.months()[usize::from(at.month().unsigned_abs()) - 1];
        let (day, year, hour, minute) = (at.day(), at.year(), at.hour(), at.minute());
        match self {
            Self::En => format!("{day} {month} {year}, {hour:02}:{minute:02} UTC"),
            Self::De => format!("{day}. {month} {year}, {hour:02}:{minute:02} Uhr UTC"),
        }
    }

    fn months(self) -> [&'static str; 12] {
        match self {
            Self::En => [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            Self::De => [
                "Januar",
                "Februar",
                "März",
                "April",
                "Mai",
                "Juni",
                "Juli",
                "August",
                "September",
                "Oktober",
                "November",
                "Dezember",
            ],
        }
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;
    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.tag() == text).ok_or(UnknownLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_a_language_by_its_tag_and_nothing_else() {
        for (text, expected) in [("en", Ok(Language::En)), ("de", Ok(Language::De))] {
            assert_eq!(text.parse(), expected);
        }
        for text in ["", "EN", "de-AT", "fr", "German"] {
            assert_eq!(text.parse::<Language>(), Err(UnknownLanguage), "{text}");
        }
    }

    #[test]
    fn a_browser_gets_the_language_that_it_weighs_most() {
        use Language::{De, En};
        for (accept, expected) in [
            ("de", Some(De)),
            ("de-AT,de;q=0.9,en;q=0.8", Some(De)),
            ("en-GB,en;q=0.9,de;q=0.8", Some(En)),
            ("fr-CH, fr;q=0.9, de;q=0.7, en;q=0.5, *;q=0.1", Some(De)),
            ("en;q=0.1, DE;q=0.2", Some(De)),
            ("en, de", Some(En)),
            ("de;q=0, en;q=0.1", Some(En)),
            ("de ; q=0.5 , en;q=0.6", Some(En)),
            ("de;q=much, en;q=0.1", Some(En)),
            ("fr, nl;q=0.5", None),
            ("*", None),
            ("", None),
            (",;=,;q", None),
        ] {
            assert_eq!(Language::preferred(accept), expected, "{accept}");
        }
    }

    #[test]
    fn a_time_reads_as_people_write_it() {
        let time: Timestamp = "2026-03-05T08:07:59Z".parse().unwrap();
        assert_eq!(Language::En.moment(time), "5 March 2026, 08:07 UTC");
        assert_eq!(Language::De.moment(time), "5. März 2026, 08:07 Uhr UTC");
        for month in 1..=12 {
            let time: Timestamp = format!("2026-{month:02}-15T00:00:00Z").parse().unwrap();
            assert!(Language::ALL.iter().all(|language| language.moment(time).contains(" 2026, 00:00")));
        }
    }
}
