//! Two operators, one of which leads.

use sender_operator::controller::Config;

use crate::simulation::{Operator, Simulation};

pub struct Replicas {
    pair: [Operator; 2],
    leader: usize,
    settings: fn() -> Config,
}

impl Replicas {
    pub fn start(sim: &Simulation, settings: fn() -> Config) -> Self {
        let pair = [sim.start_as(settings()), sim.start_as(settings())];
        pair[1].stand_by();
        Self { pair, leader: 0, settings }
    }

    /// The leader is killed, and another process leads at once.
    pub fn restart(&mut self, sim: &Simulation) {
        self.pair[self.leader] = sim.start_as((self.settings)());
    }

    /// The other one leads from now on.
    pub fn change_leader(&mut self) {
        self.pair[self.leader].stand_by();
        self.leader = 1 - self.leader;
        self.pair[self.leader].lead();
    }

    pub fn all(&self) -> &[Operator] {
        &self.pair
    }
}
