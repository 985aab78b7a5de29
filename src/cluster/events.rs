//! Kubernetes events.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use k8s_openapi::api::core::v1::ObjectReference;
use kube::{
    Client,
    runtime::events::{Event, EventType, Recorder, Reporter},
};

use super::store::{PendingEvent, Regarding};
use crate::api::{GROUP, VERSION};

/// Longest note that the API server accepts, in bytes.
const MAX_NOTE: usize = 1024;
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
        self.recorder(pending).publish(&event, &reference(&pending.regarding)).await
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

/// At most [`MAX_NOTE`] bytes, never splitting a character.
fn cut(note: &str) -> &str {
    &note[..note.floor_char_boundary(MAX_NOTE)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_end_at_a_character() {
        assert_eq!(cut("short"), "short");
        let long = "é".repeat(MAX_NOTE);
        assert_eq!(cut(&long).len(), MAX_NOTE);
        let odd = format!("a{long}");
        assert_eq!(cut(&odd).len(), MAX_NOTE - 1);
    }
}
