//! `backup`: one private file in the tar format with the database, consistent at one moment, the keys, the certificates and the settings. PostgreSQL is
//! saved by `pg_dump`; the file then holds the rest.

use std::fs::File;
use std::io::{Read, Write, copy, empty, repeat};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::{DataArgs, config};
use crate::{
    db::{Db, Location},
    folder::Folder,
    secret::{private_file, private_folder},
    serve::now,
};

const BLOCK: u64 = 512;
/// What fits into the header: twelve octal digits.
const LARGEST_FILE: u64 = (1 << 36) - 1;

pub(super) async fn run(data: DataArgs, to: &Path) -> anyhow::Result<()> {
    let (folder, _, location) = config::resolve(&data)?;
    if !folder.is_initialised() {
        bail!("{} holds no gateway", folder.root().display());
    }
    if let Location::File(path) = &location
        && !path.exists()
    {
        bail!("{} holds no database", folder.root().display());
    }
    if to.exists() {
        bail!("{} exists already; nothing was written", to.display());
    }
    let database = match &location {
        Location::Url(_) => None,
        Location::File(_) => Some(DatabaseCopy::make(&folder, &location).await.with_context(|| {
            format!(
                "the database could not be copied inside {}; nothing was saved",
                folder.root().display()
            )
        })?),
    };
    let bytes =
        write(&folder, database.as_ref(), to).with_context(|| format!("{} could not be written; nothing was saved", to.display()))?;
    println!(
        "saved {} ({bytes} bytes); it holds keys: keep it safe. Restore: stop the gateway, tar -xf it into an empty data folder, serve from there",
        to.display()
    );
    if matches!(location, Location::Url(_)) {
        println!("the database is PostgreSQL: save it with pg_dump beside this file");
    }
    Ok(())
}

/// The length of the archive, which is there only when all is in it.
fn write(folder: &Folder, database: Option<&DatabaseCopy>, to: &Path) -> anyhow::Result<u64> {
    let mut archive = Archive::new(private_file(to)?);
    for inside in [folder.keys(), folder.tls(), folder.downloads()] {
        archive.append_folder(&name_in(folder, &inside)?)?;
    }
    if let Some(copy) = database {
        archive.append_file("gateway.db", &copy.file())?;
    }
    for path in files(folder)? {
        archive.append_file(&name_in(folder, &path)?, &path)?;
    }
    let (file, bytes) = archive.finish()?;
    file.commit()?;
    Ok(bytes)
}

/// The database as it was at one moment, in a folder of its own that goes with the value.
struct DatabaseCopy {
    inside: PathBuf,
}

impl DatabaseCopy {
    /// `VACUUM INTO` copies at one moment, also beside a gateway that runs.
    async fn make(folder: &Folder, location: &Location) -> anyhow::Result<Self> {
        let copy = Self {
            inside: folder.root().join("backup.tmp"),
        };
        private_folder(&copy.inside)?;
        let _ = std::fs::remove_file(copy.file());
        // As it is: a copy is wanted most before a new version changes the tables.
        let db = Db::connect(location).await?;
        let copied = db.copy_to(&copy.file()).await;
        db.close().await;
        copied?;
        Ok(copy)
    }

    fn file(&self) -> PathBuf {
        self.inside.join("gateway.db")
    }
}

impl Drop for DatabaseCopy {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.inside);
    }
}

fn files(folder: &Folder) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = vec![folder.config_file()];
    for inside in [folder.keys(), folder.tls()] {
        for entry in std::fs::read_dir(&inside)? {
            files.push(entry?.path());
        }
    }
    // A name that begins with a dot is a file that was being written when the power went.
    files.retain(|path| path.is_file() && !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
    files.sort();
    Ok(files)
}

fn name_in(folder: &Folder, path: &Path) -> anyhow::Result<String> {
    let name = path.strip_prefix(folder.root()).context("a file outside the folder")?;
    Ok(name.to_string_lossy().into_owned())
}

/// An archive under way, in the ustar format (POSIX.1-1988). Files go through it piece by piece, since a database may be larger than the memory.
struct Archive<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Archive<W> {
    fn new(out: W) -> Self {
        Self { out, bytes: 0 }
    }

    /// One folder, mode 0700, so that it is as private when it is restored.
    fn append_folder(&mut self, name: &str) -> anyhow::Result<()> {
        self.append(&header(&format!("{name}/"), "0000700", "5", 0)?, 0, empty())
    }

    /// One file, mode 0600.
    fn append_file(&mut self, name: &str, path: &Path) -> anyhow::Result<()> {
        let shown = || path.display().to_string();
        let file = File::open(path).with_context(shown)?;
        let length = file.metadata().with_context(shown)?.len();
        self.append(&header(name, "0000600", "0", length)?, length, file.take(length))
            .with_context(shown)
    }

    fn append(&mut self, header: &[u8], length: u64, content: impl Read) -> anyhow::Result<()> {
        self.out.write_all(header)?;
        let mut padded = content.chain(repeat(0).take(length.next_multiple_of(BLOCK) - length));
        let written = copy(&mut padded, &mut self.out)?;
        if written != length.next_multiple_of(BLOCK) {
            bail!("it became shorter while it was saved");
        }
        self.bytes += BLOCK + written;
        Ok(())
    }

    /// Two empty blocks end it; what it was written into, and its length.
    fn finish(mut self) -> std::io::Result<(W, u64)> {
        let end = copy(&mut repeat(0).take(2 * BLOCK), &mut self.out)?;
        Ok((self.out, self.bytes + end))
    }
}

fn header(name: &str, mode: &str, kind: &str, length: u64) -> anyhow::Result<[u8; BLOCK as usize]> {
    let mut header = [0u8; BLOCK as usize];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    if name.len() > 99 {
        bail!("{name} is too long a name");
    }
    if length > LARGEST_FILE {
        bail!("{name} is too large a file");
    }
    put(0, name);
    put(100, mode);
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{length:011o}"));
    put(136, &format!("{:011o}", now().0 / 1000));
    put(148, "        ");
    put(156, kind);
    put(257, "ustar");
    put(263, "00");
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_a_header_and_whole_blocks_and_two_empty_blocks_end_the_archive() {
        let temp = tempfile::tempdir().unwrap();
        let (block, long) = (BLOCK as usize, temp.path().join("k"));
        std::fs::write(&long, vec![7; block + 1]).unwrap();
        let mut archive = Archive::new(Vec::new());
        archive.append_folder("keys").unwrap();
        archive.append_file("keys/k", &long).unwrap();
        let (out, bytes) = archive.finish().unwrap();
        assert_eq!((out.len(), bytes), (6 * block, 6 * BLOCK));
        assert!(out.starts_with(b"keys/\0") && out[block..].starts_with(b"keys/k\0"));
        assert!(out[2 * block..3 * block + 1].iter().all(|byte| *byte == 7));
        assert!(out[3 * block + 1..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn a_file_that_became_shorter_is_not_saved_as_if_it_were_whole() {
        let mut archive = Archive::new(Vec::new());
        let announced = header("k", "0000600", "0", 5).unwrap();
        assert!(archive.append(&announced, 5, &b"four"[..]).is_err());
        assert!(header("k", "0000600", "0", LARGEST_FILE + 1).is_err());
    }
}
