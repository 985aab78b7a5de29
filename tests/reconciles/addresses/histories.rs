//! Whatever people, owners of mailboxes, SES and fate do, in any order: the invariants of the simulation hold at every write and at every mail,
//! no link is dead before there is another, and when all is calm everything is as it should be. See [`crate::properties`].

mod scenario;
mod steps;

use self::{scenario::AddressScenario, steps::STEPS};
use crate::properties::{any_step, hold};

/// Steps of a history.
const LENGTH: usize = 30;

#[test]
fn whatever_happens_in_any_order_nobody_uses_an_address_without_its_owners_word() {
    hold(LENGTH, any_step(STEPS, 100), |sequence| Box::pin(AddressScenario::play(sequence)));
}
