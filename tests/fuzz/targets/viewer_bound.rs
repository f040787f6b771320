//! Feeds `decoders::viewer_bound` with what libFuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| farhand_fuzz::decoders::viewer_bound(bytes));
