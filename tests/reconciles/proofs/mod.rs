//! Domains that have to be proven: by a record in their DNS, by the administrator's table, or by an administrator's word.

mod admin_actions;
mod adoption;
mod delegation;
mod displacement;
mod keys;
mod life;
mod provisional;
mod releasing;
mod sharing;
