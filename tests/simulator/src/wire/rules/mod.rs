//! The rules of SES for each call, without a server: answers, refusals and changes.

mod addresses;
mod associations;
mod configuration_sets;
mod dkim;
mod identities;
mod life;
mod listing;
mod mail_from;
mod policies;
mod tags;
mod tenants;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::AwsRequest;
use super::operation::Input;
use super::target::Target;
use crate::core::account::{IdentityPatch, IdentityView, TenantPatch};
use crate::core::api::ApiError;
use crate::core::lifecycle::Status;
use crate::core::{Rules, Ses, Zone};

const ACME: &str = "arn:aws:ses:eu-central-1:123456789012:identity/acme.example";
const TRACKED: &str = "arn:aws:ses:eu-central-1:123456789012:configuration-set/tracked";

/// SES, its DNS, and the time.
struct RuleTest {
    ses: Ses,
    zone: Zone,
    now: Timestamp,
    calls: u64,
}

impl RuleTest {
    fn new() -> Self {
        Self::with(&Rules::default())
    }

    fn with(rules: &Rules) -> Self {
        let now = Timestamp::from_second(1_900_000_000).unwrap();
        Self { ses: Ses::new(rules), zone: Zone::new(1), now, calls: 0 }
    }

    /// A test with the identity `acme.example`, pending.
    fn acme() -> Self {
        let mut test = Self::new();
        test.create("acme.example");
        test
    }

    /// Makes a call, given as method, path below `/v2/email` and query.
    fn call(&mut self, line: &str, body: &Value) -> Result<Value, ApiError> {
        let (method, path) = line.split_once(' ').unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = AwsRequest {
            method: method.to_owned(),
            path: format!("/v2/email/{path}"),
            query: query.to_owned(),
            access_key: None,
            body: body.to_string().into_bytes(),
        };
        let target = Target::of(&request, &self.ses.account);
        self.calls += 1;
        let mut cx = self.ses.context(self.now, self.calls);
        (target.operation.unwrap().run)(&mut cx, &Input { target: &target, request: &request })
    }

    fn get(&mut self, line: &str, body: &Value) -> Value {
        self.call(line, body).unwrap()
    }

    /// `ok`, or the refusal as `400 BadRequestException and why`.
    fn says(&mut self, line: &str, body: &Value) -> String {
        let refused = |error: ApiError| format!("{} {} {}", error.status, error.code, error.message);
        self.call(line, body).map_or_else(refused, |_| "ok".to_owned())
    }

    fn expect(&mut self, line: &str, rows: &[(Value, &str)]) {
        for (body, expected) in rows {
            assert_eq!(self.says(line, body), *expected, "{line} {body}");
        }
    }

    fn create(&mut self, name: &str) {
        self.get("POST identities", &json!({"EmailIdentity": name}));
    }

    fn delete(&mut self, name: &str) -> String {
        self.says(&format!("DELETE identities/{name}"), &Value::Null)
    }

    fn identity(&mut self, name: &str) -> Value {
        self.get(&format!("GET identities/{name}"), &json!({}))
    }

    /// `verification dkim verified-for-sending`, as in Get.
    fn states(&mut self, name: &str) -> String {
        let got = self.identity(name);
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let (verification, dkim) = (word(&got["VerificationStatus"]), word(&got["DkimAttributes"]["Status"]));
        format!("{verification} {dkim} {}", got["VerifiedForSendingStatus"])
    }

    fn view(&self, name: &str) -> IdentityView {
        self.ses.identity(name).unwrap()
    }

    fn put(&mut self, name: &str, patch: IdentityPatch) {
        self.ses.put_identity(name, patch, self.now);
    }

    fn put_verified(&mut self, name: &str) {
        self.put(name, IdentityPatch::status(Status::Success));
    }

    fn put_tenant(&mut self, name: &str) {
        self.ses.put_tenant(name, TenantPatch::default(), self.now);
    }

    fn set(&mut self, name: &str, rtype: &str, values: &[&str]) {
        self.zone.set(name, rtype, values, None).unwrap();
    }

    /// Publishes or removes the records that SES requires.
    fn publish(&mut self, domain: &str, published: bool) {
        for (name, rtype, value) in self.ses.dkim_records(domain) {
            if published {
                self.set(&name, rtype, &[&value]);
            } else {
                self.zone.remove(&name, rtype).unwrap();
            }
        }
    }

    /// Moves the clock; SES checks DNS before and after.
    fn advance(&mut self, hours: i64) {
        let before = self.now;
        self.now += SignedDuration::from_hours(hours);
        self.ses.advance(&self.zone, before, self.now);
    }
}

/// One member of each item of a list.
fn all<'a>(items: &'a Value, member: &str) -> Vec<&'a str> {
    items.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap()).collect()
}
