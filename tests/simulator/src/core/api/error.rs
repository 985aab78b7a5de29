//! SES's own errors.

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    pub status: u16,
    pub code: String,
    pub message: String,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequestException", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "NotFoundException", message)
    }

    pub(crate) fn no_identity(name: &str) -> Self {
        Self::not_found(format!("Email identity {name} does not exist."))
    }

    pub(crate) fn already_exists(message: impl Into<String>) -> Self {
        Self::new(400, "AlreadyExistsException", message)
    }

    pub(crate) fn identity_exists(name: &str) -> Self {
        Self::already_exists(format!("Email identity {name} already exist."))
    }

    pub(crate) fn limit_exceeded(message: impl Into<String>) -> Self {
        Self::new(400, "LimitExceededException", message)
    }

    pub(crate) fn too_many_requests(operation: &str) -> Self {
        Self::new(429, "TooManyRequestsException", plausible_message("TooManyRequestsException", operation))
    }
}

/// AWS's text for a code, if known; otherwise the code itself.
pub(crate) fn plausible_message(code: &str, operation: &str) -> String {
    match code {
        "TooManyRequestsException" if operation == "SendEmail" => "Maximum sending rate exceeded.".to_owned(),
        "TooManyRequestsException" => "Rate exceeded".to_owned(),
        "AccessDeniedException" => {
            format!("User: arn:aws:iam::123456789012:user/simulator is not authorized to perform: ses:{operation}")
        }
        "ServiceUnavailable" => "Service is unavailable".to_owned(),
        "InternalFailure" => "The request processing has failed because of an unknown error".to_owned(),
        _ => format!("{code} injected by the simulator"),
    }
}
