//! Fails the build early and clearly when `nasm` is missing on x86.
//!
//! Without `nasm` the `openh264-sys2` crate silently builds plain C, which encodes a frame nearly three times slower.
//! A slow screen that nobody can explain is worse than a build that says what to install.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this program runs while building, to look for a tool; nothing of it is in the codec"
)]

use std::process::{Command, Stdio};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=PATH");
    println!("cargo:rerun-if-env-changed=OPENH264_NO_ASM");
    let target = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    if target != "x86" && target != "x86_64" {
        return;
    }
    if std::env::var_os("OPENH264_NO_ASM").is_some() {
        panic!("OPENH264_NO_ASM is set: H.264 would be built without SIMD, about three times slower; unset it");
    }
    let found = Command::new("nasm")
        .arg("-v")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        panic!(
            "the assembler `nasm` was not found: H.264 would be built without SIMD, about three times slower. \
             Install it (Debian, Ubuntu: apt-get install nasm; Fedora: dnf install nasm; macOS: brew install nasm; \
             Windows: winget install nasm), run `cargo clean -p openh264-sys2` and build again"
        );
    }
}
