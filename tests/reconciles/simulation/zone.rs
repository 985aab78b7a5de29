//! DNS.

use std::time::Duration;

use async_trait::async_trait;
use hickory_proto::{
    op::ResponseCode,
    rr::{Name, RData, RecordType as WireType},
};
use sender_operator::{
    dns::Dns,
    model::records::{DnsAnswer, Doubt, RecordType},
};
use ses_simulator::core;

use super::{lock, ports::Port};

const LATENCY: Duration = Duration::from_millis(20);

/// All zones of the simulation: the simulator's, and the faults of the operator's resolvers.
#[derive(Debug)]
pub struct Zone {
    pub records: core::Zone,
    /// Faults of lookups by suffix of the name: no usable answer, or "no such name".
    pub ailments: Vec<(String, Option<Doubt>)>,
    pub asked: usize,
}

impl Default for Zone {
    fn default() -> Self {
        Self { records: core::Zone::new(1), ailments: Vec::new(), asked: 0 }
    }
}

impl Zone {
    pub fn heal(&mut self) {
        self.ailments.clear();
    }

    fn answer(&self, name: &str, record_type: RecordType) -> DnsAnswer {
        let wire_type = match record_type {
            RecordType::Cname => WireType::CNAME,
            RecordType::A => WireType::A,
            RecordType::Txt => WireType::TXT,
        };
        let Ok(name) = Name::from_ascii(format!("{name}.")) else { return DnsAnswer::NoName };
        let Some(answer) = self.records.answer(&name, wire_type) else { return DnsAnswer::Unknown(Doubt::Timeout) };
        let asked = answer.records.iter().filter(|record| record.record_type() == wire_type);
        let mut values: Vec<String> = asked.map(|record| text(&record.data)).collect();
        values.sort();
        match answer.code {
            _ if !values.is_empty() => DnsAnswer::Records(values),
            ResponseCode::NoError => DnsAnswer::NoRecord,
            ResponseCode::NXDomain => DnsAnswer::NoName,
            _ => DnsAnswer::Unknown(Doubt::ServerFailure),
        }
    }
}

/// A record as the operator's own resolver shows it.
fn text(data: &RData) -> String {
    match data {
        RData::TXT(txt) => String::from_utf8_lossy(&txt.txt_data.concat()).into_owned(),
        other => other.to_string().trim_end_matches('.').to_owned(),
    }
}

#[async_trait]
impl Dns for Port {
    async fn look_up(&self, name: &str, record_type: RecordType) -> DnsAnswer {
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
            Some(doubt) => doubt.map_or(DnsAnswer::NoName, DnsAnswer::Unknown),
        };
        self.link.known.answered(name, &answer);
        answer
    }
}
