//! What the build script finds, matches, links and refuses. It is run as cargo runs it, on prefixes made here.

mod errors;
mod generate;
mod places;
mod run;
