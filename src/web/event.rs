//! What the pages tell the metrics: closed sets of words, no addresses and no links.

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Looking at a page.
    View,
    /// Confirming.
    Confirm,
    /// Declining.
    Decline,
    /// Taking a refusal back.
    Undo,
    /// Withdrawing.
    Withdraw,
    /// Anything else: a logo, a path that does not exist.
    Other,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A page was shown.
    Shown,
    /// The claim was changed.
    Changed,
    /// It was so already, or could not be done any more; the page said so.
    Unchanged,
    /// No code, or a wrong one.
    WrongCode,
    /// Too many wrong codes for the link.
    Locked,
    /// No link of ours, or nothing that it is about.
    NotFound,
    /// The API server did not answer, or a write lost every race.
    Trouble,
    /// Too many requests of one client.
    TooMany,
    /// Not a request that a browser makes here: wrong method, form or size.
    Refused,
}

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// What it was for.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
}

impl Action {
    /// Label for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Confirm => "confirm",
            Self::Decline => "decline",
            Self::Undo => "undo",
            Self::Withdraw => "withdraw",
            Self::Other => "other",
        }
    }
}

impl Outcome {
    /// Label for metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::WrongCode => "wrong_code",
            Self::Locked => "locked",
            Self::NotFound => "not_found",
            Self::Trouble => "trouble",
            Self::TooMany => "too_many",
            Self::Refused => "refused",
        }
    }
}
