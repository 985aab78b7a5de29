//! Settings of emails to mailbox owners, and of the pages that their links open.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use jiff::SignedDuration;

use super::{
    error::Inconsistent,
    values::{address, configuration_set, interval, language, line, public_url, rate},
};
use crate::{
    controller::config::MailConfig,
    mail::{Language, Templates},
    model::{address::Address, confirmation::limits::MailLimits, link::LinkKeys},
    web::{Logo, WebSettings, rate_limit::Rate},
};

/// Settings of confirmations.
#[derive(Clone, Debug, Args)]
pub struct MailSettings {
    /// Sender of the emails to mailbox owners: an address at a domain that is verified in SES. Do not use it for
    /// anything else. If unset, no email is sent, and SenderAddresses show MailNotConfigured.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_SENDER", value_parser = address)]
    pub confirmation_sender: Option<Address>,

    /// Display name of the sender.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_SENDER_NAME", value_parser = line)]
    pub confirmation_sender_name: Option<String>,

    /// SES configuration set for these emails. Use a dedicated one, so that their bounces do not count against other
    /// senders. Do not enable open or click tracking in it.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_CONFIGURATION_SET", value_parser = configuration_set)]
    pub confirmation_configuration_set: Option<String>,

    /// Public URL of the pages for mailbox owners (see --web-listen), such as https://mail.example.com.
    #[arg(long, env = "SENDER_OPERATOR_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,

    /// Listen address of the pages for mailbox owners.
    #[arg(long, env = "SENDER_OPERATOR_WEB_LISTEN", default_value = "0.0.0.0:8081")]
    pub web_listen: SocketAddr,

    /// Number of proxies in front of the pages that append to X-Forwarded-For. With 0, the visitor's address is that of
    /// the connection.
    #[arg(long, env = "SENDER_OPERATOR_TRUSTED_PROXIES", default_value = "0", value_parser = clap::value_parser!(u8).range(0..=16))]
    pub trusted_proxies: u8,

    /// Company name, shown in emails and on pages.
    #[arg(long, env = "SENDER_OPERATOR_COMPANY", value_parser = line)]
    pub company: Option<String>,

    /// Logo on the pages: a PNG, JPEG or SVG file of at most 100 KiB.
    #[arg(long, env = "SENDER_OPERATOR_LOGO")]
    pub logo: Option<PathBuf>,

    /// Default language of emails and pages: en or de.
    #[arg(long, env = "SENDER_OPERATOR_LANGUAGE", default_value = "en", value_parser = language)]
    pub language: Language,

    /// Directory of email templates that replace the built-in ones of the same name, such as a mounted ConfigMap. They
    /// are validated at startup.
    #[arg(long, env = "SENDER_OPERATOR_MAIL_TEMPLATES")]
    pub mail_templates: Option<PathBuf>,

    /// Whether the page requires the code from the email. If false, an email scanner that submits forms can confirm or
    /// decline instead of a person.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_CODE", default_value = "true", action = clap::ArgAction::Set)]
    pub confirmation_code: bool,

    /// Waiting time after a decline or a withdrawal before the tenant can ask the owner again.
    #[arg(long, env = "SENDER_OPERATOR_DECLINE_TIME", default_value = "720h", value_parser = interval)]
    pub decline_time: Duration,

    /// Allow administrators to approve senders without a mailbox, with the annotation
    /// sender-operator.io/approve-address on a claim.
    #[arg(long, env = "SENDER_OPERATOR_ALLOW_APPROVAL")]
    pub allow_approval: bool,

    /// Maximum number of emails per second. SES limits emails separately: 1 per second in the sandbox, usually 14 or
    /// more in production.
    #[arg(long, env = "SENDER_OPERATOR_MAIL_RATE", default_value = "1", value_parser = rate)]
    pub mail_rate: f64,

    /// Maximum number of emails to one address in 24 hours, across all tenants.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_PER_ADDRESS", default_value = "3", value_parser = clap::value_parser!(u8).range(1..=30))]
    pub mails_per_address: u8,

    /// Maximum number of emails per tenant in one hour.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_PER_TENANT", default_value = "50", value_parser = clap::value_parser!(u32).range(1..))]
    pub mails_per_tenant: u32,

    /// Maximum number of emails to the addresses of one domain in one hour.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_PER_DOMAIN", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    pub mails_per_domain: u32,

    /// Maximum number of emails in one hour, in total.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_IN_ALL", default_value = "500", value_parser = clap::value_parser!(u32).range(1..))]
    pub mails_in_all: u32,
}

impl MailSettings {
    /// Configuration of confirmation emails; `None` if the sender or the public URL is missing.
    pub fn config(&self, keys: LinkKeys) -> Result<Option<Arc<MailConfig>>, Inconsistent> {
        // Read even if nothing can be sent yet, so that mistakes are reported at startup.
        let templates = self.templates()?;
        let (Some(sender), Some(public_url)) = (self.confirmation_sender.clone(), self.public_url.clone()) else {
            return Ok(None);
        };
        Ok(Some(Arc::new(MailConfig {
            sender,
            sender_name: self.confirmation_sender_name.clone(),
            configuration_set: self.confirmation_configuration_set.clone(),
            public_url,
            company: self.company.clone(),
            language: self.language,
            templates: Arc::new(templates),
            keys,
            codes: self.confirmation_code,
            limits: MailLimits {
                address: usize::from(self.mails_per_address),
                tenant: self.mails_per_tenant as usize,
                domain: self.mails_per_domain as usize,
                all: self.mails_in_all as usize,
            },
        })))
    }

    /// The email templates.
    pub fn templates(&self) -> Result<Templates, Inconsistent> {
        let templates = match &self.mail_templates {
            Some(folder) => Templates::load(folder, self.confirmation_code),
            None => Templates::builtin(),
        };
        templates.map_err(|error| Inconsistent::Templates(error.to_string()))
    }

    /// Settings of the pages; `None` if they have no public URL.
    pub fn web(&self, environment: &str) -> Result<Option<WebSettings>, Inconsistent> {
        // Read even if there are no pages yet, so that mistakes are reported at startup.
        let logo = self.logo.as_deref().map(Logo::load).transpose();
        let logo = logo.map_err(|error| Inconsistent::Logo(error.to_string()))?;
        let Some(public_url) = self.public_url.clone() else { return Ok(None) };
        Ok(Some(WebSettings {
            public_url,
            environment: environment.to_owned(),
            company: self.company.clone(),
            logo,
            trusted_proxies: usize::from(self.trusted_proxies),
            code_required: self.confirmation_code,
            decline_time: self.decline_time(),
            rate: Rate::default(),
        }))
    }

    /// How long a decline lasts.
    fn decline_time(&self) -> SignedDuration {
        SignedDuration::try_from(self.decline_time).unwrap_or(SignedDuration::MAX)
    }
}
