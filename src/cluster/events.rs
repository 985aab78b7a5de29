//! Kubernetes events.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use k8s_openapi::{
    api::{core::v1::ObjectReference, events::v1::Event as StoredEvent},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, PostParams},
    runtime::events::{Event, EventType, Recorder, Reporter},
};

use super::store::{PendingEvent, Regarding};
use crate::api::{GROUP, VERSION};

/// Longest note that the API server accepts, in bytes.
const MAX_NOTE: usize = 1024;
/// Longest name of an object for which kube's recorder can name an event: it appends a dot and 16 digits.
const MAX_NAME: usize = 253 - 17;
/// Number of objects whose last notes are cached; beyond it the cache is cleared.
const MAX_CACHED: usize = 10_000;

/// The last note of an object for a reason, and the recorder it went through.
type LastNotes = HashMap<(Regarding, &'static str), (String, Recorder)>;

/// Publishes events through kube's recorder.
///
/// kube merges repeated events by everything but their note, and each repetition extends the life of the first note. So
/// a changed cause would never be visible. A note that differs from the last one therefore goes through a fresh
/// recorder, which merges nothing.
#[derive(Clone)]
pub struct Publisher {
    client: Client,
    reporter: Reporter,
    last: Arc<Mutex<LastNotes>>,
}

impl Publisher {
    /// `instance` identifies this process.
    pub fn new(client: Client, instance: String) -> Self {
        let reporter = Reporter { controller: GROUP.to_owned(), instance: Some(instance) };
        Self { client, reporter, last: Arc::default() }
    }

    pub async fn publish(&self, pending: &PendingEvent) -> Result<(), kube::Error> {
        let event = Event {
            type_: if pending.warning { EventType::Warning } else { EventType::Normal },
            reason: pending.reason.as_str().to_owned(),
            note: Some(cut(&pending.note).to_owned()),
            action: pending.reason.as_str().to_owned(),
            secondary: None,
        };
        if pending.regarding.name.len() > MAX_NAME {
            return self.publish_for_long_name(event, &pending.regarding).await;
        }
        self.recorder(pending).publish(&event, &reference(&pending.regarding)).await
    }

    /// Events of an object with a long name are not merged.
    async fn publish_for_long_name(&self, event: Event, regarding: &Regarding) -> Result<(), kube::Error> {
        let now = Timestamp::now();
        let namespace = regarding.namespace.as_deref().unwrap_or("default");
        let stored = StoredEvent {
            action: Some(event.action),
            event_time: Some(MicroTime(now)),
            metadata: ObjectMeta { name: Some(event_name(&regarding.name, now)), ..ObjectMeta::default() },
            note: event.note,
            reason: Some(event.reason),
            regarding: Some(reference(regarding)),
            reporting_controller: Some(self.reporter.controller.clone()),
            reporting_instance: self.reporter.instance.clone(),
            type_: Some(if event.type_ == EventType::Warning { "Warning" } else { "Normal" }.to_owned()),
            ..StoredEvent::default()
        };
        Api::namespaced(self.client.clone(), namespace).create(&PostParams::default(), &stored).await.map(drop)
    }

    fn recorder(&self, pending: &PendingEvent) -> Recorder {
        let key = (pending.regarding.clone(), pending.reason.as_str());
        // A poisoned lock only means that another publisher panicked; the map never holds a half-written entry.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((note, recorder)) = last.get(&key)
            && *note == pending.note
        {
            return recorder.clone();
        }
        if last.len() >= MAX_CACHED {
            last.clear();
        }
        let recorder = Recorder::new(self.client.clone(), self.reporter.clone());
        last.insert(key, (pending.note.clone(), recorder.clone()));
        recorder
    }
}

fn reference(regarding: &Regarding) -> ObjectReference {
    ObjectReference {
        api_version: Some(format!("{GROUP}/{VERSION}")),
        kind: Some(regarding.kind.as_str().to_owned()),
        namespace: regarding.namespace.clone(),
        name: Some(regarding.name.clone()),
        uid: Some(regarding.uid.clone()),
        ..ObjectReference::default()
    }
}

/// The start of the object's name and the time, as kube's recorder names events.
fn event_name(object: &str, now: Timestamp) -> String {
    let start = object.get(..MAX_NAME).unwrap_or(object).trim_end_matches(['.', '-']);
    format!("{start}.{:x}", now.as_nanosecond())
}

/// At most [`MAX_NOTE`] bytes, never splitting a character.
fn cut(note: &str) -> &str {
    &note[..note.floor_char_boundary(MAX_NOTE)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_an_object_with_a_long_name_has_a_valid_name() {
        let long = format!("{}-.{}", "a".repeat(MAX_NAME - 2), "b".repeat(15));
        let name = event_name(&long, Timestamp::now());
        assert!(long.len() <= 253 && name.len() <= 253 && name.starts_with("aaa") && !name.contains("-."), "{name}");
    }

    #[test]
    fn notes_end_at_a_character() {
        assert_eq!(cut("short"), "short");
        let long = "é".repeat(MAX_NOTE);
        assert_eq!(cut(&long).len(), MAX_NOTE);
        let odd = format!("a{long}");
        assert_eq!(cut(&odd).len(), MAX_NOTE - 1);
    }
}
