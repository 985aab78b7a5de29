//! A fair queue: groups take turns, and each group keeps its items in order. Pure.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

/// Items of several groups. A group moves behind the others after each turn, and its least item goes first. So more
/// items never give a group more turns.
#[derive(Clone, Debug)]
pub struct FairQueue<T> {
    groups: VecDeque<Arc<str>>,
    items: HashMap<Arc<str>, BTreeSet<T>>,
}

impl<T> Default for FairQueue<T> {
    fn default() -> Self {
        Self { groups: VecDeque::new(), items: HashMap::new() }
    }
}

impl<T: Ord> FairQueue<T> {
    /// Adds an item. A new group starts behind the others.
    pub fn insert(&mut self, group: &Arc<str>, item: T) {
        let items = self.items.entry(group.clone()).or_insert_with(|| {
            self.groups.push_back(group.clone());
            BTreeSet::new()
        });
        items.insert(item);
    }

    /// Removes an item; returns whether it was present.
    pub fn remove(&mut self, group: &str, item: &T) -> bool {
        let Some(items) = self.items.get_mut(group) else { return false };
        let was = items.remove(item);
        if items.is_empty() {
            self.items.remove(group);
            self.groups.retain(|other| **other != *group);
        }
        was
    }

    /// The next item, without removing it.
    pub fn first(&self) -> Option<&T> {
        self.items.get(self.groups.front()?)?.first()
    }

    /// The least item of all groups, regardless of turns.
    pub fn least(&self) -> Option<&T> {
        self.items.values().filter_map(BTreeSet::first).min()
    }

    /// Removes and returns the next item.
    pub fn pop(&mut self) -> Option<T> {
        self.pop_where(|_| true)
    }

    /// Removes and returns the next item of the first group that may be served.
    pub fn pop_where(&mut self, may_be_served: impl Fn(&Arc<str>) -> bool) -> Option<T> {
        let place = self.groups.iter().position(may_be_served)?;
        let group = self.groups.remove(place)?;
        let items = self.items.get_mut(&group)?;
        let item = items.pop_first();
        if items.is_empty() {
            self.items.remove(&group);
        } else {
            self.groups.push_back(group);
        }
        item
    }

    /// Whether the group has items.
    pub fn has_group(&self, group: &str) -> bool {
        self.items.contains_key(group)
    }

    /// Whether the queue is empty.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.items.values().map(BTreeSet::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(items: &[(&str, u32)]) -> FairQueue<u32> {
        let mut queue = FairQueue::default();
        for (group, item) in items {
            queue.insert(&Arc::from(*group), *item);
        }
        queue
    }

    fn drained(queue: &mut FairQueue<u32>) -> Vec<u32> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn groups_take_turns_and_within_a_group_the_least_goes_first() {
        let mut queue = filled(&[("rush", 3), ("rush", 1), ("rush", 2), ("small", 9)]);
        assert_eq!((queue.len(), queue.first()), (4, Some(&1)));
        assert_eq!(drained(&mut queue), [1, 9, 2, 3]);
        assert!(queue.is_empty() && !queue.has_group("rush"));
    }

    #[test]
    fn the_least_item_is_found_whoever_is_next() {
        let queue = filled(&[("a", 2), ("b", 1)]);
        assert_eq!((queue.first(), queue.least()), (Some(&2), Some(&1)));
    }

    #[test]
    fn a_group_whose_items_are_gone_has_no_turn() {
        let mut queue = filled(&[("a", 1), ("b", 2)]);
        assert!(queue.remove("a", &1) && !queue.remove("a", &1));
        assert_eq!(drained(&mut queue), [2]);
    }

    #[test]
    fn a_group_that_may_not_be_served_keeps_its_place() {
        let mut queue = filled(&[("a", 1), ("b", 2), ("b", 3)]);
        assert_eq!(queue.pop_where(|group| &**group != "a"), Some(2));
        assert_eq!(drained(&mut queue), [1, 3]);
    }
}
