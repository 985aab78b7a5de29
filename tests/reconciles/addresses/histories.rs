//! Random actions of people, mailbox owners, SES and failures, in any order: the invariants of the simulation hold at
//! every write and every mail, a link stays valid until the next one exists, and everything converges once failures
//! end. See [`crate::properties`].

mod scenario;
mod steps;

use self::{scenario::AddressScenario, steps::STEPS};
use crate::properties::{any_step, hold};

/// Steps of a history.
const LENGTH: usize = 30;

#[test]
fn in_any_order_of_events_no_address_is_used_without_its_owners_consent() {
    hold(LENGTH, any_step(STEPS, 100), |sequence| Box::pin(AddressScenario::play(sequence)));
}
