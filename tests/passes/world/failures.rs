//! Failures to order: which call fails, how, and how often.

use sender_operator::{cluster::store::StoreError, ses::SesError};

use super::{SesCall, StoreCall, World};

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It has no effect.
    Refused,
    /// It has its effect, but nobody hears of it.
    AnswerLost,
    /// It has no effect and never answers.
    Silent,
}

/// An order.
#[derive(Clone, Debug)]
struct Order<C, E> {
    call: C,
    /// Only calls about this subject; all if empty.
    about: String,
    how: How,
    error: E,
    left: usize,
}

/// The orders for one port.
#[derive(Debug)]
pub struct Failures<C, E>(Vec<Order<C, E>>);

impl<C, E> Default for Failures<C, E> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<C: Copy + PartialEq, E: Clone> Failures<C, E> {
    /// What is ordered for this call, counted.
    pub fn next(&mut self, call: C, about: &str) -> Option<(How, E)> {
        let fits = |order: &&mut Order<C, E>| {
            order.call == call && order.left > 0 && (order.about.is_empty() || order.about == about)
        };
        let order = self.0.iter_mut().find(fits)?;
        order.left -= 1;
        Some((order.how, order.error.clone()))
    }
}

impl World {
    /// The next `times` calls to SES of this kind fail.
    pub fn fail_ses(&self, call: SesCall, how: How, error: &SesError, times: usize) {
        let order = Order { call, about: String::new(), how, error: error.clone(), left: times };
        self.account().failures.0.push(order);
    }

    /// Every call to SES fails until [`Self::heal`].
    pub fn ses_down(&self, error: &SesError) {
        for call in SesCall::ALL {
            self.fail_ses(call, How::Refused, error, usize::MAX);
        }
    }

    /// The next `times` calls to the API server of this kind about this subject (the name of a claim, or
    /// `namespace/name`; all if empty) fail.
    pub fn fail_store(&self, call: StoreCall, about: &str, how: How, error: StoreError, times: usize) {
        let order = Order { call, about: about.to_owned(), how, error, left: times };
        self.cluster().failures.0.push(order);
    }

    /// Nothing fails any more.
    pub fn heal(&self) {
        self.account().failures.0.clear();
        self.cluster().failures.0.clear();
        super::lock(&self.shared.zone).heal();
    }
}
