//! What is fuzzed with is worth it, and harms no reader: the committed corpus of each (`fuzz/corpus/NAME/`) and the seeds it began with.
//!
//! `tests/fuzz/run.sh` adds to the corpus what reaches code that nothing in it reaches. Here it is read without a fuzzer, so that every change of a
//! reader meets it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use farhand_tests::decoders::DECODERS;
use farhand_tests::seeds;

/// Fewer inputs than this reach next to nothing of a reader.
const LEAST_INPUTS: usize = 8;
/// It is cloned with the sources: small inputs, and not many.
const MOST_BYTES: u64 = 1_000_000;
const MOST_INPUT_BYTES: u64 = 64 << 10;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

fn inputs(reader: &str) -> Vec<PathBuf> {
    let folder = corpus().join(reader);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn every_reader_has_a_corpus_and_takes_all_of_it_without_harm() {
    for (name, decode) in DECODERS {
        let inputs = inputs(name);
        assert!(inputs.len() >= LEAST_INPUTS, "{name} has {} inputs", inputs.len());
        for input in inputs {
            // Named by the test's own output, should it be the one that breaks the reader.
            println!("{}", input.display());
            decode(&fs::read(input).expect("an input"));
        }
    }
}

#[test]
fn the_corpus_is_small_and_belongs_to_the_readers() {
    let folders = fs::read_dir(corpus()).expect("the corpus").map(|entry| entry.expect("an entry"));
    let folders: BTreeSet<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(folders, DECODERS.iter().map(|(name, _)| (*name).to_owned()).collect());
    let mut whole = 0;
    for input in DECODERS.iter().flat_map(|(name, _)| inputs(name)) {
        let length = input.metadata().expect("an input").len();
        assert!(length <= MOST_INPUT_BYTES, "{} has {length} bytes", input.display());
        whole += length;
    }
    assert!(whole <= MOST_BYTES, "{whole} bytes");
}

#[test]
fn every_reader_has_seeds_and_takes_them_without_harm() {
    let mut seeds: BTreeMap<&str, Vec<Vec<u8>>> = BTreeMap::new();
    for (target, bytes) in seeds::all().expect("the seeds") {
        seeds.entry(target).or_default().push(bytes);
    }
    for (name, decode) in DECODERS {
        let seeds = seeds.remove(name).unwrap_or_else(|| panic!("{name} has no seeds"));
        seeds.iter().for_each(|seed| decode(seed));
    }
    assert!(seeds.is_empty(), "seeds of no reader: {:?}", seeds.keys());
}
