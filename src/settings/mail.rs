//! Settings of mails to the owners of mailboxes, and of the pages behind their links.

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
    /// Sender of the mails to owners of mailboxes: an address at a domain that SES sends for. Use it for nothing else.
    /// Without it, no mail is sent, and SenderAddresses show MailNotConfigured.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_SENDER", value_parser = address)]
    pub confirmation_sender: Option<Address>,

    /// Display name of the sender.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_SENDER_NAME", value_parser = line)]
    pub confirmation_sender_name: Option<String>,

    /// SES configuration set of these mails. Use one of its own, so that bounces of these mails count against nobody
    /// else. Do not turn on open or click tracking in it.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_CONFIGURATION_SET", value_parser = configuration_set)]
    pub confirmation_configuration_set: Option<String>,

    /// Public URL of the pages for owners of mailboxes (see --web-listen), such as https://mail.example.com.
    #[arg(long, env = "SENDER_OPERATOR_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,

    /// Listen address of the pages for owners of mailboxes.
    #[arg(long, env = "SENDER_OPERATOR_WEB_LISTEN", default_value = "0.0.0.0:8081")]
    pub web_listen: SocketAddr,

    /// Number of proxies in front of the pages that add to X-Forwarded-For. 0: the visitor's address is that of the
    /// connection.
    #[arg(long, env = "SENDER_OPERATOR_TRUSTED_PROXIES", default_value = "0", value_parser = clap::value_parser!(u8).range(0..=16))]
    pub trusted_proxies: u8,

    /// Company name, shown in mails and on pages.
    #[arg(long, env = "SENDER_OPERATOR_COMPANY", value_parser = line)]
    pub company: Option<String>,

    /// Logo on the pages: a PNG, JPEG or SVG file of at most 100 KiB.
    #[arg(long, env = "SENDER_OPERATOR_LOGO")]
    pub logo: Option<PathBuf>,

    /// Default language of mails and pages: en or de.
    #[arg(long, env = "SENDER_OPERATOR_LANGUAGE", default_value = "en", value_parser = language)]
    pub language: Language,

    /// Folder with mail templates that replace the built-in ones of the same name, such as a mounted ConfigMap. They
    /// are checked at the start.
    #[arg(long, env = "SENDER_OPERATOR_MAIL_TEMPLATES")]
    pub mail_templates: Option<PathBuf>,

    /// Whether the page requires the code from the mail. If false, a mail scanner that submits forms can confirm or
    /// decline in place of a person.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_CODE", default_value = "true", action = clap::ArgAction::Set)]
    pub confirmation_code: bool,

    /// Time after a decline or a withdrawal in which the tenant cannot ask the owner again.
    #[arg(long, env = "SENDER_OPERATOR_DECLINE_TIME", default_value = "720h", value_parser = interval)]
    pub decline_time: Duration,

    /// Allows administrators to approve senders without a mailbox, by the annotation sender-operator.io/approve-address
    /// on a claim.
    #[arg(long, env = "SENDER_OPERATOR_ALLOW_APPROVAL")]
    pub allow_approval: bool,

    /// Maximum number of mails per second. SES limits mails separately: 1 per second in the sandbox, usually 14 or more
    /// outside.
    #[arg(long, env = "SENDER_OPERATOR_MAIL_RATE", default_value = "1", value_parser = rate)]
    pub mail_rate: f64,

    /// Maximum number of mails to one address in 24 hours, over all tenants.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_PER_ADDRESS", default_value = "3", value_parser = clap::value_parser!(u8).range(1..=30))]
    pub mails_per_address: u8,

    /// Maximum number of mails of one tenant in one hour.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_PER_TENANT", default_value = "50", value_parser = clap::value_parser!(u32).range(1..))]
    pub mails_per_tenant: u32,

    /// Maximum number of mails to the addresses of one domain in one hour.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_PER_DOMAIN", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    pub mails_per_domain: u32,

    /// Maximum number of mails in total in one hour.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_IN_ALL", default_value = "500", value_parser = clap::value_parser!(u32).range(1..))]
    pub mails_in_all: u32,
}

impl MailSettings {
    /// How owners are asked; `None` where the sender or the public address is missing.
    pub fn config(&self, keys: LinkKeys) -> Result<Option<Arc<MailConfig>>, Inconsistent> {
        // Read also where nothing can be sent yet: a mistake is told at the start.
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

    /// The mails' words.
    pub fn templates(&self) -> Result<Templates, Inconsistent> {
        let templates = match &self.mail_templates {
            Some(folder) => Templates::load(folder, self.confirmation_code),
            None => Templates::builtin(),
        };
        templates.map_err(|error| Inconsistent::Templates(error.to_string()))
    }

    /// What the pages are made with; `None` where they have no public address.
    pub fn web(&self, environment: &str) -> Result<Option<WebSettings>, Inconsistent> {
        // Read also where there are no pages yet: a mistake is told at the start.
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

    /// How long a refusal holds.
    fn decline_time(&self) -> SignedDuration {
        SignedDuration::try_from(self.decline_time).unwrap_or(SignedDuration::MAX)
    }
}
