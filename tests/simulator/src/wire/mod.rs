//! The AWS protocols: the operation of a request, and its answer.

mod error;
mod exchange;
mod operation;
#[cfg(test)]
mod rules;
mod sts;
mod target;

pub(crate) use exchange::answer;
use url::form_urlencoded;

#[derive(Debug)]
pub(crate) struct AwsRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) access_key: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl AwsRequest {
    /// The values of a parameter of the query string.
    fn parameters(&self, wanted: &str) -> impl Iterator<Item = String> {
        let all = form_urlencoded::parse(self.query.as_bytes());
        all.filter(move |(key, _)| key == wanted).map(|(_, value)| value.into_owned())
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Answer { status: u16, error: Option<String>, content_type: &'static str, body: String },
    Closed,
}
