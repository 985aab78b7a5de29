//! Groups that take turns, each with its own items in order. Pure.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

/// Items of several groups. A group that was served goes behind the others; within a group the least item goes first. So
/// nobody gets more turns by having more items.
#[derive(Clone, Debug)]
pub struct Round<T> {
    turns: VecDeque<Arc<str>>,
    items: HashMap<Arc<str>, BTreeSet<T>>,
}

impl<T> Default for Round<T> {
    fn default() -> Self {
        Self { turns: VecDeque::new(), items: HashMap::new() }
    }
}

impl<T: Ord> Round<T> {
    /// Adds an item. A new group goes behind the others.
    pub fn insert(&mut self, group: &Arc<str>, item: T) {
        let items = self.items.entry(group.clone()).or_insert_with(|| {
            self.turns.push_back(group.clone());
            BTreeSet::new()
        });
        items.insert(item);
    }

    /// Takes an item out that is no longer wanted. Whether it was there.
    pub fn remove(&mut self, group: &str, item: &T) -> bool {
        let Some(items) = self.items.get_mut(group) else { return false };
        let was = items.remove(item);
        if items.is_empty() {
            self.items.remove(group);
            self.turns.retain(|other| **other != *group);
        }
        was
    }

    /// The next item, left where it is.
    pub fn first(&self) -> Option<&T> {
        self.items.get(self.turns.front()?)?.first()
    }

    /// The next item.
    pub fn pop(&mut self) -> Option<T> {
        self.pop_where(|_| true)
    }

    /// The next item of the first group that may be served.
    pub fn pop_where(&mut self, may_be_served: impl Fn(&Arc<str>) -> bool) -> Option<T> {
        let place = self.turns.iter().position(may_be_served)?;
        let group = self.turns.remove(place)?;
        let items = self.items.get_mut(&group)?;
        let item = items.pop_first();
        if items.is_empty() {
            self.items.remove(&group);
        } else {
            self.turns.push_back(group);
        }
        item
    }

    /// Whether a group has items.
    pub fn has(&self, group: &str) -> bool {
        self.items.contains_key(group)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.items.values().map(BTreeSet::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(items: &[(&str, u32)]) -> Round<u32> {
        let mut round = Round::default();
        for (group, item) in items {
            round.insert(&Arc::from(*group), *item);
        }
        round
    }

    fn drained(round: &mut Round<u32>) -> Vec<u32> {
        std::iter::from_fn(|| round.pop()).collect()
    }

    #[test]
    fn groups_take_turns_and_within_a_group_the_least_goes_first() {
        let mut round = filled(&[("rush", 3), ("rush", 1), ("rush", 2), ("small", 9)]);
        assert_eq!((round.len(), round.first()), (4, Some(&1)));
        assert_eq!(drained(&mut round), [1, 9, 2, 3]);
        assert!(round.is_empty() && !round.has("rush"));
    }

    #[test]
    fn a_group_whose_items_are_gone_has_no_turn() {
        let mut round = filled(&[("a", 1), ("b", 2)]);
        assert!(round.remove("a", &1) && !round.remove("a", &1));
        assert_eq!(drained(&mut round), [2]);
    }

    #[test]
    fn a_group_that_may_not_be_served_keeps_its_place() {
        let mut round = filled(&[("a", 1), ("b", 2), ("b", 3)]);
        assert_eq!(round.pop_where(|group| &**group != "a"), Some(2));
        assert_eq!(drained(&mut round), [1, 3]);
    }
}
