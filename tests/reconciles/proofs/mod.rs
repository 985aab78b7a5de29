//! Domains that have to be proven: by a DNS record, by the administrator's table, or by an admin action.

mod admin_actions;
mod adoption;
mod delegation;
mod displacement;
mod keys;
mod life;
mod provisional;
mod releasing;
mod sharing;
