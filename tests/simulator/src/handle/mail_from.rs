//! The DNS records of MAIL FROM domains.

use super::Handle;
use crate::core::dns::RecordError;

impl Handle {
    /// `(name, type, value)` of a MAIL FROM domain's records: the MX record for SES, and the SPF record for receivers.
    pub fn mail_from_records(&self, domain: &str) -> Vec<(String, &'static str, String)> {
        self.backend.state().ses.mail_from_records(domain)
    }

    /// Publishes them, even before the MAIL FROM domain is set.
    pub fn publish_mail_from(&self, domain: &str) -> Result<(), RecordError> {
        let records = self.mail_from_records(domain);
        let mut zone = self.backend.zone();
        for (name, rtype, value) in records {
            zone.set(&name, rtype, &[&value], None)?;
        }
        Ok(())
    }

    /// Removes the records of [`Self::publish_mail_from`].
    pub fn unpublish_mail_from(&self, domain: &str) -> Result<(), RecordError> {
        let mut zone = self.backend.zone();
        zone.remove(domain, "MX")?;
        zone.remove(domain, "TXT")?;
        Ok(())
    }
}
