//! Throttling by SES: slower, without any other effect.

use crate::{
    setup::apply_many,
    simulation::{HOUR, Simulation},
};

#[tokio::test(start_paused = true)]
async fn with_nine_of_ten_calls_throttled_domains_become_ready_and_no_status_mentions_it() {
    let sim = Simulation::new();
    let operator = sim.start();
    sim.ses_throttles_nine_of_ten();
    let names = apply_many(&sim, "acme", 5);
    let ready = |name: &String| sim.is_saying(&format!("acme/{name}"), &["Ready True Ready"]);
    sim.until_within(6 * HOUR, "all are Ready", || names.iter().all(ready)).await;
    for name in &names {
        let told = sim.history(&format!("acme/{name}"));
        assert!(told.iter().flatten().all(|line| !line.contains("Unavailable")), "{told:#?}");
        assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "a status was written twice");
    }
    assert!(operator.ses_rate() < 0.5, "{}", operator.ses_rate());
    sim.heal();
    sim.until_within(8 * HOUR, "the rate is back", || operator.ses_rate() > 0.999).await;
    assert_eq!(operator.reconciles("failed"), 0);
}
