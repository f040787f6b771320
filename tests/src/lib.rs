//! Whole-system tests of Farhand: what proves the shape of the workspace, and the harness that
//! drives the real programs on X displays of its own.
//!
//! [`architecture`] is what `make check` runs. [`harness`] starts displays, programs and a gateway,
//! finds what is on screen by its accessible label and presses it by XTEST, with no hook inside the
//! programs. [`demo`] is the session that `make demo` shows. [`decoders`] and [`seeds`] are what is fuzzed, and with what.

pub mod architecture;
pub mod decoders;
pub mod demo;
pub mod harness;
pub mod seeds;
