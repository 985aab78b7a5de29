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

use super::store::{Notice, Regarding};
use crate::api::{GROUP, VERSION};

/// Longest note that the API server takes, in bytes.
const MAX_NOTE: usize = 1024;
/// So many objects' last notes are remembered before the memory starts anew.
const MAX_REMEMBERED: usize = 10_000;

/// The last note of an object for a reason, and the recorder it went through.
type LastNotes = HashMap<(Regarding, &'static str), (String, Recorder)>;

/// Publishes notices through kube's recorder.
///
/// kube joins repeated events by everything but their note, and each repetition keeps the first note alive: a changing
/// cause would show the first one for ever. So a notice whose note differs from the last one goes through a fresh
/// recorder, which joins it with nothing.
#[derive(Clone)]
pub struct Publisher {
    client: Client,
    reporter: Reporter,
    last: Arc<Mutex<LastNotes>>,
}

impl Publisher {
    /// `instance` names this process.
    pub fn new(client: Client, instance: String) -> Self {
        let reporter = Reporter { controller: GROUP.to_owned(), instance: Some(instance) };
        Self { client, reporter, last: Arc::default() }
    }

    /// Publishes one notice.
    pub async fn publish(&self, notice: &Notice) -> Result<(), kube::Error> {
        let event = Event {
            type_: if notice.warning { EventType::Warning } else { EventType::Normal },
            reason: notice.reason.as_str().to_owned(),
            note: Some(cut(&notice.note).to_owned()),
            action: notice.reason.as_str().to_owned(),
            secondary: None,
        };
        self.recorder(notice).publish(&event, &reference(&notice.regarding)).await
    }

    fn recorder(&self, notice: &Notice) -> Recorder {
        let key = (notice.regarding.clone(), notice.reason.as_str());
        // A poisoned lock only means that another publisher panicked: the map holds nothing half-written.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((note, recorder)) = last.get(&key)
            && *note == notice.note
        {
            return recorder.clone();
        }
        if last.len() >= MAX_REMEMBERED {
            last.clear();
        }
        let recorder = Recorder::new(self.client.clone(), self.reporter.clone());
        last.insert(key, (notice.note.clone(), recorder.clone()));
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

/// At most [`MAX_NOTE`] bytes, never through a character.
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
