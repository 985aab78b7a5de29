//! Random requests, the same for the same seed. Names, domains and records are few, so that requests meet each other.

/// Claims, objects, domains and namespaces by number.
pub const CLAIMS: u64 = 2;
pub const OBJECTS: u64 = 3;
pub const DOMAINS: u64 = 2;
pub const NAMESPACES: u64 = 2;
/// Different records, statuses and labels.
pub const RECORDS: u64 = 3;
pub const STATUSES: u64 = 4;
pub const LABELS: u64 = 2;

/// Which of the earlier sights of a claim or object a request refers to.
#[derive(Clone, Copy, Debug)]
pub enum Sight {
    Newest,
    /// So many sights before the newest.
    Older(u64),
    /// The very first, perhaps of an object that was deleted and made anew since.
    First,
    /// The newest, but with the uid of the very first.
    OtherUid,
}

/// One request. Numbers say which claim, object, domain, record and so on.
#[derive(Clone, Copy, Debug)]
pub enum Request {
    GetClaim {
        claim: u64,
    },
    CreateClaim {
        claim: u64,
        record: u64,
    },
    SwapClaim {
        claim: u64,
        old: Sight,
        record: u64,
    },
    /// A swap that would change what a claim is about.
    TurnClaim {
        claim: u64,
    },
    DeleteClaim {
        claim: u64,
        old: Sight,
    },
    ListClaims,
    GetDomain {
        object: u64,
    },
    ListDomains {
        domain: u64,
    },
    ApplyStatus {
        object: u64,
        to: Sight,
        status: u64,
    },
    GetNamespace {
        namespace: u64,
    },
    CreateObject {
        object: u64,
        domain: u64,
        kept: bool,
    },
    Suspend {
        object: u64,
        suspend: bool,
    },
    /// An edit that would change the domain.
    TurnObject {
        object: u64,
    },
    DeleteObject {
        object: u64,
    },
    RemoveFinalizers {
        object: u64,
    },
    GetAddress {
        object: u64,
    },
    ListAddresses {
        address: u64,
    },
    ApplyAddressStatus {
        object: u64,
        to: Sight,
        status: u64,
    },
    Ask {
        object: u64,
        address: u64,
    },
    StopAsking {
        object: u64,
    },
    Label {
        namespace: u64,
        labels: u64,
    },
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % end
    }

    fn sight(&mut self) -> Sight {
        match self.below(8) {
            0 => Sight::Older(1 + self.below(3)),
            1 => Sight::First,
            _ => Sight::Newest,
        }
    }

    fn sight_of_claim(&mut self) -> Sight {
        if self.below(6) == 0 { Sight::OtherUid } else { self.sight() }
    }

    fn request(&mut self) -> Request {
        let (claim, object, domain) = (self.below(CLAIMS), self.below(OBJECTS), self.below(DOMAINS));
        let (namespace, record) = (self.below(NAMESPACES), self.below(RECORDS));
        match self.below(44) {
            0..3 => Request::CreateClaim { claim, record },
            3..8 => Request::SwapClaim { claim, old: self.sight_of_claim(), record },
            8..10 => Request::DeleteClaim { claim, old: self.sight_of_claim() },
            10 => Request::TurnClaim { claim },
            11 => Request::GetClaim { claim },
            12 => Request::ListClaims,
            13..17 => Request::CreateObject { object, domain, kept: self.below(3) == 0 },
            17..22 => Request::ApplyStatus { object, to: self.sight(), status: self.below(STATUSES) },
            22..24 => Request::Suspend { object, suspend: self.below(2) == 0 },
            24 => Request::TurnObject { object },
            25..27 => Request::DeleteObject { object },
            27 => Request::RemoveFinalizers { object },
            28 => Request::GetDomain { object },
            29 => Request::ListDomains { domain },
            30 => Request::GetNamespace { namespace: self.below(NAMESPACES + 1) },
            31..35 => Request::Ask { object, address: domain },
            35..39 => Request::ApplyAddressStatus { object, to: self.sight(), status: self.below(STATUSES) },
            39..41 => Request::StopAsking { object },
            41 => Request::GetAddress { object },
            42 => Request::ListAddresses { address: domain },
            _ => Request::Label { namespace, labels: self.below(LABELS) },
        }
    }
}

/// So many requests.
pub fn sequence(seed: u64, length: usize) -> Vec<Request> {
    let mut random = Random(seed);
    (0..length).map(|_| random.request()).collect()
}
