//! Every input that once broke a reader of peer bytes is read again.
//!
//! `make fuzz` writes such inputs to `fixtures/crashes/NAME/`, NAME being the reader's; commit them with
//! the change that mends the reader.

use std::fs;
use std::path::Path;

use farhand_tests::decoders::DECODERS;

fn crashes() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/crashes")
}

#[test]
fn every_input_that_once_broke_a_reader_is_read_without_harm() {
    for (name, decode) in DECODERS {
        let Ok(entries) = fs::read_dir(crashes().join(name)) else {
            continue;
        };
        for entry in entries {
            decode(&fs::read(entry.expect("an entry").path()).expect("an input"));
        }
    }
}

#[test]
fn every_folder_of_crashes_belongs_to_a_reader() {
    for entry in fs::read_dir(crashes()).expect("the crashes") {
        let entry = entry.expect("an entry");
        if entry.path().is_dir() {
            let name = entry.file_name();
            assert!(DECODERS.iter().any(|(reader, _)| name == *reader), "{name:?}");
        }
    }
}

#[test]
fn every_reader_has_a_fuzz_target() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/targets");
    for (name, _) in DECODERS {
        assert!(targets.join(format!("{name}.rs")).is_file(), "{name}");
    }
    assert_eq!(fs::read_dir(targets).expect("the targets").count(), DECODERS.len());
}

#[test]
fn every_reader_takes_nothing_and_noise() {
    let noise: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for (_, decode) in DECODERS {
        decode(&[]);
        (0..=64).for_each(|length| decode(&noise[..length]));
        decode(&noise);
    }
}
