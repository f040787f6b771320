//! The data folder and the keys in it. Everything secret is 0600 inside a 0700 folder.
//!
//! ```text
//! D/gateway.toml          settings (flags and environment go before it)
//! D/gateway.db            SQLite, unless a database URL is set
//! D/keys/signing.key      Ed25519 seed the gateway signs tickets with, hex
//! D/keys/codes.key        key of the stored hashes of codes and of proof-of-work seeds, hex
//! D/tls/ca.{pem,key}      the gateway's own CA
//! D/tls/leaf.{pem,key}    the certificate it serves, renewed by `serve`
//! D/downloads/            applets for the join page
//! ```

use std::io;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use ed25519_dalek::SigningKey;
use farhand_protocol::ticket::GatewayKey;
use zeroize::Zeroizing;

use crate::secret::{private_folder, random_bytes, write_private};

/// Paths inside the data folder.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The data folder at this path.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Settings.
    pub fn config_file(&self) -> PathBuf {
        self.root.join("gateway.toml")
    }

    /// Database file of SQLite.
    pub fn database_file(&self) -> PathBuf {
        self.root.join("gateway.db")
    }

    /// Folder of signing and hashing keys.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Folder of certificates.
    pub fn tls(&self) -> PathBuf {
        self.root.join("tls")
    }

    /// Folder of the applets offered for download.
    pub fn downloads(&self) -> PathBuf {
        self.root.join("downloads")
    }

    /// Keeps a second `serve` off this folder until the value goes, also after a kill.
    pub fn claim(&self) -> io::Result<std::fs::File> {
        let path = self.root.join("serve.lock");
        if !path.exists() {
            write_private(&path, b"")?;
        }
        let file = std::fs::File::open(&path)?;
        file.try_lock()
            .map_err(|_| io::Error::new(io::ErrorKind::WouldBlock, format!("another `serve` uses {}", self.root.display())))?;
        Ok(file)
    }

    /// True when `init` has been here.
    pub fn is_initialised(&self) -> bool {
        self.keys().join("signing.key").exists()
    }

    /// Makes the folders.
    pub fn create(&self) -> io::Result<()> {
        for folder in [self.root.clone(), self.keys(), self.tls(), self.downloads()] {
            private_folder(&folder)?;
        }
        Ok(())
    }

    /// Files and folders that must be private, for `doctor` and `backup`.
    pub fn secrets(&self) -> Vec<PathBuf> {
        [
            self.keys().join("signing.key"),
            self.keys().join("codes.key"),
            self.tls().join("ca.key"),
            self.tls().join("leaf.key"),
            self.database_file(),
            self.config_file(),
        ]
        .into_iter()
        .filter(|path| path.exists())
        .collect()
    }
}

/// The keys the gateway signs and hashes with.
pub struct Keys {
    /// Signs tickets, ceiling updates and relay tokens.
    pub signing: SigningKey,
    /// Keys the hashes of codes and the seeds of proofs of work.
    pub codes: Zeroizing<[u8; 32]>,
}

impl Keys {
    /// Fresh keys.
    pub fn generate() -> io::Result<Self> {
        Ok(Self {
            signing: SigningKey::from_bytes(&random_bytes::<32>()?),
            codes: Zeroizing::new(random_bytes::<32>()?),
        })
    }

    /// Writes them into the folder.
    pub fn save(&self, folder: &Folder) -> io::Result<()> {
        let hex = |bytes: &[u8; 32]| Zeroizing::new(HEXLOWER.encode(bytes));
        write_private(&folder.keys().join("codes.key"), hex(&self.codes).as_bytes())?;
        write_private(&folder.keys().join("signing.key"), hex(&self.signing.to_bytes()).as_bytes())
    }

    /// Reads them from the folder.
    pub fn load(folder: &Folder) -> io::Result<Self> {
        Ok(Self {
            signing: SigningKey::from_bytes(&*read_key(&folder.keys().join("signing.key"))?),
            codes: read_key(&folder.keys().join("codes.key"))?,
        })
    }

    /// The public half tickets are checked with.
    pub fn gateway_key(&self) -> GatewayKey {
        GatewayKey(self.signing.verifying_key().to_bytes())
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

fn read_key(path: &Path) -> io::Result<Zeroizing<[u8; 32]>> {
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))?);
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, format!("{} is damaged", path.display()));
    let bytes = Zeroizing::new(HEXLOWER.decode(text.trim().as_bytes()).map_err(|_| damaged())?);
    Ok(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| damaged())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_same_after_saving_and_loading() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path().join("d"));
        folder.create().unwrap();
        let keys = Keys::generate().unwrap();
        keys.save(&folder).unwrap();
        let again = Keys::load(&folder).unwrap();
        assert_eq!(again.gateway_key(), keys.gateway_key());
        assert_eq!(*again.codes, *keys.codes);
        std::fs::write(folder.keys().join("codes.key"), "zz").unwrap();
        assert!(Keys::load(&folder).is_err());
    }
}
