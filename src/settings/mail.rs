//! Settings of mails to the owners of mailboxes, and of the pages that their links lead to.

#![allow(
    clippy::doc_markdown,
    reason = "the comments are the help of the command line, where backticks and brackets only disturb"
)]

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
    model::{address::Address, confirmation::limits::Limits, link::LinkKeys},
    web::{Logo, WebSettings, rate::Rate},
};

/// How the owners of mailboxes are asked.
#[derive(Clone, Debug, Args)]
pub struct Mail {
    /// Sender of the mails that ask the owners of mailboxes: an address at a domain that SES sends for, better one that is used
    /// for nothing else. Without it nobody is asked, and SenderAddresses say so.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_SENDER", value_parser = address)]
    pub confirmation_sender: Option<Address>,

    /// Name that stands beside the sender's address.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_SENDER_NAME", value_parser = line)]
    pub confirmation_sender_name: Option<String>,

    /// SES configuration set of these mails. One of their own keeps their bounces from counting against anybody else's; do not
    /// turn open or click tracking on in it.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_CONFIGURATION_SET", value_parser = configuration_set)]
    pub confirmation_configuration_set: Option<String>,

    /// Address under which the owners of mailboxes reach the pages of --web-listen, such as https://mail.example.com.
    #[arg(long, env = "SENDER_OPERATOR_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,

    /// Address of the pages for owners of mailboxes.
    #[arg(long, env = "SENDER_OPERATOR_WEB_LISTEN", default_value = "0.0.0.0:8081")]
    pub web_listen: SocketAddr,

    /// How many proxies stand in front of the pages and add to X-Forwarded-For. 0: the address of the connection is the
    /// visitor's.
    #[arg(long, env = "SENDER_OPERATOR_TRUSTED_PROXIES", default_value = "0", value_parser = clap::value_parser!(u8).range(0..=16))]
    pub trusted_proxies: u8,

    /// Name of whoever runs this installation, shown in mails and on pages.
    #[arg(long, env = "SENDER_OPERATOR_COMPANY", value_parser = line)]
    pub company: Option<String>,

    /// Logo shown on the pages: a PNG, JPEG or SVG file of at most 100 KiB.
    #[arg(long, env = "SENDER_OPERATOR_LOGO")]
    pub logo: Option<PathBuf>,

    /// Language of mails and pages where nobody chose one: `en` or `de`.
    #[arg(long, env = "SENDER_OPERATOR_LANGUAGE", default_value = "en", value_parser = language)]
    pub language: Language,

    /// Folder with templates that take the place of the built-in ones of the same name, such as a mounted ConfigMap. They are
    /// checked at the start.
    #[arg(long, env = "SENDER_OPERATOR_MAIL_TEMPLATES")]
    pub mail_templates: Option<PathBuf>,

    /// Whether the code that a mail shows has to be typed on its page. `false`: a mail scanner that presses buttons can
    /// confirm or decline in place of a person.
    #[arg(long, env = "SENDER_OPERATOR_CONFIRMATION_CODE", default_value = "true", action = clap::ArgAction::Set)]
    pub confirmation_code: bool,

    /// How long a tenant may not ask again after the owner has declined or withdrawn.
    #[arg(long, env = "SENDER_OPERATOR_DECLINE_TIME", default_value = "720h", value_parser = interval)]
    pub decline_time: Duration,

    /// Lets administrators approve senders without a mailbox, by the annotation sender-operator.io/approve-address on a claim.
    #[arg(long, env = "SENDER_OPERATOR_ALLOW_APPROVAL")]
    pub allow_approval: bool,

    /// Mails a second, at most. SES has a rate of its own for mails: 1 in the sandbox, mostly 14 or more outside.
    #[arg(long, env = "SENDER_OPERATOR_MAIL_RATE", default_value = "1", value_parser = rate)]
    pub mail_rate: f64,

    /// Mails to one address within 24 hours, whoever asks.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_PER_ADDRESS", default_value = "3", value_parser = clap::value_parser!(u8).range(1..=30))]
    pub mails_per_address: u8,

    /// Mails on behalf of one tenant within an hour.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_PER_TENANT", default_value = "50", value_parser = clap::value_parser!(u32).range(1..))]
    pub mails_per_tenant: u32,

    /// Mails to the addresses of one domain within an hour.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_PER_DOMAIN", default_value = "100", value_parser = clap::value_parser!(u32).range(1..))]
    pub mails_per_domain: u32,

    /// Mails in all within an hour.
    #[arg(long, env = "SENDER_OPERATOR_MAILS_IN_ALL", default_value = "500", value_parser = clap::value_parser!(u32).range(1..))]
    pub mails_in_all: u32,
}

impl Mail {
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
            limits: Limits {
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
