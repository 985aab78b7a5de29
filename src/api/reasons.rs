//! Reasons of conditions and events: closed sets, so that people, alerts and metrics can rely on them.
//!
//! Each reason is documented here and nowhere else: its doc comment is the meaning. Its places and the action for its
//! reader follow. `docs/reference/reasons.md` is generated from both enums and from the messages in `controller`.

/// Documentation of a reason: a row of `docs/reference/reasons.md`.
#[derive(Clone, Copy, Debug)]
pub struct Doc {
    /// The doc comment of the variant.
    pub meaning: &'static str,
    /// Of a reason: each condition with its status, and `Stalled` if the reason stalls. Of an event: each kind of
    /// resource with the type of the event.
    pub places: &'static str,
    /// The action for its reader, in Markdown. Links are relative to `docs/reference`.
    pub action: &'static str,
}

/// Declares a closed set of reasons, each with its places and its action.
macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident {
        $($(#[doc = $meaning:literal])+ $variant:ident: $places:literal, $action:literal;)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[doc = $meaning])+ $variant,)* }

        impl $name {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The reason as conditions, events and metrics show it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// Its documentation.
            pub fn doc(self) -> Doc {
                match self {
                    $(Self::$variant => Doc {
                        meaning: concat!($($meaning),+),
                        places: $places,
                        action: $action,
                    },)*
                }
            }
        }
    };
}

reasons! {
    /// Reason of a condition.
    Reason {
        /// The domain is usable, and mail can be sent.
        Ready: "DomainReady True, Ready True", "Nothing.";
        /// This resource holds the domain.
        Held: "Owned True", "Nothing.";
        /// The claim on the domain is being created.
        Claiming: "Owned False", "Wait. This usually takes seconds.";
        /// Another tenant holds the domain. With `--proof none`, this includes parent domains and subdomains.
        OwnedByAnotherTenant: "Owned False, Stalled",
            "Ask your administrator, who can see the owner: `kubectl get sclaim`.";
        /// Another tenant is releasing the domain.
        AnotherTenantReleasing: "Owned False",
            "Wait, or publish the TXT record to get the domain immediately. With `--proof none`, you can only wait.";
        /// The previous SES identity of the domain is being deleted.
        Releasing: "Owned False", "Wait. The operator then claims the domain again.";
        /// Another resource of the same tenant holds the domain or the address.
        Duplicate: "Owned False, Confirmed False, Stalled", "Delete one of the two resources.";
        /// Anyone can register names below this name.
        PublicSuffix: "Owned False, Stalled", "Use a domain that is registered to you.";
        /// The tenant has too many older unproven domains. This one is looked up once there are fewer.
        OpenDomainLimit: "Owned False",
            "Prove control of older domains or delete them, or ask your administrator to raise `--open-domains-per-tenant`.";
        /// The TXT record that proves control of the domain is missing in DNS or has a different value.
        ChallengeMissing: "Owned False", "Publish the first record of `status.dnsRecords`.";
        /// The TXT record that proves control of the domain could not be looked up.
        ChallengeUnknown: "Owned False", "Wait. If this persists, check the name servers of the domain.";
        /// The settings delegate the zone to other tenants.
        NotDelegated: "Owned False, Stalled", "Ask your administrator (`--delegations`).";
        /// The proof is lost. The tenant can send until another tenant proves control of the domain after the grace
        /// period.
        ProofLost: "Owned True", "Publish the TXT record again. In a delegated zone, ask your administrator.";
        /// The tenant previously held the domain, and another tenant owns it now.
        Displaced: "Owned False, Stalled",
            "If the domain is yours, publish the new record in `status.dnsRecords` and remove the other tenant's \
             record.";
        /// An administrator revoked the tenant's claim on the domain or address.
        ForceReleased: "Owned False, Confirmed False, Stalled",
            "Ask your administrator, who can remove the annotation from the claim.";
        /// Another environment previously served the namespace, and its claim for this resource has not ended.
        EnvironmentChanged: "Owned False",
            "Wait approximately as long as the release delay. Check that the other release is still running.";
        /// The SES identity was in use before. Its existing settings are being removed.
        TakeoverPending: "Ready False", "Wait. If this persists, check the logs of the operator.";
        /// `spec.suspend` is `true`.
        Suspended: "Owned False, Ready False", "Set `spec.suspend` to `false`.";
        /// The operator runs with `--dry-run`. The message contains the plan.
        DryRun: "Ready False", "Administrator: turn off `--dry-run` to carry out the plan.";
        /// The tenant does not hold the domain, so the condition is not evaluated.
        NotOwned: "IdentityVerified Unknown, DkimReady Unknown, Confirmed Unknown",
            "See the condition `Owned`, or `DomainReady` of an address.";
        /// SES or DNS has not been read yet.
        NotChecked: "IdentityVerified Unknown, DkimReady Unknown", "Wait. This usually takes seconds.";
        /// The SES identity has not been created yet.
        NotCreated: "IdentityVerified False, DkimReady False", "Wait. The operator creates it within the call budget.";
        /// The tenant reached its hourly limit for new SES identities.
        CreationLimit: "IdentityVerified False", "Wait, or ask your administrator to raise `--creations-per-tenant`.";
        /// SES has verified the domain and sends mail from it.
        Verified: "IdentityVerified True", "Nothing.";
        /// SES is looking for the DKIM records.
        Pending: "IdentityVerified False, DkimReady False",
            "Publish all records in `status.dnsRecords`. Then wait. This usually takes minutes, at most 72 hours.";
        /// SES no longer finds the records. It still sends mail and keeps looking for 72 hours.
        TemporaryFailure: "IdentityVerified True, DkimReady False",
            "Publish the missing records. If all are published, wait.";
        /// SES did not find the records within 72 hours and stopped looking.
        VerificationFailed: "IdentityVerified False, DkimReady False",
            "Publish the records. The operator restarts the verification when it finds them.";
        /// SES has an identity for the domain that this operator did not create.
        ForeignIdentity: "IdentityVerified False, DkimReady Unknown, Stalled",
            "Delete it in SES, ask its owner, or adopt it: `adoptionPolicy: IfProven` with `--allow-adoption`.";
        /// SES signs with DKIM, and all records are published.
        Signing: "DkimReady True", "Nothing.";
        /// A DKIM record is missing or wrong.
        RecordsMissing: "DkimReady False",
            "Publish the record in the message. Check whether the DNS provider appends the zone.";
        /// A DKIM record could not be looked up.
        RecordsUnknown: "DkimReady False", "Wait. If this persists, check the name servers of the domain.";
        /// DKIM signing was turned off or changed in SES.
        SigningDisabled: "DkimReady False", "Wait. The operator restores it. Find out what changed it.";
        /// SES is unreachable or reports an error.
        SesUnavailable: "IdentityVerified True, IdentityVerified False, IdentityVerified Unknown, Confirmed False",
            "Wait. The operator retries.";
        /// AWS rejected the operator's credentials or denied it a permission.
        AccessDenied: "IdentityVerified True, IdentityVerified False, IdentityVerified Unknown, Confirmed False",
            "Administrator: compare the role with [deploy/aws/policy.json](../../deploy/aws/policy.json).";
        /// A quota of the AWS account is exhausted.
        LimitExceeded: "IdentityVerified True, IdentityVerified False, IdentityVerified Unknown, Confirmed False",
            "Administrator: ask AWS to raise the quota, or delete unused identities.";
        /// No tenant holds the domain of the address or a parent domain.
        DomainMissing: "DomainReady False", "Apply a `SenderDomain` for it.";
        /// The tenant holds the domain, but its `SenderDomain` is not Ready.
        DomainNotReady: "DomainReady False", "Check the status of the `SenderDomain`.";
        /// The `SenderDomain` was deleted, or an administrator revoked the claim on the domain.
        DomainReleasing: "DomainReady False", "Apply the `SenderDomain` again, or ask your administrator.";
        /// Another tenant holds the domain of the address or its nearest held parent domain.
        DomainOwnedByAnotherTenant: "DomainReady False, Stalled", "Use an address at a domain of your tenant.";
        /// An email to the mailbox owner is about to be sent.
        Asking: "Confirmed False", "Wait.";
        /// An email was sent to the mailbox owner, who has not answered yet.
        AwaitingOwner: "Confirmed False", "Wait. Check the mailbox and its spam folder.";
        /// The mailbox owner confirmed.
        Confirmed: "Confirmed True", "Nothing.";
        /// An administrator approved the address in place of its owner.
        Approved: "Confirmed True", "Nothing.";
        /// The mailbox owner declined.
        Declined: "Confirmed False, Stalled",
            "Talk to the owner. After `status.confirmation.nextAttemptTime`, [ask again](../addresses.md#ask-again).";
        /// The mailbox owner withdrew the confirmation.
        Withdrawn: "Confirmed False, Stalled",
            "Talk to the owner. After `status.confirmation.nextAttemptTime`, [ask again](../addresses.md#ask-again).";
        /// The mailbox owner did not answer within 24 hours.
        Expired: "Confirmed False, Stalled",
            "Check that the email arrived, then [ask again](../addresses.md#ask-again).";
        /// SES did not respond, so an email may or may not have been sent.
        SendUnacknowledged: "Confirmed False, Stalled", "[Ask again](../addresses.md#ask-again).";
        /// The email is held back by a limit of the address, tenant, domain or environment.
        MailLimit: "Confirmed False", "Wait until `status.confirmation.nextAttemptTime`.";
        /// The operator has no sender or no public URL for confirmation emails.
        MailNotConfigured: "Confirmed False", "Administrator: set `--confirmation-sender` and `--public-url`.";
        /// The operator's own sender is not verified in SES.
        SenderNotVerified: "Confirmed False", "Administrator: verify the sender. The email is then sent.";
        /// The SES account is in the sandbox, and the recipient is not verified.
        SandboxRecipient: "Confirmed False", "Administrator: request production access from AWS.";
        /// AWS has paused sending for the account.
        SendingPaused: "Confirmed False",
            "Administrator: check the SES console. The email is sent when sending resumes.";
        /// SES rejected the email.
        MailRejected: "Confirmed False", "Administrator: fix the cause given in the message. The operator retries.";
    }
}

impl Reason {
    /// Whether the resource does not continue without a person: the condition `Stalled`.
    pub fn stalls(self) -> bool {
        self.doc().places.ends_with("Stalled")
    }

    /// Whether the resource is at rest: neither `Reconciling` nor `Stalled`, although it is not Ready.
    pub fn is_quiet(self) -> bool {
        matches!(self, Self::Suspended | Self::DryRun)
    }
}

reasons! {
    /// Reason of an event.
    EventReason {
        /// The resource now holds the domain.
        Claimed: "SenderDomain Normal", "Nothing.";
        /// The proof for the domain is lost.
        ProofLost: "SenderDomain Warning", "Publish the TXT record again. In a delegated zone, ask your administrator.";
        /// The proof for the domain is restored.
        ProofSeen: "SenderDomain Normal", "Nothing.";
        /// The owner of the domain changed after the grace period. `Warning` is for the former holder, `Normal` for the
        /// new one.
        Displaced: "SenderDomain Normal, SenderDomain Warning",
            "Former holder: see the reason `Displaced` of the condition `Owned`.";
        /// An admin action was handled.
        AdminActionTaken: "SenderClaim Warning", "Administrator: check the result in `spec.adminActions`.";
        /// An annotation was not handled: it is invalid, is not allowed, or was set before the current holder got the
        /// subject.
        AdminActionRefused: "SenderClaim Warning",
            "Administrator: correct or remove the annotation. To act on the current holder, set it again.";
        /// The operator adopted an SES identity that no operator created.
        Adopted: "SenderDomain Warning", "Nothing. When you no longer need the identity, delete it in SES.";
        /// The operator removed existing settings from the SES identity.
        ForeignSettingsRemoved: "SenderDomain Warning", "Check that no other system needs these settings.";
        /// The owner of the domain changed, and SES still has email address identities in it. They are not removed.
        AddressIdentities: "SenderClaim Warning", "Administrator: delete the unwanted identities in SES.";
        /// The SES identity was created.
        IdentityCreated: "SenderDomain Normal", "Publish the records in `status.dnsRecords`.";
        /// The SES identity was missing and was recreated.
        IdentityRecreated: "SenderDomain Warning", "Compare `status.dnsRecords` with your DNS.";
        /// The DKIM settings were changed in SES, and the operator restored them.
        SigningRestored: "SenderDomain Warning", "Find out what changed them.";
        /// SES had stopped looking for the records, and the operator restarted the verification.
        VerificationRestarted: "SenderDomain Normal", "Wait. This usually takes minutes.";
        /// `Ready` became `True`. The message is that of `Ready`.
        BecameReady: "SenderDomain Normal, SenderAddress Normal", "Nothing.";
        /// `Ready` is no longer `True`. The message is that of `Ready`.
        BecameUnready: "SenderDomain Warning, SenderAddress Warning", "See the reason of the condition `Ready`.";
        /// Dry run: the plan. The message is that of `Ready`.
        Planned: "SenderDomain Normal, SenderAddress Normal",
            "Administrator: turn off `--dry-run` to carry out the plan.";
        /// The release started. The SES identity is kept until the release delay ends.
        ReleaseStarted: "SenderClaim Normal",
            "Nothing. To keep the subject, reapply its resource before the release delay ends.";
        /// A deletion in SES is waiting for an administrator, or SES reports an error.
        ReleaseHeldBack: "SenderClaim Warning",
            "Administrator: [approve it](../administration.md#admin-actions), wait, or fix the cause given in the \
             message.";
        /// The release is complete. The SES identity was deleted or retained, or is foreign.
        Released: "SenderClaim Normal", "Nothing.";
        /// An email was sent to the mailbox owner.
        OwnerAsked: "SenderAddress Normal", "Wait. Check the mailbox and its spam folder.";
        /// The mailbox owner confirmed, or an administrator approved the address.
        AddressConfirmed: "SenderAddress Normal", "Nothing.";
        /// The mailbox owner declined.
        AddressDeclined: "SenderAddress Warning", "See the reason `Declined`.";
        /// The mailbox owner withdrew the confirmation.
        AddressWithdrawn: "SenderAddress Warning", "See the reason `Withdrawn`.";
        /// The request is void, because the domain was released or revoked, or has a new owner.
        RequestVoid: "SenderAddress Warning",
            "See the condition `DomainReady`. When the tenant holds the domain again, the owner gets a new email.";
    }
}
