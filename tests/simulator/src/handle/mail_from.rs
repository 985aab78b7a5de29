//! The DNS records of MAIL FROM domains.

use super::Handle;
use crate::core::dns::RecordError;

impl Handle {
    /// `(name, type, value)` of the records of a MAIL FROM domain: the MX record SES looks for, and the SPF record that
    /// receivers look for.
    pub fn mail_from_records(&self, domain: &str) -> Vec<(String, &'static str, String)> {
        self.backend.state().ses.mail_from_records(domain)
    }

    /// Publishes them. Works before the MAIL FROM domain is set too.
    pub fn publish_mail_from(&self, domain: &str) -> Result<(), RecordError> {
        let records = self.mail_from_records(domain);
        let mut zone = self.backend.zone();
        for (name, rtype, value) in records {
            zone.set(&name, rtype, &[&value], None)?;
        }
        Ok(())
    }

    /// Removes what [`Self::publish_mail_from`] publishes.
    pub fn unpublish_mail_from(&self, domain: &str) -> Result<(), RecordError> {
        let mut zone = self.backend.zone();
        zone.remove(domain, "MX")?;
        zone.remove(domain, "TXT")?;
        Ok(())
    }
}
