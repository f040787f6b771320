//! Writes the seeds of every fuzz target into the folder given, in a folder for each: see `farhand_tests::seeds`.

use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: farhand-seeds FOLDER")?;
    for (target, bytes) in farhand_tests::seeds::all()? {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        let sum = bytes.iter().fold(5381_u64, |sum, byte| sum.wrapping_mul(33) ^ u64::from(*byte));
        fs::write(folder.join(format!("seed-{sum:016x}")), bytes)?;
    }
    Ok(())
}
