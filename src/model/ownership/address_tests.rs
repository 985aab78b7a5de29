use super::*;
use crate::model::{
    admin_annotations::{self, RequestedActions},
    confirmation::{evidence::Visitor, limits::Decline},
    name::Domain,
};

const HOUR: i64 = 3600;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(hours * HOUR).unwrap()
}

fn tenant(name: &str) -> Tenant {
    format!("tenant/{name}").parse().unwrap()
}

fn claimant(who: &str) -> AddressClaimant {
    let object = Holder {
        namespace: format!("ns-{who}"),
        namespace_uid: format!("nsuid-{who}"),
        name: "sales".to_owned(),
        uid: format!("uid-{who}"),
    };
    AddressClaimant { tenant: tenant(who), object, created: at(0) }
}

fn account() -> Account {
    Account { id: "111122223333".into(), region: "eu-west-1".into(), owner_id: "owner".into() }
}

fn address() -> Address {
    Address::parse("sales@example.com").unwrap()
}

/// The claim of the domain with this tenant, state and tenure id.
fn domain(who: &str, state: State, tenure_id: &str) -> Claim {
    let subject = ClaimSubject { domain: Domain::parse("example.com").unwrap(), address: None };
    let tenure_id = Some(tenure_id.to_owned());
    Claim { state, tenant: Some(tenant(who)), tenure_id, ..Claim::new("default", subject, &account()) }
}

struct Case {
    domain: Option<Claim>,
    claim: Option<StoredClaim>,
    claimants: Vec<AddressClaimant>,
    live: bool,
    approval: bool,
    now: Timestamp,
}

impl Case {
    fn of(domain: Claim, claimants: &[&str]) -> Self {
        let claimants = claimants.iter().map(|who| claimant(who)).collect();
        Self { domain: Some(domain), claim: None, claimants, live: true, approval: true, now: at(0) }
    }

    /// Acme holds the domain and claims the address.
    fn usual() -> Self {
        Self::of(domain("acme", State::Held, "h1"), &["acme"])
    }

    fn next(&self) -> AddressTransition {
        let address = address();
        let suffixes = Suffixes::of(&address, self.domain.iter());
        let new_ids = ["f".repeat(32), format!("{:032x}", self.now.as_second())];
        let input = AddressInput {
            environment: "default",
            address: &address,
            account: &account(),
            claim: self.claim.as_ref(),
            claimants: &self.claimants,
            claimants_live: self.live,
            suffixes: &suffixes,
            new_ids: &new_ids,
            release_delay: SignedDuration::from_hours(1),
            retention: SignedDuration::from_hours(720),
            approval: self.approval,
            now: self.now,
        };
        input.decide()
    }

    /// Applies transitions until none is left.
    fn settled(mut self) -> Self {
        for _ in 0..10 {
            match self.next() {
                AddressTransition::Write(claim) => self.put(*claim),
                AddressTransition::ReadClaimants => self.live = true,
                AddressTransition::Forget => self.claim = None,
                AddressTransition::Stay(_) => return self,
            }
        }
        panic!("it does not settle: {:?}", self.claim);
    }

    fn put(&mut self, claim: Claim) {
        let requested_actions = self.claim.take().map(|stored| stored.requested_actions).unwrap_or_default();
        self.claim =
            Some(StoredClaim { claim, uid: "m".into(), version: "1".into(), created: at(0), requested_actions });
    }

    fn change(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self.settled()
    }

    fn annotate(&mut self, pairs: &[(&str, &str)]) {
        let annotations = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        self.claim.as_mut().unwrap().requested_actions = RequestedActions::of(&annotations, true);
    }

    fn answer(&mut self, kind: AnswerKind) {
        let claim = &mut self.claim.as_mut().unwrap().claim;
        let request = claim.confirmation.as_mut().unwrap().request.as_mut().unwrap();
        request.answer = Some(Answer { kind, time: at(0) });
    }

    /// `state tenant answer`; omits the parts that are absent.
    fn says(&self) -> String {
        let Some(claim) = self.claim.as_ref().map(|stored| &stored.claim) else { return "none".to_owned() };
        let answer = request(claim).and_then(|(_, request)| request.answer).map(|answer| format!("{:?}", answer.kind));
        let words = [Some(claim.state.as_str().to_owned()), claim.tenant.as_ref().map(ToString::to_string), answer];
        words.into_iter().flatten().collect::<Vec<_>>().join(" ").replace("tenant/", "")
    }
}

/// The request that links name.
fn id(case: &Case) -> String {
    request(&case.claim.as_ref().unwrap().claim).unwrap().1.id.clone()
}

