//! The confirmation mail of one request, with its link. Pure.

use data_encoding::HEXLOWER;
use jiff::Timestamp;

use crate::{
    controller::{
        address::observe::observation::Observation,
        config::{Config, MailConfig},
        context::ReconcileError,
    },
    mail::{ClaimantName, ConfirmationMail, Language},
    model::{
        link::{LIFE, Link},
        tenant::Tenant,
    },
    ses::{Outgoing, SesError},
};

/// The mail to the owner and its link, which is valid from now on. `None`: there is no holder to name in it.
pub fn confirmation_mail(
    config: &Config,
    mail: &MailConfig,
    observation: &Observation,
    now: Timestamp,
) -> Result<Option<(Outgoing, Link)>, ReconcileError> {
    let (Some(request), Some(holder)) = (observation.request(), observation.holder()) else { return Ok(None) };
    let Some(id) = request.link_id() else { return Ok(None) };
    let expiry = now.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
    let link = Link { hash: observation.address.hash(), id, attempt: request.attempt.number, expiry };
    let signed = mail.keys.sign(&config.environment, &link);
    let spec = &holder.object.spec;
    let tenant = match &holder.claimant.tenant {
        Tenant::Label(label) => Some(label.clone()),
        Tenant::Namespace { .. } => None,
    };
    let message = ConfirmationMail {
        language: spec.locale.and_then(|locale| Language::of_tag(locale.tag())).unwrap_or(mail.language),
        address: observation.address.to_string(),
        domain: observation.address.domain().to_string(),
        claimant: ClaimantName {
            namespace: holder.claimant.object.namespace.clone(),
            name: holder.claimant.object.name.clone(),
            tenant,
        },
        environment: config.environment.clone(),
        company: mail.company.clone(),
        note: spec.note.clone(),
        link: format!("{}/confirm/{signed}", mail.public_url),
        code: mail.codes.then(|| mail.keys.code(&config.environment, &link)),
        expiry,
    };
    let rendered = match mail.templates.render(&message) {
        Ok(rendered) => rendered,
        Err(error) => {
            // Templates are tested at startup, so this is a defect. The reconcile fails and is retried with backoff.
            tracing::error!(%error, "an email could not be rendered from its template");
            return Err(ReconcileError::Ses(SesError::Rejected { code: "template".to_owned() }));
        }
    };
    let outgoing = Outgoing {
        from: mail.sender.clone(),
        from_name: mail.sender_name.clone(),
        to: observation.address.clone(),
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        // No machine should answer (RFC 3834 §5), and repeated mails of a request belong to one thread.
        headers: vec![
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("X-Auto-Response-Suppress", "All".to_owned()),
            ("X-Entity-Ref-ID", HEXLOWER.encode(&link.id)),
        ],
        configuration_set: mail.configuration_set.clone(),
    };
    Ok(Some((outgoing, link)))
}
