//! Where the sign-in of a technician is kept: the token in the key ring of the system, or, where there is none, in a file that only its owner can
//! read, and the program says so. What is not secret (gateway, trust, e-mail) lies in a file beside it.

use std::{fs, path::PathBuf, time::Duration};

use farhand_protocol::error::{ErrorBody, ErrorCode};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::folders::{Folders, write_private};

const SERVICE: &str = "farhand";
/// A key ring that asks its user to unlock it may take this long before the file is used instead.
const PATIENCE: Duration = Duration::from_secs(4);

/// A kept sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSignIn {
    /// Origin of the gateway.
    pub gateway: String,
    /// Pin of its CA, if it has its own.
    pub trust: Option<String>,
    /// Address of the account.
    pub email: String,
}

/// Where a token went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Into the key ring.
    KeyRing,
    /// Into this file, because there is no key ring or it is locked.
    File(PathBuf),
}

/// Keeps sign-ins of one user.
#[derive(Debug, Clone)]
pub struct KeyStore {
    folder: PathBuf,
    use_key_ring: bool,
}

impl KeyStore {
    /// The store of this user; folders named for one run keep the key ring out of it.
    pub fn new(folders: &Folders) -> Self {
        Self {
            folder: folders.settings.clone(),
            use_key_ring: !folders.is_apart,
        }
    }

    /// A store that never asks the key ring.
    pub fn files_only(folders: &Folders) -> Self {
        Self {
            folder: folders.settings.clone(),
            use_key_ring: false,
        }
    }

    /// Keeps a sign-in; says where the token went.
    ///
    /// # Errors
    /// `storage.failed` when neither place takes it.
    pub async fn keep(&self, sign_in: &KeptSignIn, token: &str) -> Result<Kept, ErrorBody> {
        let json = serde_json::to_vec_pretty(sign_in).map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        write_private(&self.sign_in_file(), &json)?;
        let (account, secret) = (account(&sign_in.email, &sign_in.gateway), Zeroizing::new(token.to_owned()));
        let in_ring = self.ring(move || {
            let entry = keyring::Entry::new(SERVICE, &account).ok()?;
            entry.set_password(&secret).ok()?;
            // A locked ring takes a write and gives nothing back: only a read proves it.
            entry.get_password().ok().filter(|got| *got == *secret).map(drop)
        });
        if in_ring.await.is_some() {
            let _ = fs::remove_file(self.token_file());
            return Ok(Kept::KeyRing);
        }
        write_private(&self.token_file(), token.as_bytes())?;
        Ok(Kept::File(self.token_file()))
    }

    /// The kept sign-in with its token.
    pub async fn find(&self) -> Option<(KeptSignIn, Zeroizing<String>)> {
        let sign_in: KeptSignIn = serde_json::from_slice(&fs::read(self.sign_in_file()).ok()?).ok()?;
        if let Ok(token) = fs::read_to_string(self.token_file()) {
            return Some((sign_in, Zeroizing::new(token.trim().to_owned())));
        }
        let account = account(&sign_in.email, &sign_in.gateway);
        let token = self
            .ring(move || keyring::Entry::new(SERVICE, &account).ok()?.get_password().ok())
            .await?;
        Some((sign_in, Zeroizing::new(token)))
    }

    /// What was typed last, for the sign-in form; no secret.
    pub fn last_sign_in(&self) -> Option<KeptSignIn> {
        serde_json::from_slice(&fs::read(self.sign_in_file()).ok()?).ok()
    }

    /// Forgets the token; gateway and address stay for the form.
    pub async fn forget(&self) {
        let _ = fs::remove_file(self.token_file());
        if let Some(sign_in) = self.last_sign_in() {
            self.forget_in_ring(account(&sign_in.email, &sign_in.gateway)).await;
        }
    }

    /// Forgets the token of this account, and of no other that may be kept by now.
    pub async fn forget_account(&self, gateway: &str, email: &str) {
        let its = account(email, gateway);
        if self.last_sign_in().is_some_and(|kept| account(&kept.email, &kept.gateway) == its) {
            let _ = fs::remove_file(self.token_file());
        }
        self.forget_in_ring(its).await;
    }

    async fn forget_in_ring(&self, account: String) {
        self.ring(move || keyring::Entry::new(SERVICE, &account).ok()?.delete_credential().ok())
            .await;
    }

    /// Asks the key ring off the async threads, and not for ever.
    async fn ring<T: Send + 'static>(&self, ask: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
        if !self.use_key_ring {
            return None;
        }
        tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(ask)).await.ok()?.ok()?
    }

    fn sign_in_file(&self) -> PathBuf {
        self.folder.join("sign-in.json")
    }

    fn token_file(&self) -> PathBuf {
        self.folder.join("token")
    }
}

fn account(email: &str, gateway: &str) -> String {
    format!("{email} {gateway}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_is_kept_found_and_forgotten_in_a_private_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore::files_only(&Folders::below(folder.path()));
        let sign_in = KeptSignIn {
            gateway: "https://h".into(),
            trust: None,
            email: "a@b.c".into(),
        };
        let Kept::File(path) = store.keep(&sign_in, "secret").await.unwrap() else {
            panic!("no key ring was to be asked")
        };
        assert!(path.starts_with(folder.path()));
        let (found, token) = store.find().await.unwrap();
        assert_eq!((found, token.as_str()), (sign_in, "secret"));
        store.forget().await;
        assert!(store.find().await.is_none());
        assert!(store.last_sign_in().is_some());
    }

    #[tokio::test]
    async fn whoever_is_kept_by_now_is_not_forgotten_with_another() {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore::files_only(&Folders::below(folder.path()));
        let sign_in = |email: &str| KeptSignIn {
            gateway: "https://h".into(),
            trust: None,
            email: email.into(),
        };
        store.keep(&sign_in("a@b.c"), "first").await.unwrap();
        store.keep(&sign_in("d@e.f"), "second").await.unwrap();
        for (gateway, email) in [("https://h", "a@b.c"), ("https://other", "d@e.f")] {
            store.forget_account(gateway, email).await;
            assert_eq!(store.find().await.unwrap().1.as_str(), "second");
        }
        store.forget_account("https://h", "d@e.f").await;
        assert!(store.find().await.is_none());
    }
}
