//! Plain text from a file or from standard input, for `terms` and `mail`: UTF-8, so long and no longer, without control characters.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};

/// The text, its lines ended by `\n`. It may be empty.
pub(super) fn read(file: &Path, most_bytes: usize) -> anyhow::Result<String> {
    let name = name_of(file);
    let most = most_bytes as u64 + 1;
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(most).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("{name} cannot be read"))?;
    if bytes.len() > most_bytes {
        bail!("{name} is longer than {most_bytes} bytes; give the text itself, not a document of a word processor");
    }
    let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{name} is not plain text in UTF-8; save it as such"))?;
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    if let Some(odd) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        bail!("{name} holds the control character U+{:04X}; plain text has none", u32::from(odd));
    }
    Ok(text)
}

/// How the file is called in messages.
pub(super) fn name_of(file: &Path) -> String {
    if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}
