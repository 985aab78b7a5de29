//! Random requests, reproducible by seed. Few names, domains and records, so that requests collide.

/// Numbers of claims, objects, subjects and namespaces.
pub const CLAIMS: u64 = 2;
pub const OBJECTS: u64 = 3;
pub const SUBJECTS: u64 = 2;
pub const NAMESPACES: u64 = 2;
/// Numbers of different records, statuses and labels.
pub const RECORDS: u64 = 3;
pub const STATUSES: u64 = 4;
pub const LABELS: u64 = 2;

/// The earlier state of a claim or object that a request refers to.
#[derive(Clone, Copy, Debug)]
pub enum Freshness {
    Newest,
    /// This many states before the newest.
    Older(u64),
    /// The first state, perhaps of an object that was since deleted and recreated.
    First,
    /// The newest, but with the uid of the first.
    OtherUid,
}

/// One request. Numbers select the claim, object, subject, record and so on.
#[derive(Clone, Copy, Debug)]
pub enum StoreRequest {
    GetClaim {
        claim: u64,
    },
    CreateClaim {
        claim: u64,
        record: u64,
    },
    SwapClaim {
        claim: u64,
        old: Freshness,
        record: u64,
    },
    /// A swap that would change the subject of a claim.
    TurnClaim {
        claim: u64,
    },
    DeleteClaim {
        claim: u64,
        old: Freshness,
    },
    ListClaims,
    Domain(u64, About),
    Address(u64, About),
    GetNamespace {
        namespace: u64,
    },
    Label {
        namespace: u64,
        labels: u64,
    },
}

/// A request about an object: a domain or an address.
#[derive(Clone, Copy, Debug)]
pub enum About {
    Get,
    /// All for a subject.
    List(u64),
    ApplyStatus(Freshness, u64),
    /// For a subject, optionally with a foreign finalizer.
    Create(u64, bool),
    /// Another value for a mutable field.
    Edit(u64),
    /// An edit that would change the subject.
    Turn,
    Delete,
    RemoveFinalizers,
}

impl StoreRequest {
    /// Its name, such as `SwapClaim` or `Domain Create`.
    pub fn name(&self) -> String {
        let word = |text: String| text.split([' ', '(']).next().unwrap_or_default().to_owned();
        match self {
            Self::Domain(_, about) => format!("Domain {}", word(format!("{about:?}"))),
            Self::Address(_, about) => format!("Address {}", word(format!("{about:?}"))),
            other => word(format!("{other:?}")),
        }
    }
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

    fn freshness(&mut self) -> Freshness {
        match self.below(8) {
            0 => Freshness::Older(1 + self.below(3)),
            1 => Freshness::First,
            _ => Freshness::Newest,
        }
    }

    fn freshness_of_claim(&mut self) -> Freshness {
        if self.below(6) == 0 { Freshness::OtherUid } else { self.freshness() }
    }

    fn about(&mut self) -> About {
        match self.below(17) {
            0..4 => About::Create(self.below(SUBJECTS), self.below(3) == 0),
            4..9 => About::ApplyStatus(self.freshness(), self.below(STATUSES)),
            9..11 => About::Edit(self.below(2)),
            11 => About::Turn,
            12..14 => About::Delete,
            14 => About::RemoveFinalizers,
            15 => About::Get,
            _ => About::List(self.below(SUBJECTS)),
        }
    }

    fn request(&mut self) -> StoreRequest {
        let (claim, record) = (self.below(CLAIMS), self.below(RECORDS));
        match self.below(48) {
            0..3 => StoreRequest::CreateClaim { claim, record },
            3..8 => StoreRequest::SwapClaim { claim, old: self.freshness_of_claim(), record },
            8..10 => StoreRequest::DeleteClaim { claim, old: self.freshness_of_claim() },
            10 => StoreRequest::TurnClaim { claim },
            11 => StoreRequest::GetClaim { claim },
            12 => StoreRequest::ListClaims,
            13 => StoreRequest::GetNamespace { namespace: self.below(NAMESPACES + 1) },
            14 => StoreRequest::Label { namespace: self.below(NAMESPACES), labels: self.below(LABELS) },
            15..32 => StoreRequest::Domain(self.below(OBJECTS), self.about()),
            _ => StoreRequest::Address(self.below(OBJECTS), self.about()),
        }
    }
}

/// This many requests.
pub fn sequence(seed: u64, length: usize) -> Vec<StoreRequest> {
    let mut random = Random(seed);
    (0..length).map(|_| random.request()).collect()
}
