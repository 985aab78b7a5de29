//! The world's DNS: data, server, and the look-ups of SES.

mod answer;
mod lookup;
mod record;
mod server;
mod zone;

pub(crate) use lookup::{Lookups, Trail, Wanted};
pub use record::RecordError;
pub(crate) use server::{bind, serve};
pub(crate) use zone::Zone;
pub use zone::{DnsFault, RecordView};