fn confirmed() -> Case {
    Case::usual().settled().change(|case| case.answer(AnswerKind::Confirmed))
}

#[test]
fn only_the_tenant_of_the_covering_domain_gets_a_claim() {
    for (case, start, expected) in [
        ("its own domain", Case::usual(), "Held acme"),
        ("no domain", Case { domain: None, ..Case::usual() }, "none"),
        ("a domain that is let go", Case::of(domain("acme", State::Releasing, "h1"), &["acme"]), "none"),
        ("another tenant's domain", Case::of(domain("rival", State::Held, "h1"), &["acme"]), "none"),
        ("two who ask", Case::of(domain("rival", State::Held, "h1"), &["acme", "rival"]), "Held rival"),
        ("nobody asks", Case::of(domain("acme", State::Held, "h1"), &[]), "none"),
    ] {
        assert_eq!(start.settled().says(), expected, "{case}");
    }
}

#[test]
fn a_confirmation_lasts_as_long_as_the_tenure_it_rests_on() {
    for (case, next_domain, expected) in [
        ("as it was", Some(domain("acme", State::Held, "h1")), "Held acme Confirmed"),
        ("let go, and may come back", Some(domain("acme", State::Releasing, "h1")), "Held acme Confirmed"),
        ("ended", Some(domain("acme", State::Released, "h1")), "Released"),
        ("gone", None, "Released"),
        ("ended, and held anew", Some(domain("acme", State::Held, "h2")), "Held acme"),
        ("in other hands", Some(domain("rival", State::Held, "h2")), "Released"),
    ] {
        let end = confirmed().change(|case| case.domain = next_domain);
        assert_eq!(end.says(), expected, "{case}");
        let evidence = &end.claim.unwrap().claim.confirmation.unwrap().evidence;
        assert_eq!(
            evidence.iter().any(|entry| entry.event == EvidenceEvent::Void),
            !expected.contains("Confirmed"),
            "{case}"
        );
    }
}

#[test]
fn whoever_gets_the_domain_asks_the_owner_anew() {
    let first = confirmed();
    let before = id(&first);
    let successor = first.change(|case| {
        case.now = at(1);
        case.domain = Some(domain("rival", State::Held, "h2"));
        case.claimants = vec![claimant("acme"), claimant("rival")];
    });
    assert_eq!(successor.says(), "Held rival");
    assert_ne!(id(&successor), before, "no link of the former request means anything");
}

#[test]
fn a_mistaken_delete_costs_nothing_and_a_meant_one_ends_after_the_delay() {
    let gone = |hours| {
        move |case: &mut Case| {
            case.claimants.clear();
            case.now = at(hours);
        }
    };
    let releasing = confirmed().change(gone(0));
    assert_eq!(releasing.says(), "Releasing acme Confirmed");
    assert_eq!(releasing.next(), AddressTransition::Stay(Some(at(1))));
    let back = releasing.change(|case| case.claimants = vec![claimant("acme")]);
    assert_eq!(back.says(), "Held acme Confirmed");
    let before = id(&back);
    let released = back.change(gone(0)).change(gone(1));
    assert_eq!(released.says(), "Released");
    let remade = released.change(|case| case.claimants = vec![claimant("acme")]);
    assert_eq!(remade.says(), "Held acme", "it has to be confirmed again");
    assert_ne!(id(&remade), before, "and nobody asks by the old link any more");
    assert_eq!(remade.change(gone(2)).change(gone(3)).change(gone(3 + 720)).says(), "none");
}

#[test]
fn a_late_watch_ends_nothing() {
    let mut case = confirmed();
    (case.claimants, case.live) = (Vec::new(), false);
    assert_eq!(case.next(), AddressTransition::ReadClaimants);
    case.live = true;
    case = case.settled();
    (case.now, case.live) = (at(1), false);
    assert_eq!(case.next(), AddressTransition::ReadClaimants);
}

#[test]
fn another_object_of_the_tenant_follows_the_holder_with_everything_kept() {
    let twin =
        AddressClaimant { object: Holder { uid: "twin".to_owned(), ..claimant("acme").object }, ..claimant("acme") };
    let case = confirmed().change(|case| case.claimants = vec![twin]);
    assert_eq!(case.says(), "Held acme Confirmed");
    assert_eq!(case.claim.unwrap().claim.holder.unwrap().uid, "twin");
}

#[test]
fn a_namespace_that_was_approved_under_another_uid_keeps_its_addresses() {
    let case = confirmed().change(|case| {
        case.domain = Some(domain("restored", State::Held, "h1"));
        case.claimants = vec![claimant("restored")];
    });
    assert_eq!(case.says(), "Held restored Confirmed");
}

