//! Several objects of one tenant for one domain.

use sender_operator::model::tenant::TENANT_LABEL;

use crate::{
    setup::{ACME, DOMAIN, proven},
    simulation::MINUTE,
};

#[tokio::test(start_paused = true)]
async fn a_second_object_of_the_tenant_inherits_without_a_call_and_with_the_same_record() {
    let (sim, _operator) = proven().await;
    sim.namespace("acme-2", &[(TENANT_LABEL, "acme")]);
    sim.apply("acme-2/mail", DOMAIN);
    let duplicate = ["Owned False Duplicate", "Ready False Duplicate", "Stalled True Duplicate"];
    sim.until_says("acme-2/mail", &duplicate).await;
    assert_eq!(sim.challenge("acme-2/mail").unwrap().value, sim.challenge(ACME).unwrap().value);
    let (calls, before) = (sim.journal().len(), sim.claim(DOMAIN).unwrap());
    sim.delete(ACME);
    sim.until_says_within(MINUTE, "acme-2/mail", &["Owned True Held", "Ready True Ready"]).await;
    let after = sim.claim(DOMAIN).unwrap();
    assert_eq!((after.proof, after.tenure_id, after.identity), (before.proof, before.tenure_id, before.identity));
    assert_eq!((after.holder.unwrap().uid, sim.journal().len()), (sim.uid("acme-2/mail"), calls));
}
