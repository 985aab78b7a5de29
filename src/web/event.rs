//! Page requests as metrics count them: closed sets of labels, without addresses and links.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageAction {
    /// A page view.
    View,
    Confirm,
    Decline,
    /// Undo of a decline or a withdrawal.
    Undo,
    Withdraw,
    /// Anything else: a logo, an unknown path.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageOutcome {
    /// A page was shown.
    Shown,
    /// The claim was changed.
    Changed,
    /// The claim already was in that state or could no longer reach it; the page explains that.
    Unchanged,
    /// The code was missing or wrong.
    WrongCode,
    /// Too many wrong codes for the link.
    Locked,
    /// An invalid link, or a link without a request.
    NotFound,
    /// The API server did not answer, or a write lost every race.
    Unavailable,
    /// Too many requests of one client.
    TooMany,
    /// A request that no page sends: wrong method, form or size.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageEvent {
    pub action: PageAction,
    pub outcome: PageOutcome,
}

impl PageAction {
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

impl PageOutcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::WrongCode => "wrong_code",
            Self::Locked => "locked",
            Self::NotFound => "not_found",
            Self::Unavailable => "unavailable",
            Self::TooMany => "too_many",
            Self::Refused => "refused",
        }
    }
}
