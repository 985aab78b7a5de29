//! Whatever people, owners of mailboxes, SES and fate do, in any order: the laws of the world hold at every write and at every mail,
//! no link is dead before there is another, and when all is calm everything is as it should be. See [`crate::properties`].

mod acting;
mod steps;

use proptest::collection::vec;

use self::{acting::Stage, steps::any_step};
use crate::properties::hold;

/// Steps of a history.
const LENGTH: usize = 30;
/// Histories of a usual run.
const CASES: u32 = 100;

#[test]
fn whatever_happens_in_any_order_nobody_uses_an_address_without_its_owners_word() {
    hold(CASES, vec(any_step(), LENGTH / 2..LENGTH + LENGTH / 2), |sequence| Box::pin(Stage::play(sequence)));
}
