//! The life of one domain, from apply to released, with a repair in between.

use anyhow::ensure;
use kube::Api;
use sender_operator::api::{SenderClaim, SenderDomain};
use sender_operator_harness::{TenantNamespace, TestEnv, eventually};
use serde_json::json;
use ses_simulator::{Handle, IdentityPatch};

use crate::{history::StatusHistory, support::*};

/// The domain of a life.
pub fn domain_of(name: &str) -> String {
    format!("{name}.example.com")
}

/// The part of the test environment that lives need; the caller owns the operator.
pub struct KillScenario<'w> {
    pub simulator: Handle,
    claims: Api<SenderClaim>,
    environment: String,
    tenant: &'w TenantNamespace<'static>,
    history: &'w StatusHistory<SenderDomain>,
}

impl<'w> KillScenario<'w> {
    pub async fn new(
        env: &TestEnv<'static>,
        tenant: &'w TenantNamespace<'static>,
        history: &'w StatusHistory<SenderDomain>,
    ) -> anyhow::Result<Self> {
        let claims = Api::all(env.cluster.admin().await?);
        let (simulator, environment) = (env.simulator.handle(), env.environment().to_owned());
        Ok(Self { simulator, claims, environment, tenant, history })
    }

    /// One life. It ends the same whatever happens to the operator meanwhile.
    pub async fn live(&self, name: &str) -> anyhow::Result<()> {
        let domain = domain_of(name);
        apply(self.tenant, name, &domain, json!({})).await?;
        self.history.until(name, &[("DkimReady", "False/RecordsMissing")]).await?;
        self.simulator.publish_dkim(&domain)?;
        self.history.until(name, &[("Ready", "True/Ready"), ("DkimReady", "True/Signing")]).await?;
        ensure!(self.simulator.change_identity(&domain, IdentityPatch::default().signing_enabled(false)));
        self.is_repaired(&domain).await?;
        self.history.until(name, &[("Ready", "True/Ready"), ("DkimReady", "True/Signing")]).await?;
        delete(self.tenant, name).await?;
        self.is_released(&domain).await?;
        self.history.lint(name)?;
        let owned = self.history.of_condition(name, "Owned");
        ensure!(owned == ["True/Held"], "Owned was {owned:?}");
        Ok(())
    }

    async fn is_repaired(&self, domain: &str) -> anyhow::Result<()> {
        eventually(&format!("{domain} signs again"), async || match self.simulator.identity(domain) {
            Some(identity) if identity.signing_enabled => Ok(()),
            other => Err(format!("{other:#?}")),
        })
        .await
    }

    /// No identity, no object, and a released claim.
    async fn is_released(&self, domain: &str) -> anyhow::Result<()> {
        let name = format!("{}.{domain}", self.environment);
        let claim =
            eventually(&format!("the claim {name} is Released"), async || match self.claims.get_opt(&name).await {
                Ok(Some(claim)) if claim.spec.claim.state.as_str() == "Released" => Ok(claim.spec.claim),
                Ok(other) => Err(format!("{:#?}", other.map(|claim| claim.spec))),
                Err(error) => Err(error.to_string()),
            })
            .await?;
        ensure!(
            claim.tenant.is_none() && claim.holder.is_none() && claim.identity.created_time.is_none(),
            "{claim:#?}"
        );
        let identity = self.simulator.identity(domain);
        ensure!(identity.is_none(), "released, but the identity exists: {identity:#?}");
        Ok(())
    }
}
