//! DNS.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use sender_operator::{
    dns::Dns,
    model::records::{Answer, Doubt, RecordType},
};

use super::{lock, ports::Port};

/// How long a question takes.
const LATENCY: Duration = Duration::from_millis(20);

/// What goes wrong with questions about names that end so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ailment {
    Unknown(Doubt),
    Absent,
    Panic,
    Silent,
}

/// All zones of the world.
#[derive(Debug, Default)]
pub struct Zone {
    pub cnames: BTreeMap<String, String>,
    pub addresses: BTreeMap<String, String>,
    pub txts: BTreeMap<String, Vec<String>>,
    pub ailments: Vec<(String, Ailment)>,
    pub asked: usize,
}

impl Zone {
    pub fn heal(&mut self) {
        self.ailments.clear();
    }

    fn answer(&self, name: &str, record_type: RecordType) -> Answer {
        let one = |records: &BTreeMap<String, String>| records.get(name).cloned().into_iter().collect::<Vec<_>>();
        let (cnames, addresses) = (one(&self.cnames), one(&self.addresses));
        let texts = self.txts.get(name).cloned().unwrap_or_default();
        let exists = !(cnames.is_empty() && addresses.is_empty() && texts.is_empty());
        let asked = match record_type {
            RecordType::Cname => cnames,
            RecordType::A => addresses,
            RecordType::Txt => texts,
        };
        match asked.is_empty() {
            false => Answer::Records(asked),
            true if exists => Answer::NoRecord,
            true => Answer::NoName,
        }
    }
}

#[async_trait]
impl Dns for Port {
    async fn look_up(&self, name: &str, record_type: RecordType) -> Answer {
        self.way(LATENCY).await;
        self.alive().await;
        let (answer, ailment) = {
            let mut zone = lock(&self.shared.zone);
            zone.asked += 1;
            let ailment = zone.ailments.iter().find(|(suffix, _)| name.ends_with(suffix)).map(|(_, ailment)| *ailment);
            (zone.answer(name, record_type), ailment)
        };
        let answer = match ailment {
            None => answer,
            Some(Ailment::Unknown(doubt)) => Answer::Unknown(doubt),
            Some(Ailment::Absent) => Answer::NoName,
            Some(Ailment::Panic) => panic!("ordered by the scenario"),
            Some(Ailment::Silent) => std::future::pending().await,
        };
        self.link.known.answered(name, &answer);
        answer
    }
}
