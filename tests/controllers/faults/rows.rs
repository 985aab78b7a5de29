//! What makes the operator use each operation of SES, and where that ends once the operation works again.

use anyhow::ensure;
use sender_operator::api::SenderDomain;
use sender_operator_harness::{Tenant, World, eventually};
use serde_json::json;
use ses_simulator::{Call, IdentityPatch};

use super::failures::Failure;
use crate::{history::History, support::*};

/// An operation, and why it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A new domain gets its identity.
    Create,
    /// A new domain is looked at for the first time.
    LookNew,
    /// A domain that is Ready is looked at again.
    LookReady,
    /// A domain was deleted.
    Delete,
    /// Somebody brought keys along.
    EasyDkim,
    /// Somebody turned signing off.
    Signing,
    /// A domain whose identity is to be retained was deleted.
    Retain,
    /// A retained identity has an owner again.
    Unretain,
}

impl Row {
    pub const ALL: [Self; 8] = [
        Self::Create,
        Self::LookNew,
        Self::LookReady,
        Self::Delete,
        Self::EasyDkim,
        Self::Signing,
        Self::Retain,
        Self::Unretain,
    ];

    /// The operation that fails.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Create => "CreateEmailIdentity",
            Self::LookNew | Self::LookReady => "GetEmailIdentity",
            Self::Delete => "DeleteEmailIdentity",
            Self::EasyDkim => "PutEmailIdentityDkimSigningAttributes",
            Self::Signing => "PutEmailIdentityDkimAttributes",
            Self::Retain => "TagResource",
            Self::Unretain => "UntagResource",
        }
    }

    /// Name of the object and first label of its domain.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::LookNew => "look-new",
            Self::LookReady => "look-ready",
            Self::Delete => "delete",
            Self::EasyDkim => "easy-dkim",
            Self::Signing => "signing",
            Self::Retain => "retain",
            Self::Unretain => "unretain",
        }
    }

    /// Whether the operation changes nothing at SES.
    pub fn reads(self) -> bool {
        matches!(self, Self::LookNew | Self::LookReady)
    }

    /// Whether the object was never Ready before.
    pub fn is_new(self) -> bool {
        matches!(self, Self::Create | Self::LookNew | Self::Unretain)
    }

    /// Whether no object is left that could tell anything.
    pub fn is_objectless(self) -> bool {
        matches!(self, Self::Delete | Self::Retain)
    }

    /// Whether something was wrong at SES, so that Ready may go and come back.
    pub fn is_drift(self) -> bool {
        matches!(self, Self::EasyDkim | Self::Signing)
    }

    fn spec(self) -> serde_json::Value {
        if matches!(self, Self::Retain | Self::Unretain) { json!({ "deletionPolicy": "Retain" }) } else { json!({}) }
    }
}

/// One cell of the table: an operation that fails in one way, for one domain.
pub struct Cell<'w> {
    pub world: &'w World<'static>,
    pub tenant: &'w Tenant<'static>,
    pub history: &'w History<SenderDomain>,
    pub row: Row,
    pub failure: &'static Failure,
}

impl Cell<'_> {
    /// The domain that the cell is about.
    pub fn domain(&self) -> String {
        format!("{}.example.com", self.row.name())
    }

    /// Brings the domain to where the operation is needed next.
    pub async fn prepare(&self) -> anyhow::Result<()> {
        if matches!(self.row, Row::Create | Row::LookNew) {
            return Ok(());
        }
        apply(self.tenant, self.row.name(), &self.domain(), self.row.spec()).await?;
        self.becomes_ready().await?;
        if self.row == Row::Unretain {
            delete(self.tenant, self.row.name()).await?;
            claim_becomes(self.world, &self.domain(), "Released").await?;
        }
        Ok(())
    }

    /// From now on the operation fails, a number of times; and it is needed.
    pub async fn provoke(&self) -> anyhow::Result<()> {
        let (simulator, domain) = (&self.world.simulator, self.domain());
        let fault = (self.failure.fault)().on(self.row.operation()).identity(&domain);
        simulator.fault(fault.times(self.failure.times()));
        match self.row {
            Row::Create | Row::LookNew | Row::Unretain => {
                apply(self.tenant, self.row.name(), &domain, self.row.spec()).await?;
            }
            Row::LookReady => {}
            Row::Delete | Row::Retain => delete(self.tenant, self.row.name()).await?,
            Row::EasyDkim => ensure!(simulator.change_identity(&domain, IdentityPatch::default().origin("EXTERNAL"))),
            Row::Signing => {
                ensure!(simulator.change_identity(&domain, IdentityPatch::default().signing_enabled(false)));
            }
        }
        Ok(())
    }

    /// Waits until everything is as if nothing had failed.
    pub async fn recover(&self) -> anyhow::Result<()> {
        let domain = self.domain();
        match self.row {
            Row::Create | Row::LookNew => return self.becomes_ready().await,
            Row::LookReady => {
                self.fault_is_over().await?;
                self.is_looked_at().await?;
            }
            Row::Delete => identity_gone(self.world, &domain).await?,
            Row::EasyDkim => {
                self.identity_is("of Easy DKIM", |identity| identity.origin == "AWS_SES").await?;
                self.is_looked_at().await?;
            }
            Row::Signing => {
                self.identity_is("signing", |identity| identity.signing_enabled).await?;
                self.is_looked_at().await?;
            }
            Row::Retain => self.identity_is("marked as retained", is_retained).await?,
            Row::Unretain => self.identity_is("no longer marked", |identity| !is_retained(identity)).await?,
        }
        if self.row.is_objectless() {
            claim_becomes(self.world, &domain, "Released").await?;
            return Ok(());
        }
        self.is_ready().await
    }

    async fn becomes_ready(&self) -> anyhow::Result<()> {
        self.history.until(self.row.name(), &[("DkimReady", "False/RecordsMissing")]).await?;
        self.world.simulator.publish_dkim(&self.domain())?;
        self.is_ready().await
    }

    async fn is_ready(&self) -> anyhow::Result<()> {
        let all = [("IdentityVerified", "True/Verified"), ("DkimReady", "True/Signing"), ("Ready", "True/Ready")];
        self.history.until(self.row.name(), &all).await
    }

    async fn fault_is_over(&self) -> anyhow::Result<()> {
        let domain = self.domain();
        eventually("the fault has struck as often as it should", async || {
            let active = self.world.simulator.faults();
            let active = active.iter().find(|active| active.fault.identity.as_ref() == Some(&domain));
            active.map_or(Ok(()), |active| Err(format!("{active:?}")))
        })
        .await
    }

    /// The operator has asked SES, and was answered: what is said after that is not what was said before.
    async fn is_looked_at(&self) -> anyhow::Result<()> {
        let (simulator, domain) = (&self.world.simulator, self.domain());
        let before = simulator.call_count();
        eventually("a look is answered", async || {
            let calls = simulator.newest_calls(100);
            let answered = |call: &Call| call.seq > before && call.status == 200 && call.fault.is_none();
            let about = calls.iter().any(|call| answered(call) && call.identity.as_ref() == Some(&domain));
            if about { Ok(()) } else { Err("none".to_owned()) }
        })
        .await
    }

    async fn identity_is(&self, what: &str, holds: fn(&ses_simulator::IdentityView) -> bool) -> anyhow::Result<()> {
        let domain = self.domain();
        eventually(&format!("the identity {domain} is {what}"), async || match self.world.simulator.identity(&domain) {
            Some(identity) if holds(&identity) => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await
    }
}

fn is_retained(identity: &ses_simulator::IdentityView) -> bool {
    identity.tags.contains_key("sender-operator.io/retained")
}
