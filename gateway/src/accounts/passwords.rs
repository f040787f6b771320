//! Passwords as Argon2id hashes (19 MiB, two passes). Few are computed at once, so that sign-ins cannot eat the machine; an unknown account costs
//! as much as a known one.

use std::sync::Arc;
use std::time::Duration;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use farhand_protocol::error::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use crate::error::{HttpError, Result};

/// Fewest characters of a new password.
pub const MIN_PASSWORD_CHARS: usize = 10;
const MAX_PASSWORD_BYTES: usize = 1024;
const MIN_DISTINCT_CHARS: usize = 4;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Hashes computed at once; each holds 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Nobody waits longer than this for a turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// A turn to compute; what an answer depends on is asked and counted while it is held, so that a burst cannot run ahead of its limit.
#[derive(Debug)]
pub struct Turn(#[allow(dead_code, reason = "held, not used")] OwnedSemaphorePermit);

/// The hasher and its queue.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Hash of a password nobody has, checked when the account is unknown.
    decoy: Arc<str>,
}

impl Passwords {
    /// A hasher.
    pub fn new() -> Result<Self> {
        let nobody = crate::secret::new_bearer("").map_err(HttpError::internal)?;
        Ok(Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: hash_now(&nobody)?.into(),
        })
    }

    /// The text to store of a password.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = Zeroizing::new(password.to_owned());
        in_turn(self.turn().await?, move || hash_now(&password)).await?.0
    }

    /// True when the password fits the hash; with no hash the same work is done and nothing fits.
    pub async fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool> {
        let turn = self.turn().await?;
        self.verify_in(turn, password, hash).await.map(|(fits, _)| fits)
    }

    /// The same in a turn that is held already, and is given back.
    pub async fn verify_in(&self, turn: Turn, password: &str, hash: Option<&str>) -> Result<(bool, Turn)> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let password = Zeroizing::new(password.chars().take(MAX_PASSWORD_BYTES).collect::<String>());
        let (fits, turn) = in_turn(turn, move || verify_now(&password, &hash)).await?;
        Ok((fits && known, turn))
    }

    /// Waits for a turn, not too long.
    pub async fn turn(&self) -> Result<Turn> {
        let busy = || {
            HttpError(
                farhand_protocol::error::ErrorBody::new(ErrorCode::AuthLimited, "too many sign-ins at once; try again").retry_after(5),
            )
        };
        tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| busy())?
            .map(Turn)
            .map_err(|_| busy())
    }
}

/// The turn is taken for as long as the work takes, also when nobody waits for it any more.
async fn in_turn<T: Send + 'static>(turn: Turn, work: impl FnOnce() -> T + Send + 'static) -> Result<(T, Turn)> {
    tokio::task::spawn_blocking(move || (work(), turn))
        .await
        .map_err(HttpError::internal)
}

/// Refuses a password that is too short, too long, or repeats the same few characters.
pub fn check_new_password(password: &str, email: &str) -> Result<()> {
    let weak = |why: String| Err(HttpError::new(ErrorCode::AuthWeakPassword, why));
    let distinct: std::collections::BTreeSet<char> = password.chars().collect();
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return weak(format!("a password has at least {MIN_PASSWORD_CHARS} characters"));
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return weak(format!("a password has at most {MAX_PASSWORD_BYTES} bytes"));
    }
    if distinct.len() < MIN_DISTINCT_CHARS || password.eq_ignore_ascii_case(email) {
        return weak("this password is too easy to guess".into());
    }
    Ok(())
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(HttpError::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String> {
    argon2()?
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(HttpError::internal)
}

fn verify_now(password: &str, hash: &str) -> bool {
    let Ok(argon2) = argon2() else { return false };
    PasswordHash::new(hash).is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_hash_alone_and_never_the_decoy() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("correct horse ", Some(&hash)).await.unwrap());
        assert!(!passwords.verify("correct horse", None).await.unwrap());
    }

    #[test]
    fn short_and_monotonous_passwords_are_refused() {
        assert!(check_new_password("nine char", "a@b").is_err());
        assert!(check_new_password("aaaaaaaaaaaa", "a@b").is_err());
        assert!(check_new_password("ada@example.org", "Ada@example.org").is_err());
        assert!(check_new_password("ten chars!", "a@b").is_ok());
    }
}
