//! Feeds `decoders::from_gateway` with what libFuzzer thinks of.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| farhand_fuzz::decoders::from_gateway(bytes));
