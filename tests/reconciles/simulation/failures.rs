//! Scripted failures: which call fails, how, and how often.

use sender_operator::{cluster::store::StoreError, ses::SesError};

use super::{SesCall, Simulation, StoreCall};

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It has no effect.
    Refused,
    /// It has its effect, but the answer is lost.
    AnswerLost,
    /// It has no effect and never answers.
    Silent,
    /// The process dies before the call has its effect.
    CrashBefore,
    /// The process dies after the call has had its effect, without an answer.
    CrashAfter,
}

/// Failures that don't end the process.
pub const HOW: [How; 3] = [How::Refused, How::AnswerLost, How::Silent];

impl How {
    pub fn has_effect(self) -> bool {
        matches!(self, Self::AnswerLost | Self::CrashAfter)
    }
}

#[derive(Clone, Debug)]
struct PlannedFailure<C, E> {
    call: C,
    /// Only calls about this subject; all if empty.
    about: String,
    how: How,
    error: E,
    left: usize,
    /// Of this many matching calls, the last succeeds; 0: none does.
    spares_one_in: usize,
    fitted: usize,
}

#[derive(Debug)]
pub struct Failures<C, E>(Vec<PlannedFailure<C, E>>);

impl<C, E> Default for Failures<C, E> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<C: Copy + PartialEq, E: Clone> Failures<C, E> {
    /// The scripted failure of this call, counted.
    pub fn next(&mut self, call: C, about: &str) -> Option<(How, E)> {
        let fits = |planned: &&mut PlannedFailure<C, E>| {
            planned.call == call && planned.left > 0 && (planned.about.is_empty() || planned.about == about)
        };
        let planned = self.0.iter_mut().find(fits)?;
        planned.fitted += 1;
        if planned.spares_one_in > 0 && planned.fitted.is_multiple_of(planned.spares_one_in) {
            return None;
        }
        planned.left -= 1;
        Some((planned.how, planned.error.clone()))
    }
}

impl Simulation {
    /// The next `times` calls to SES of this kind fail.
    pub fn fail_ses(&self, call: SesCall, how: How, error: &SesError, times: usize) {
        self.fail_ses_but_one_in(0, call, how, error, times);
    }

    /// SES throttles nine of ten calls of each kind until [`Self::heal`].
    pub fn ses_throttles_nine_of_ten(&self) {
        for call in SesCall::ALL.iter().copied() {
            self.fail_ses_but_one_in(10, call, How::Refused, &SesError::Throttled, usize::MAX);
        }
    }

    fn fail_ses_but_one_in(&self, spares_one_in: usize, call: SesCall, how: How, error: &SesError, left: usize) {
        let planned =
            PlannedFailure { call, about: String::new(), how, error: error.clone(), left, spares_one_in, fitted: 0 };
        self.account().failures.0.push(planned);
    }

    /// Every call to SES fails until [`Self::heal`].
    pub fn ses_down(&self, error: &SesError) {
        for call in SesCall::ALL.iter().copied() {
            self.fail_ses(call, How::Refused, error, usize::MAX);
        }
    }

    /// Lists contain only this many identities but look complete; `None`: all.
    pub fn ses_lists(&self, only: Option<usize>) {
        self.account().list_shows = only;
    }

    /// The next `times` calls to the API server of this kind fail. `about` is the name of a claim or `namespace/name`;
    /// empty means all.
    pub fn fail_store(&self, call: StoreCall, about: &str, how: How, error: StoreError, times: usize) {
        let about = about.to_owned();
        let planned = PlannedFailure { call, about, how, error, left: times, spares_one_in: 0, fitted: 0 };
        self.requests().failures.0.push(planned);
    }

    pub fn heal(&self) {
        self.account().failures.0.clear();
        self.requests().failures.0.clear();
        super::lock(&self.shared.zone).heal();
    }
}
