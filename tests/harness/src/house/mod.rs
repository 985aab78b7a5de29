//! `make house`: figures about the structure of the code, for this checkout or an older commit; and its imports, which
//! `tests/structure` checks.

mod calls;
mod imports;
mod modules;
mod paths;
mod report;
mod shapes;
mod source;

pub use self::{
    calls::{Calls, Stop, Way},
    imports::{Circle, Imports},
    report::{Report, ways_of_a_domain},
    source::{Source, Tree},
};
