//! The permitted calls to SES about one domain during its life.

use anyhow::{Context, ensure};
use ses_simulator::Call;

/// Fails if a call breaks the rules. Returns the number of repeated creations.
pub fn check(journal: &[Call], domain: &str) -> anyhow::Result<usize> {
    let about = calls_about(journal, domain);
    let done =
        |operation: &str| about.iter().filter(|(_, call)| call.operation == operation && call.status == 200).count();
    ensure!(done("CreateEmailIdentity") == 1, "not created exactly once: {about:#?}");
    ensure!(done("PutEmailIdentityDkimAttributes") >= 1 && done("DeleteEmailIdentity") >= 1, "{about:#?}");
    let mut repeated = 0;
    for (n, (process, call)) in about.iter().enumerate() {
        let rule = match call.operation.as_str() {
            "CreateEmailIdentity" if call.status != 200 => {
                repeated += 1;
                is_sound_repetition(&about, n)
            }
            "DeleteEmailIdentity" => is_deleted_on_sight(*process, n.checked_sub(1).map(|before| about[before])),
            _ => Ok(()),
        };
        rule.with_context(|| format!("call {} of {about:#?}", call.seq))?;
    }
    Ok(repeated)
}

/// The calls about a domain, each with the number of its process: a process starts with a call for its caller identity.
fn calls_about<'j>(journal: &'j [Call], domain: &str) -> Vec<(usize, &'j Call)> {
    let mut process = 0;
    let mut about = Vec::new();
    for call in journal {
        process += usize::from(call.operation == "GetCallerIdentity");
        if call.identity.as_deref() == Some(domain) {
            about.push((process, call));
        }
    }
    about
}

/// Only a process whose predecessor was killed before it recorded its creation repeats it. It verifies the tags before
/// anything else.
fn is_sound_repetition(about: &[(usize, &Call)], n: usize) -> anyhow::Result<()> {
    let (process, call) = about[n];
    ensure!(call.error.as_deref() == Some("AlreadyExistsException"), "the answer was another");
    let (forerunner, _) =
        *n.checked_sub(1).and_then(|before| about.get(before)).context("it did not repeat the creation")?;
    ensure!(forerunner < process, "no process was killed immediately before");
    let of_forerunner = about[..n].iter().filter(|(other, _)| *other == forerunner);
    let made: Vec<&str> = of_forerunner.map(|(_, call)| call.operation.as_str()).collect();
    let interrupted = [&["CreateEmailIdentity"][..], &["CreateEmailIdentity", "GetEmailIdentity"]];
    ensure!(interrupted.contains(&&made[..]), "the previous process had made later calls: {made:?}");
    let (next, after) = *about.get(n + 1).context("no call read the tags")?;
    let killed_again = after.operation == call.operation && next > process;
    ensure!(after.operation == "GetEmailIdentity" || killed_again, "the tags were not read");
    Ok(())
}

/// The same process has just read the identity that it deletes.
fn is_deleted_on_sight(process: usize, before: Option<(usize, &Call)>) -> anyhow::Result<()> {
    let (looker, look) = before.context("it was never read")?;
    ensure!(look.operation == "GetEmailIdentity" && looker == process && look.status == 200, "deleted unseen");
    Ok(())
}
