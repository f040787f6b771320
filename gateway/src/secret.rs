//! Random secrets and how they are kept: 256-bit tokens of which only a hash is stored, keyed hashes of codes, and files that only
//! the owner reads.

use std::fs::{DirBuilder, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use atomic_write_file::{AtomicWriteFile, unix::OpenOptionsExt as _};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Prefix of a technician's token.
pub const TOKEN_PREFIX: &str = "fht_";
/// Prefix of an applet's credential.
pub const CREDENTIAL_PREFIX: &str = "fha_";

/// Random bytes of the operating system.
pub fn random_bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| io::Error::other(e.to_string()))?;
    Ok(bytes)
}

/// A new bearer secret with 256 random bits.
pub fn new_bearer(prefix: &str) -> io::Result<String> {
    let bytes = Zeroizing::new(random_bytes::<32>()?);
    Ok(bearer_from(prefix, &bytes))
}

/// A bearer secret of these bits, which nobody else can know.
pub fn bearer_from(prefix: &str, bytes: &[u8; 32]) -> String {
    format!("{prefix}{}", BASE64URL_NOPAD.encode(bytes))
}

/// What is stored of a bearer secret; 256 random bits need no salt.
pub fn bearer_hash(bearer: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(bearer.as_bytes()))
}

/// HMAC-SHA-256 (RFC 2104).
pub fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let inner = parts
        .iter()
        .fold(Sha256::new().chain_update(pad(0x36)), |hash, part| hash.chain_update(part))
        .finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

/// Makes a folder that only the owner enters (0700), parents included.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    std::fs::set_permissions(path, Permissions::from_mode(0o700))?;
    // What is put into it is only as lasting as its own name.
    path.parent().map_or(Ok(()), |parent| std::fs::File::open(parent)?.sync_all())
}

/// A file that only the owner reads (0600). It is there, whole, once it is committed, and before that it is not.
pub fn private_file(path: &Path) -> io::Result<AtomicWriteFile> {
    AtomicWriteFile::options().mode(0o600).preserve_mode(false).open(path)
}

/// Writes a file that only the owner reads (0600), whole or not at all; once it is back, file and folder are on disk.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private_file(path)?;
    file.write_all(bytes)?;
    file.commit()
}

/// Makes an existing file private; one that is not there is left so.
pub fn write_private_mode(path: &Path) -> io::Result<()> {
    if path.exists() {
        std::fs::set_permissions(path, Permissions::from_mode(0o600))
    } else {
        Ok(())
    }
}

/// Permission bits of a file or folder.
pub fn mode_of(path: &Path) -> io::Result<u32> {
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o777)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyed_hash_is_hmac_sha256() {
        // RFC 4231, case 2, with the key padded by zeros as HMAC does.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let mac = hmac_sha256(&key, &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(
            HEXLOWER.encode(&mac),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_private_file_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("a/b");
        private_folder(&inside).unwrap();
        write_private(&inside.join("k"), b"x").unwrap();
        assert_eq!(mode_of(&inside).unwrap(), 0o700);
        assert_eq!(mode_of(&inside.join("k")).unwrap(), 0o600);
    }

    #[test]
    fn bearers_differ_and_only_their_hash_is_kept() {
        let (a, b) = (new_bearer(TOKEN_PREFIX).unwrap(), new_bearer(TOKEN_PREFIX).unwrap());
        assert_ne!(a, b);
        assert!(!bearer_hash(&a).contains(&a[4..]));
    }
}
