//! The DNS records of MAIL FROM domains.

use super::Handle;
use crate::dns::RecordError;

impl Handle {
    /// `(name, type, value)` of the records of a MAIL FROM domain: the MX record SES looks for, and the SPF record that
    /// receivers look for.
    pub fn mail_from_records(&self, domain: &str) -> Vec<(String, &'static str, String)> {
        let host = self.world.state().account.feedback_host();
        vec![
            (domain.to_owned(), "MX", format!("10 {host}")),
            (domain.to_owned(), "TXT", "v=spf1 include:amazonses.com ~all".to_owned()),
        ]
    }

    /// Publishes them. Works before the MAIL FROM domain is set too.
    ///
    /// # Errors
    /// The domain is not a DNS name.
    pub fn publish_mail_from(&self, domain: &str) -> Result<(), RecordError> {
        let records = self.mail_from_records(domain);
        let mut zone = self.world.zone();
        for (name, rtype, value) in records {
            zone.set(&name, rtype, &[&value], None)?;
        }
        Ok(())
    }

    /// Removes what [`Self::publish_mail_from`] publishes.
    ///
    /// # Errors
    /// The domain is not a DNS name.
    pub fn unpublish_mail_from(&self, domain: &str) -> Result<(), RecordError> {
        let mut zone = self.world.zone();
        zone.remove(domain, "MX")?;
        zone.remove(domain, "TXT")?;
        Ok(())
    }
}
