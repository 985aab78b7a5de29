//! Reasons of conditions and events: closed sets, so that people, alerts and metrics can rely on them.

/// Declares a closed set of reasons with the exact spelling of its variants.
macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The reason as it stands in conditions, events and metrics.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }
        }
    };
}

reasons! {
    /// Why a condition is as it is.
    Reason {
        /// Ready: everything asked for is in place.
        Ready,
        /// Owned: this resource holds its domain.
        Held,
        /// Owned: the claim is being made.
        Claiming,
        /// Owned: another tenant holds the domain, or one above or below it.
        OwnedByAnotherTenant,
        /// Owned: another tenant's hold on the domain is ending.
        AnotherTenantReleasing,
        /// Owned: the deletion at SES that was begun has to end before the domain can be claimed again.
        Releasing,
        /// Owned: another resource of the same tenant holds the domain.
        Duplicate,
        /// Owned: the name is a public suffix.
        PublicSuffix,
        /// Owned: the record that proves the tenant's right is not in DNS.
        ChallengeMissing,
        /// Owned: the record that proves the tenant's right could not be looked up.
        ChallengeUnknown,
        /// Owned: the administrator's settings give the zone to other tenants.
        NotDelegated,
        /// Owned: still true, but the proof is gone; another tenant that proves the domain gets it after the grace.
        ProofLost,
        /// Owned: this tenant held the domain, lost its proof, and another tenant has proven it.
        Displaced,
        /// Owned: an administrator took the domain from this tenant.
        ForceReleased,
        /// Owned: another environment's claim for this resource has to end first.
        EnvironmentChanged,
        /// What a former holder set up at SES is being removed.
        HandOver,
        /// The resource is suspended.
        Suspended,
        /// The operator runs with `--dry-run`: the message says what it would do.
        DryRun,
        /// The resource does not hold its domain, so nothing else is looked at.
        NotOwned,
        /// SES has not been asked yet.
        NotChecked,
        /// The SES identity has not been created yet.
        NotCreated,
        /// The tenant has had as many SES identities created within an hour as it may.
        CreationLimit,
        /// SES has verified the identity.
        Verified,
        /// SES is looking for the DKIM records.
        Pending,
        /// SES no longer finds the records, still sends, and keeps looking for 72 hours.
        TemporaryFailure,
        /// SES stopped looking; the operator starts it again.
        VerificationFailed,
        /// The identity at SES was not made by this operator and is left alone.
        ForeignIdentity,
        /// All records are published and SES signs with DKIM.
        Signing,
        /// Some records are missing or wrong.
        RecordsMissing,
        /// Some records could not be looked up.
        RecordsUnknown,
        /// DKIM signing was found turned off or changed at SES.
        SigningDisabled,
        /// SES can't be reached or refuses the call.
        SesUnavailable,
        /// SES refuses the operator's credentials or their permissions.
        AccessDenied,
        /// SES refuses because a quota of the account is used up.
        LimitExceeded,
        /// `DomainReady`: nobody holds the domain of the address, or one above it.
        DomainMissing,
        /// `DomainReady`: the domain is held by this tenant, but not Ready.
        DomainNotReady,
        /// `DomainReady`: this tenant is letting go of the domain.
        DomainReleasing,
        /// `DomainReady`: another tenant holds the domain.
        DomainOwnedByAnotherTenant,
        /// Confirmed: the mail is about to be sent.
        Asking,
        /// Confirmed: the owner of the mailbox was asked and has not answered.
        AwaitingOwner,
        /// Confirmed: the owner of the mailbox has confirmed.
        Confirmed,
        /// Confirmed: an administrator approved a sender without a mailbox.
        Approved,
        /// Confirmed: the owner of the mailbox declined.
        Declined,
        /// Confirmed: the owner of the mailbox took the confirmation back.
        Withdrawn,
        /// Confirmed: the owner did not answer within 24 hours.
        Expired,
        /// Confirmed: it is not known whether SES took a mail.
        SendUnacknowledged,
        /// Confirmed: a limit on mails holds the next one back.
        MailLimit,
        /// Confirmed: this installation is not set up to send mails to owners.
        MailNotConfigured,
        /// Confirmed: SES does not send for the operator's own sender.
        SenderNotVerified,
        /// Confirmed: SES sends to verified recipients only, as long as the account is in its sandbox.
        SandboxRecipient,
        /// Confirmed: SES has paused sending for the account.
        SendingPaused,
        /// Confirmed: SES refused the mail.
        MailRejected,
    }
}

reasons! {
    /// What an event tells.
    EventReason {
        /// The domain is now held by this resource.
        Claimed,
        /// The record that proves the holder's right is gone from DNS.
        ProofLost,
        /// The record that proves the holder's right is back.
        ProofSeen,
        /// Another tenant has proven the domain and holds it now.
        Displaced,
        /// An administrator's order was carried out.
        Ruled,
        /// An annotation on a claim can't be understood.
        OrderRefused,
        /// An identity that somebody else had made was taken in.
        Adopted,
        /// What a former holder had set up at SES was removed.
        HandedOver,
        /// SES has identities of single addresses under a domain that changed hands: they are not removed.
        AddressIdentities,
        /// The SES identity was created.
        IdentityCreated,
        /// The SES identity was gone and was created again.
        IdentityRecreated,
        /// DKIM signing had been changed at SES and was put right.
        SigningRestored,
        /// SES had stopped looking for the records and was started again.
        VerificationRestarted,
        /// The resource became Ready.
        BecameReady,
        /// The resource is no longer Ready.
        BecameUnready,
        /// What the operator would do (dry run).
        Planned,
        /// The holder let go; the identity stays until the release delay is over.
        ReleaseStarted,
        /// The release waits: for an administrator, or because SES does not do what is asked.
        ReleaseHeldBack,
        /// The claim is free: the identity was deleted, retained, or was not ours.
        Released,
        /// The owner of the mailbox was asked by a mail.
        OwnerAsked,
        /// The owner of the mailbox, or an administrator, allowed the address to be used.
        AddressConfirmed,
        /// The owner of the mailbox declined.
        AddressDeclined,
        /// The owner of the mailbox took the confirmation back.
        AddressWithdrawn,
        /// The request for the address is void: the domain changed hands.
        RequestVoid,
    }
}
