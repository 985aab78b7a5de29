//! What must hold after a failure, and what people were told of it.

use anyhow::{Context, ensure};
use k8s_openapi::api::events::v1::Event;
use kube::{Api, api::ListParams};
use sender_operator::api::SenderDomain;

use super::rows::{Cell, Row};
use crate::support::condition;

/// Reasons that blame AWS.
const BLAME: [&str; 3] = ["SesUnavailable", "AccessDenied", "LimitExceeded"];

/// Fails if anything was destroyed, revoked or made twice, or if what has to be told was not. Gives what was told.
pub async fn told(cell: &Cell<'_>) -> anyhow::Result<String> {
    let (row, name) = (cell.row, cell.row.name());
    cell.history.lint(name)?;
    nothing_is_lost_or_repeated(cell)?;
    nothing_flaps(cell)?;
    let versions = cell.history.versions(name);
    let Some((reason, words)) = cell.failure.told else {
        let blamed = versions.iter().find_map(|object| sentence(object, |reason, _| BLAME.contains(&reason)));
        ensure!(blamed.is_none(), "throttling is told: {blamed:?}");
        let first = versions.iter().position(|object| condition(object, "Ready") == "True/Ready");
        let last = versions.len().checked_sub(1);
        ensure!(row != Row::LookReady || first == last, "a status was written for nothing");
        return Ok("-".to_owned());
    };
    if row.is_objectless() {
        let event = release_event(cell, words).await?;
        let needed = !cell.failure.takes_effect;
        return event.or((!needed).then(|| "-".to_owned())).context("no event tells why the release does not go on");
    }
    let said = versions.iter().find_map(|object| sentence(object, |r, message| r == reason && message.contains(words)));
    // A write that had its effect is found done by the next look; a single failure of a domain that is Ready is no news.
    let needed = row.reads() || row == Row::Create || !cell.failure.takes_effect;
    if needed && row.is_new() {
        ensure!(said.as_ref().is_none_or(|said| said.starts_with("Ready ")), "Ready says something else: {said:?}");
    }
    said.or((!needed).then(|| "-".to_owned())).with_context(|| {
        let all = versions.iter().filter_map(|object| sentence(object, |_, _| true)).collect::<Vec<_>>().join("\n  ");
        format!("no condition says {reason}: {words:?}; there were\n  {all}")
    })
}

/// The conditions that fit, as `type status/reason: message`; Ready alone where it is among them.
fn sentence(object: &SenderDomain, fits: impl Fn(&str, &str) -> bool) -> Option<String> {
    let conditions = object.status.iter().flat_map(|status| &status.conditions);
    let fitting: Vec<_> = conditions.filter(|condition| fits(&condition.reason, &condition.message)).collect();
    let chosen = fitting.iter().find(|condition| condition.type_ == "Ready").or(fitting.first())?;
    Some(format!("{} {}/{}: {}", chosen.type_, chosen.status, chosen.reason, chosen.message))
}

/// Every identity was created once, and only what was to be deleted was.
fn nothing_is_lost_or_repeated(cell: &Cell<'_>) -> anyhow::Result<()> {
    let domain = cell.domain();
    let journal = cell.world.simulator.journal();
    let done = |operation: &str| {
        let about = journal.iter().filter(|call| call.identity.as_ref() == Some(&domain));
        about.filter(|call| call.operation == operation && call.status == 200).count()
    };
    let (created, deleted) = (done("CreateEmailIdentity"), done("DeleteEmailIdentity"));
    let wanted = usize::from(cell.row == Row::Delete);
    ensure!(created == 1 && deleted == wanted, "created {created} times, deleted {deleted} times");
    ensure!((cell.world.simulator.identity(&domain).is_none()) == (cell.row == Row::Delete));
    Ok(())
}

/// Ready comes once and stays, except where something really was wrong; a domain that is owned stays owned.
fn nothing_flaps(cell: &Cell<'_>) -> anyhow::Result<()> {
    let course = |type_: &str| {
        let said = cell.history.of_condition(cell.row.name(), type_);
        let mut truths: Vec<String> =
            said.iter().map(|said| said.split('/').next().unwrap_or_default().to_owned()).collect();
        truths.dedup();
        truths
    };
    let (ready, owned) = (course("Ready"), course("Owned"));
    let repaired = cell.row.is_drift() && ready == ["False", "True", "False", "True"];
    // Nobody reads the answer of an operation that answers nothing: it may be malformed, and all is done in one pass.
    let unnoticed = cell.failure.takes_effect && ready == ["True"];
    ensure!(repaired || unnoticed || ready == ["False", "True"], "Ready was {ready:?}");
    ensure!(owned.last().is_some_and(|last| last == "True") && owned.len() <= 2, "Owned was {owned:?}");
    Ok(())
}

/// The event on the claim that says why a release does not go on.
async fn release_event(cell: &Cell<'_>, words: &str) -> anyhow::Result<Option<String>> {
    let api = Api::<Event>::namespaced(cell.world.cluster.admin().await?, "default");
    let claim = format!("{}.{}", cell.world.environment(), cell.domain());
    let about = |event: &Event| event.regarding.as_ref().is_some_and(|about| about.name.as_ref() == Some(&claim));
    let list = api.list(&ListParams::default()).await?;
    let mut notes = list.items.into_iter().filter(about).map(|event| (event.reason, event.note.unwrap_or_default()));
    let found = notes.find(|(_, note)| note.contains(words));
    Ok(found.map(|(reason, note)| format!("event {}: {note}", reason.unwrap_or_default())))
}