#[test]
fn who_was_declined_does_not_get_round_it_by_asking_anew() {
    let mut case = Case::usual().settled();
    let claim = &mut case.claim.as_mut().unwrap().claim;
    let decline = Decline { tenant: tenant("acme"), until_time: at(100) };
    claim.confirmation.as_mut().unwrap().declines = vec![decline];
    case.answer(AnswerKind::Declined);
    let released = case.change(|case| case.claimants.clear()).change(|case| case.now = at(1));
    let mut remade = released.change(|case| case.claimants = vec![claimant("acme")]);
    assert_eq!((remade.says().as_str(), remade.next()), ("Released", AddressTransition::Stay(Some(at(100)))));
    let successor = remade.domain.replace(domain("rival", State::Held, "h2"));
    remade.claimants.push(claimant("rival"));
    remade = remade.settled();
    assert_eq!(remade.says(), "Held rival", "another tenant was not declined");
    remade.domain = successor;
    assert_eq!(remade.change(|case| case.now = at(100)).says(), "Held acme");
}

#[test]
fn admin_actions_are_handled_once_and_say_what_they_did() {
    let approve = [(admin_annotations::APPROVE_ADDRESS, "there is no mailbox")];
    let case = Case::usual().settled().change(|case| case.annotate(&approve));
    assert_eq!(case.says(), "Held acme Approved");
    let claim = &case.claim.as_ref().unwrap().claim;
    assert_eq!((claim.admin_actions.len(), claim.handled_actions.len()), (1, 1));
    let evidence = claim.confirmation.as_ref().unwrap().evidence.last().unwrap().clone();
    assert_eq!(evidence.approval.as_deref(), Some("there is no mailbox"));
    let void = case.change(|case| case.domain = Some(domain("acme", State::Held, "h2")));
    assert_eq!(void.says(), "Held acme", "it approves no other request");

    let refused = Case { approval: false, ..Case::usual() }.settled().change(|case| case.annotate(&approve));
    assert_eq!(refused.says(), "Held acme", "the installation does not allow it");
    let declined = Case::usual().settled().change(|case| case.answer(AnswerKind::Declined));
    assert_eq!(declined.change(|case| case.annotate(&approve)).says(), "Held acme Declined", "the owner has spoken");

    let force = [(admin_annotations::FORCE_RELEASE, "abuse")];
    let start_release = confirmed().change(|case| case.claimants.clear()).change(|case| case.annotate(&force));
    for forced in [
        confirmed().change(|case| case.annotate(&force)),
        start_release.change(|case| case.claimants = vec![claimant("acme")]),
    ] {
        assert_eq!(forced.says(), "Released", "and the tenant does not get it back");
        let later = forced.change(|case| case.now = at(24 * 60));
        assert_eq!(later.says(), "Released", "however long that is");
        assert_eq!(later.change(|case| case.annotate(&[])).says(), "Held acme", "until the annotation is removed");
    }
}

#[test]
fn an_admin_action_requested_before_a_tenant_gets_the_address_does_not_strike_it() {
    for (key, value) in
        [(admin_annotations::FORCE_RELEASE, "abuse"), (admin_annotations::APPROVE_ADDRESS, "there is no mailbox")]
    {
        let free = confirmed().change(|case| case.claimants.clear()).change(|case| case.now = at(1));
        assert_eq!(free.says(), "Released");
        let ordered = free.change(|case| case.annotate(&[(key, value)]));
        let taken = ordered.change(|case| case.claimants = vec![claimant("acme")]);
        assert_eq!(taken.says(), "Held acme", "{key}");
        let stored = taken.claim.unwrap();
        assert_eq!((stored.claim.admin_actions.len(), stored.annotation_set_aside()), (0, Some(key)));
    }
}

#[test]
fn personal_data_is_erased_on_request_from_an_address_that_is_held_and_from_one_that_is_free() {
    let free = confirmed().change(|case| case.claimants.clear()).change(|case| case.now = at(1));
    for mut case in [confirmed(), free] {
        let evidence = |case: &Case| case.claim.as_ref().unwrap().claim.confirmation.clone().unwrap().evidence;
        let kept = case.claim.as_mut().unwrap().claim.confirmation.as_mut().unwrap();
        kept.evidence[0].visitor = Some(Visitor::new("192.0.2.1", "Browser"));
        let (before, said) = (evidence(&case), case.says());
        let erased = case.change(|case| case.annotate(&[(admin_annotations::ERASE_EVIDENCE, "asked for by mail")]));
        assert!(evidence(&erased).iter().all(|entry| entry.visitor.is_none()));
        assert_eq!((evidence(&erased).len(), erased.says()), (before.len(), said), "what happened stays");
    }
}
