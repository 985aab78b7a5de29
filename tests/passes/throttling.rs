//! SES throttles the account's calls: slower, but nothing else.

use crate::{
    setup::apply_many,
    world::{HOUR, World},
};

#[tokio::test(start_paused = true)]
async fn with_nine_of_ten_calls_throttled_domains_become_ready_and_no_status_tells_of_it() {
    let world = World::new();
    let operator = world.start();
    world.ses_throttles_nine_of_ten();
    let names = apply_many(&world, "acme", 5);
    let ready = |name: &String| world.is_saying(&format!("acme/{name}"), &["Ready True Ready"]);
    world.until_within(6 * HOUR, "all are Ready", || names.iter().all(ready)).await;
    for name in &names {
        let told = world.history(&format!("acme/{name}"));
        assert!(told.iter().flatten().all(|line| !line.contains("Unavailable")), "{told:#?}");
        assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "a status was written twice");
    }
    assert!(operator.ses_rate() < 0.5, "{}", operator.ses_rate());
    world.heal();
    world.until_within(8 * HOUR, "the rate is back", || operator.ses_rate() > 0.999).await;
    assert_eq!(operator.passes("failed"), 0);
}
