//! The texts that every language has.

/// Every text of the pages. A new text is a field here, so no language can lack it.
#[derive(Debug, serde::Serialize)]
pub struct Words {
    /// Name of the site where no company is set.
    pub site: &'static str,
    /// Label of the choice of languages.
    pub languages: &'static str,
    /// Begins the title of a page that shows an error.
    pub error: &'static str,
    /// Below every page.
    pub footer: &'static str,

    /// Heading of the request.
    pub asked: &'static str,
    /// What it is about.
    pub asked_lead: &'static str,
    /// The same where a company is set.
    pub asked_lead_company: &'static str,
    /// Label.
    pub who: &'static str,
    /// Label, once the address is confirmed.
    pub who_may: &'static str,
    /// Who asks, with a tenant.
    pub who_tenant: &'static str,
    /// Who asks, without one.
    pub who_namespace: &'static str,
    /// Label.
    pub environment: &'static str,
    /// Label.
    pub until: &'static str,
    /// Above what the claimant wrote.
    pub note: &'static str,
    /// Below what the claimant wrote.
    pub note_by: &'static str,
    /// Heading of what a yes allows.
    pub allows: &'static str,
    /// What a yes allows: to send.
    pub allows_sending: &'static str,
    /// The same where a company is set.
    pub allows_sending_company: &'static str,
    /// What a yes does not allow.
    pub allows_no_reading: &'static str,
    /// That it can be withdrawn.
    pub allows_withdrawal: &'static str,
    /// What happens if one does nothing.
    pub nothing: &'static str,

    /// Label of the field.
    pub code: &'static str,
    /// How to type.
    pub code_hint: &'static str,
    /// Opens the help.
    pub code_where: &'static str,
    /// The help.
    pub code_where_answer: &'static str,
    /// The field was empty.
    pub code_missing: &'static str,
    /// The code was wrong.
    pub code_wrong: &'static str,
    /// Heading of the error summary.
    pub summary: &'static str,
    /// Button.
    pub confirm: &'static str,
    /// Button.
    pub decline: &'static str,

    /// Heading.
    pub confirmed: &'static str,
    /// What holds now.
    pub confirmed_lead: &'static str,
    /// Nothing more to do.
    pub confirmed_close: &'static str,
    /// Before the way to withdraw.
    pub changed_mind: &'static str,
    /// Leads to the second step.
    pub withdraw_link: &'static str,
    /// Heading of the second step.
    pub withdraw: &'static str,
    /// What it means.
    pub withdraw_lead: &'static str,
    /// Button.
    pub withdraw_yes: &'static str,
    /// Leads back.
    pub withdraw_no: &'static str,
    /// Heading.
    pub withdrawn: &'static str,
    /// What holds now.
    pub withdrawn_lead: &'static str,
    /// What follows.
    pub withdrawn_next: &'static str,

    /// Heading.
    pub declined: &'static str,
    /// What holds now.
    pub declined_lead: &'static str,
    /// Until when it can be taken back.
    pub declined_undo: &'static str,
    /// Button.
    pub undo: &'static str,
    /// Said where a refusal was just taken back.
    pub undone: &'static str,
    /// Said where a click came too late.
    pub meanwhile: &'static str,

    /// Heading.
    pub expired: &'static str,
    /// What holds.
    pub expired_lead: &'static str,
    /// The same for a link that was cut off before its time.
    pub expired_early: &'static str,
    /// What to do.
    pub expired_next: &'static str,
    /// Heading.
    pub superseded: &'static str,
    /// What to do.
    pub superseded_lead: &'static str,
    /// Heading.
    pub locked: &'static str,
    /// What holds.
    pub locked_lead: &'static str,
    /// What to do.
    pub locked_next: &'static str,

    /// Heading.
    pub not_found: &'static str,
    /// Why.
    pub not_found_lead: &'static str,
    /// What to do.
    pub not_found_next: &'static str,
    /// Heading.
    pub unavailable: &'static str,
    /// What happened.
    pub unavailable_lead: &'static str,
    /// Nothing was changed.
    pub unavailable_unchanged: &'static str,
    /// It is not known whether something was changed.
    pub unavailable_unknown: &'static str,
    /// Heading.
    pub too_many: &'static str,
    /// What to do.
    pub too_many_lead: &'static str,
    /// Heading.
    pub misunderstood: &'static str,
    /// What to do.
    pub misunderstood_lead: &'static str,
}
