//! `make house`: the shape of the code in figures, for this checkout or an older commit; and its imports, which
//! `tests/structure` holds to the rules.

mod calls;
mod functions;
mod imports;
mod modules;
mod paths;
mod report;
mod shapes;
mod source;
mod spread;

pub use self::{
    calls::{Calls, Stop, Way},
    functions::{Function, functions},
    imports::{Circle, Imports},
    report::{Report, ways_of_a_domain},
    shapes::{Likeness, likenesses},
    source::{Source, Tree},
    spread::{Spread, spread},
};
