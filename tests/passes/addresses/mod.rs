//! Addresses: the owner of a mailbox is asked, and what becomes of it.

mod life;
