//! `backup`: one private file in the tar format with the database, consistent at one moment, the keys, the certificates and the settings. PostgreSQL is
//! saved by `pg_dump`; the file then holds the rest.

use std::path::Path;

use anyhow::{Context, bail};

use super::{DataArgs, config};
use crate::{
    db::{Db, Location},
    folder::Folder,
    secret::{private_folder, write_private},
    serve::now,
};

const BLOCK: usize = 512;

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
    let mut archive = Vec::new();
    for inside in [folder.keys(), folder.tls(), folder.downloads()] {
        append_folder(&mut archive, &name_in(&folder, &inside)?)?;
    }
    if matches!(location, Location::File(_)) {
        let copy = copy_of_database(&folder, &location).await.with_context(|| {
            format!(
                "the database could not be copied inside {}; nothing was saved",
                folder.root().display()
            )
        })?;
        append(&mut archive, "gateway.db", &copy)?;
    }
    for path in files(&folder)? {
        append(
            &mut archive,
            &name_in(&folder, &path)?,
            &std::fs::read(&path).with_context(|| path.display().to_string())?,
        )?;
    }
    archive.extend_from_slice(&[0; 2 * BLOCK]);
    write_private(to, &archive).with_context(|| format!("{} could not be written; nothing was saved", to.display()))?;
    println!(
        "saved {} ({} bytes); it holds keys: keep it safe. Restore: stop the gateway, tar -xf it into an empty data folder, serve from there",
        to.display(),
        archive.len()
    );
    if matches!(location, Location::Url(_)) {
        println!("the database is PostgreSQL: save it with pg_dump beside this file");
    }
    Ok(())
}

/// `VACUUM INTO` copies at one moment, also beside a gateway that runs.
async fn copy_of_database(folder: &Folder, location: &Location) -> anyhow::Result<Vec<u8>> {
    let inside = folder.root().join("backup.tmp");
    private_folder(&inside)?;
    let copy = inside.join("gateway.db");
    let _ = std::fs::remove_file(&copy);
    // As it is: a copy is wanted most before a new version changes the tables.
    let db = Db::connect(location).await?;
    let copied = db.copy_to(&copy).await;
    db.close().await;
    let bytes = copied.map_err(anyhow::Error::from).and_then(|()| Ok(std::fs::read(&copy)?));
    std::fs::remove_dir_all(&inside)?;
    bytes
}

fn files(folder: &Folder) -> anyhow::Result<Vec<std::path::PathBuf>> {
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

/// One folder, mode 0700, so that it is as private when it is restored.
fn append_folder(archive: &mut Vec<u8>, name: &str) -> anyhow::Result<()> {
    append_entry(archive, &format!("{name}/"), "0000700", "5", &[])
}

/// One file, mode 0600.
fn append(archive: &mut Vec<u8>, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    append_entry(archive, name, "0000600", "0", bytes)
}

/// An entry in the ustar format (POSIX.1-1988).
fn append_entry(archive: &mut Vec<u8>, name: &str, mode: &str, kind: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let mut header = [0u8; BLOCK];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    if name.len() > 99 {
        bail!("{name} is too long a name");
    }
    put(0, name);
    put(100, mode);
    put(108, "0000000");
    put(116, "0000000");
    put(124, &format!("{:011o}", bytes.len()));
    put(136, &format!("{:011o}", now().0 / 1000));
    put(148, "        ");
    put(156, kind);
    put(257, "ustar");
    put(263, "00");
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    archive.extend_from_slice(&header);
    archive.extend_from_slice(bytes);
    archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    Ok(())
}
