//! Every form of publishing the challenge, and failures of the name servers.

use anyhow::ensure;
use sender_operator_harness::TestEnv;
use serde_json::json;
use ses_simulator::DnsFault;

use crate::support::*;

/// How a provider may publish a value: at which name, and as which TXT records.
type Publishing = fn(&TestEnv<'_>, &str, &str) -> anyhow::Result<()>;

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_counts_in_every_form_and_a_failing_name_server_is_no_loss() -> anyhow::Result<()> {
    let ways: [(&str, Publishing); 4] = [
        ("split.example.com", |env, name, value| {
            let (first, second) = value.split_at(value.len() / 2);
            Ok(env.simulator.set_record(name, "TXT", &[&format!("\"{first}\" \"{second}\"")])?)
        }),
        ("beside.example.com", |env, name, value| {
            let values = ["\"v=spf1 -all\"", "\"token=somebodyelse\"", &format!("\"{value}\""), "\"\""];
            Ok(env.simulator.set_record(name, "TXT", &values)?)
        }),
        ("elsewhere.example.com", |env, name, value| {
            env.simulator.set_record(name, "CNAME", &["elsewhere.validations.example.net"])?;
            Ok(env.simulator.set_record("elsewhere.validations.example.net", "TXT", &[value])?)
        }),
        ("shouted.example.com", |env, name, value| {
            Ok(env.simulator.set_record(name, "TXT", &[&value.to_uppercase().replace("TOKEN=", "token=")])?)
        }),
    ];
    proving("dns")
        .run(async |env| {
            let acme = env.tenant_namespace("acme", None).await?;
            for (domain, publish_so) in ways {
                let name = domain.split('.').next().unwrap_or_default();
                apply(&acme, name, domain, json!({})).await?;
                let records = paste(&acme, name).await?;
                publish_so(env, &records[0].name, &records[0].value)?;
                becomes(&acme, name, "Owned", "True/Held").await?;
            }
            let name = "_sender-operator-challenge.split.example.com";
            for fault in [DnsFault::ServFail, DnsFault::Refused] {
                env.simulator.dns_fault(name, fault)?;
                looked_at_again(env, name).await?;
                ensure!(claim(env, "split.example.com").await?.unwrap().proof.unwrap().lost_time.is_none());
                becomes(&acme, "split", "Owned", "True/Held").await?;
            }
            // A delegated name is monitored as well.
            env.simulator.remove_record("elsewhere.validations.example.net", "TXT")?;
            becomes(&acme, "elsewhere", "Owned", "True/ProofLost").await?;
            Ok(())
        })
        .await
}
