//! Errors of calls to AWS, as a closed set.

use crate::model::error_class::ErrorClass;

/// Why a call to SES or STS failed. The text contains no request id, time or counter: it appears in conditions, where
/// each change is a write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SesError {
    /// The identity already exists.
    #[error("the identity already exists in SES")]
    AlreadyExists,
    /// The target of the call does not exist.
    #[error("the resource does not exist in SES")]
    NotFound,
    /// Too many management calls; SES allows one per second for the whole account and region.
    #[error("SES is throttling the management calls of the account")]
    Throttled,
    /// Credentials are missing, invalid or without the permission.
    #[error(
        "AWS rejected the operator's credentials or denied it a permission ({code}): check its role and the IAM policy"
    )]
    Denied {
        /// AWS's error code.
        code: String,
    },
    /// A quota of the account is exhausted.
    #[error("a quota of the AWS account is exhausted ({code}): ask AWS to raise it, or delete unused resources")]
    LimitExceeded {
        /// AWS's error code.
        code: String,
    },
    /// The identity can't be deleted while SES tenants are associated with it.
    #[error("SES cannot delete the identity while SES tenants are associated with it")]
    Associated,
    /// The mail was not sent: its sender, or in the sandbox its recipient, is not verified.
    #[error("the sender is not verified in SES, or the account is in the sandbox and the recipient is not verified")]
    NotVerified,
    /// The account may not send at the moment.
    #[error("AWS has paused sending for the account: check the SES console")]
    SendingPaused,
    /// The mail was not sent because of its contents.
    #[error("SES rejected the email ({code})")]
    Rejected {
        /// AWS's error code.
        code: String,
    },
    /// Another client is changing the same item at SES.
    #[error("another change to this identity is in progress in SES")]
    Busy,
    /// SES reports an invalid request.
    #[error("SES rejected the request ({code})")]
    Refused {
        /// AWS's error code.
        code: String,
    },
    /// SES reported an internal failure.
    #[error("SES reported an internal error")]
    Server,
    /// No answer: connection refused, name not resolved, timeout.
    #[error("SES is unreachable")]
    Unreachable,
    /// An unreadable answer.
    #[error("SES returned a response that cannot be parsed")]
    Malformed,
}

impl SesError {
    /// The error class.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::AlreadyExists | Self::NotFound | Self::Throttled | Self::Busy | Self::Associated => ErrorClass::Wait,
            Self::Server | Self::Unreachable | Self::Malformed => ErrorClass::Retry,
            Self::Denied { .. }
            | Self::LimitExceeded { .. }
            | Self::NotVerified
            | Self::SendingPaused
            | Self::Rejected { .. } => ErrorClass::Stalled,
            Self::Refused { .. } => ErrorClass::Bug,
        }
    }

    /// Whether the call certainly had no effect.
    pub fn had_no_effect(&self) -> bool {
        !matches!(self, Self::Server | Self::Unreachable | Self::Malformed)
    }

    /// Metric label.
    pub fn label(&self) -> &'static str {
        match self {
            Self::AlreadyExists => "already_exists",
            Self::NotFound => "not_found",
            Self::Throttled => "throttled",
            Self::Denied { .. } => "denied",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::Associated => "associated",
            Self::NotVerified => "not_verified",
            Self::SendingPaused => "sending_paused",
            Self::Rejected { .. } => "rejected",
            Self::Busy => "busy",
            Self::Refused { .. } => "refused",
            Self::Server => "server",
            Self::Unreachable => "unreachable",
            Self::Malformed => "malformed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_asks_for_one_thing() {
        let code = || "X".to_owned();
        for (error, class) in [
            (SesError::AlreadyExists, ErrorClass::Wait),
            (SesError::NotFound, ErrorClass::Wait),
            (SesError::Throttled, ErrorClass::Wait),
            (SesError::Busy, ErrorClass::Wait),
            (SesError::Associated, ErrorClass::Wait),
            (SesError::Server, ErrorClass::Retry),
            (SesError::Unreachable, ErrorClass::Retry),
            (SesError::Malformed, ErrorClass::Retry),
            (SesError::Denied { code: code() }, ErrorClass::Stalled),
            (SesError::LimitExceeded { code: code() }, ErrorClass::Stalled),
            (SesError::NotVerified, ErrorClass::Stalled),
            (SesError::SendingPaused, ErrorClass::Stalled),
            (SesError::Rejected { code: code() }, ErrorClass::Stalled),
            (SesError::Refused { code: code() }, ErrorClass::Bug),
        ] {
            assert_eq!(error.class(), class, "{error:?}");
        }
    }
}
