//! When the deletion of an SES identity may begin.
//!
//! Deletion is irreversible: tokens, associations and the trust of receivers are lost. So it waits for a delay, and for
//! an administrator where the circumstances suggest an accident.

use jiff::{SignedDuration, Timestamp};

/// How long a suspicious release waits for an administrator before it proceeds automatically.
pub const HELD_BACK: SignedDuration = SignedDuration::from_hours(24);
/// Window in which releases are counted.
pub const MASS_WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Up to this number of releases within [`MASS_WINDOW`] is never a mass release.
pub const MASS_FLOOR: usize = 10;

/// The inputs of the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// When the holder released the subject.
    pub releasing_time: Timestamp,
    /// The release delay setting.
    pub delay: SignedDuration,
    /// The holder's namespace exists under another uid, possibly from a restored backup.
    pub namespace_remade: bool,
    /// Claims of this environment released within the same [`MASS_WINDOW`], this one included.
    pub releasing_together: usize,
    /// Held claims of this environment.
    pub held: usize,
    /// An administrator approved the deletion.
    pub approved: bool,
}

/// Whether the deletion may begin, or why it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Deletion may begin.
    Go,
    /// The release delay ends at this time.
    Delay(Timestamp),
    /// The namespace was recreated: waits for an administrator, at most until this time.
    NamespaceRemade(Timestamp),
    /// Too many simultaneous releases: waits for an administrator, at most until this time.
    MassRelease(Timestamp),
}

/// The largest number of `others` (releasing times, this one included) within one [`MASS_WINDOW`] that contains `mine`.
pub fn together(mine: Timestamp, others: impl Iterator<Item = Timestamp> + Clone) -> usize {
    let before = others.clone().filter(|t| *t <= mine && mine.duration_since(*t) <= MASS_WINDOW).count();
    let after = others.filter(|t| *t >= mine && t.duration_since(mine) <= MASS_WINDOW).count();
    before.max(after)
}

impl Circumstances {
    /// Whether the deletion may begin at `now`.
    pub fn verdict(&self, now: Timestamp) -> Verdict {
        let after_delay = self.releasing_time.saturating_add(self.delay).unwrap_or(Timestamp::MAX);
        let after_day = self.releasing_time.saturating_add(HELD_BACK.max(self.delay)).unwrap_or(Timestamp::MAX);
        if now < after_delay {
            Verdict::Delay(after_delay)
        } else if self.approved || now >= after_day {
            Verdict::Go
        } else if self.namespace_remade {
            Verdict::NamespaceRemade(after_day)
        } else if self.releasing_together > MASS_FLOOR.max(self.held / 20) {
            Verdict::MassRelease(after_day)
        } else {
            Verdict::Go
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Circumstances = Circumstances {
        releasing_time: Timestamp::UNIX_EPOCH,
        delay: SignedDuration::from_mins(15),
        namespace_remade: false,
        releasing_together: 1,
        held: 100,
        approved: false,
    };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn what_let_go_within_the_same_hour_counts_together() {
        let times: Vec<Timestamp> = [0, 30, 60, 90, 150].map(at).to_vec();
        for (mine, expected) in [(0, 3), (30, 3), (60, 3), (90, 3), (150, 2)] {
            assert_eq!(together(at(mine), times.iter().copied()), expected, "minute {mine}");
        }
    }

    #[test]
    fn deletion_waits_for_the_delay_and_for_a_person_where_it_looks_like_an_accident() {
        let remade = Circumstances { namespace_remade: true, ..USUAL };
        let mass = Circumstances { releasing_together: 11, ..USUAL };
        let large = Circumstances { releasing_together: 11, held: 220, ..USUAL };
        let day = at(24 * 60);
        for (case, circumstances, now, expected) in [
            ("before the delay", USUAL, at(14), Verdict::Delay(at(15))),
            ("after the delay", USUAL, at(15), Verdict::Go),
            (
                "approval does not shorten the delay",
                Circumstances { approved: true, ..USUAL },
                at(1),
                Verdict::Delay(at(15)),
            ),
            ("a namespace made again", remade, at(15), Verdict::NamespaceRemade(day)),
            ("a namespace made again, approved", Circumstances { approved: true, ..remade }, at(15), Verdict::Go),
            ("a namespace made again, a day later", remade, day, Verdict::Go),
            ("the eleventh of a hundred", mass, at(15), Verdict::MassRelease(day)),
            ("the tenth of a hundred", Circumstances { releasing_together: 10, ..mass }, at(15), Verdict::Go),
            ("eleven of two hundred and twenty are five in a hundred", large, at(15), Verdict::Go),
            (
                "twelve of them are more",
                Circumstances { releasing_together: 12, ..large },
                at(15),
                Verdict::MassRelease(day),
            ),
            ("a mass release, approved", Circumstances { approved: true, ..mass }, at(15), Verdict::Go),
        ] {
            assert_eq!(circumstances.verdict(now), expected, "{case}");
        }
    }
}
