//! Certificates: the gateway's own CA, made at `init` and pinned by its trust value (DESIGN, "Trust"), the leaf it serves, renewed in good time, or
//! a PEM from elsewhere, which needs no pin. The chain served includes the CA, so that a client can check the pin.

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use farhand_protocol::{code::Trust, time::Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData,
};
use rustls::{
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{folder::Folder, secret::write_private, serve::now};

const CA_DAYS: u64 = 3650;
const LEAF_DAYS: u64 = 397;
/// A leaf with less left is renewed.
const RENEW_DAYS: i64 = 60;
const DAY_MILLIS: i64 = 86_400_000;
const DAY: Duration = Duration::from_secs(86_400);

/// Why there is no certificate to serve.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("certificate file {0}: {1}")]
    File(String, io::Error),
    /// A PEM file does not hold what it should.
    #[error("{0} does not hold a {1} in PEM")]
    Pem(String, &'static str),
    /// Making or signing failed.
    #[error("the certificate could not be made: {0}")]
    Make(#[from] rcgen::Error),
    /// The certificate and key cannot be used.
    #[error("the certificate cannot be used: {0}")]
    Rustls(#[from] rustls::Error),
}

/// The gateway's own CA.
pub struct OwnCa {
    pem: String,
    key: KeyPair,
}

impl OwnCa {
    /// A new CA for this organisation, saved in the folder.
    pub fn create(folder: &Folder, organisation: &str) -> Result<Self, TlsError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, format!("Farhand gateway CA of {organisation}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        valid_for(&mut params, CA_DAYS);
        let pem = params.self_signed(&key)?.pem();
        save(&folder.tls().join("ca.key"), key.serialize_pem().as_bytes())?;
        save(&folder.tls().join("ca.pem"), pem.as_bytes())?;
        Ok(Self { pem, key })
    }

    /// True when a CA was made here; its certificate is written last.
    pub fn exists(folder: &Folder) -> bool {
        folder.tls().join("ca.pem").exists()
    }

    /// The CA in the folder.
    pub fn load(folder: &Folder) -> Result<Self, TlsError> {
        let pem = read(&folder.tls().join("ca.pem"))?;
        let key = KeyPair::from_pem(&read(&folder.tls().join("ca.key"))?)?;
        Ok(Self { pem, key })
    }

    /// SHA-256 of its public key, which clients pin.
    pub fn trust(&self) -> Trust {
        Trust(Sha256::digest(self.key.subject_public_key_info()).into())
    }

    /// A leaf for these names: the one in the folder while it fits and lasts, else a new one.
    pub fn leaf(&self, folder: &Folder, names: &[String]) -> Result<Arc<CertifiedKey>, TlsError> {
        let (cert, key, note) = (
            folder.tls().join("leaf.pem"),
            folder.tls().join("leaf.key"),
            folder.tls().join("leaf.names"),
        );
        let wanted = names.join("\n");
        let fits = std::fs::read_to_string(&note).is_ok_and(|have| have.trim_end() == wanted);
        let lasts = not_after(&cert).is_ok_and(|end| end.since_millis(now()) > RENEW_DAYS * DAY_MILLIS);
        // Written one after the other: a power cut in between leaves a key and a certificate that do not belong together.
        if fits
            && lasts
            && let Ok(leaf) = certified_key(&cert, &key)
        {
            return Ok(leaf);
        }
        self.issue(&cert, &key, names)?;
        save(&note, wanted.as_bytes())?;
        certified_key(&cert, &key)
    }

    fn issue(&self, cert: &Path, key: &Path, names: &[String]) -> Result<(), TlsError> {
        let leaf_key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::CommonName, names.first().map_or("farhand-gateway", String::as_str));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        valid_for(&mut params, LEAF_DAYS);
        let issuer = Issuer::from_ca_cert_pem(&self.pem, &self.key)?;
        let leaf = params.signed_by(&leaf_key, &issuer)?;
        save(key, leaf_key.serialize_pem().as_bytes())?;
        save(cert, format!("{}{}", leaf.pem(), self.pem).as_bytes())
    }
}

/// Names the leaf must hold: the public host, the relay's, `localhost`, loopback and the listen address.
pub fn leaf_names<'a>(hosts: impl IntoIterator<Item = &'a str>, listen: IpAddr) -> Vec<String> {
    let mut names: Vec<String> = hosts.into_iter().map(|host| host.trim_matches(['[', ']']).to_owned()).collect();
    names.extend(["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()]);
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// When the first certificate of a PEM file ends.
pub fn not_after(cert: &Path) -> Result<Timestamp, TlsError> {
    let wrong = || TlsError::Pem(cert.display().to_string(), "certificate");
    let der = CertificateDer::from_pem_slice(read(cert)?.as_bytes()).map_err(|_| wrong())?;
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).map_err(|_| wrong())?;
    Ok(Timestamp(parsed.validity().not_after.timestamp() * 1000))
}

/// Certificate and key from PEM files.
pub fn certified_key(cert: &Path, key: &Path) -> Result<Arc<CertifiedKey>, TlsError> {
    let shown = |path: &Path| path.display().to_string();
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(read(cert)?.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::Pem(shown(cert), "certificate"))?;
    if chain.is_empty() {
        return Err(TlsError::Pem(shown(cert), "certificate"));
    }
    let key_der = PrivateKeyDer::from_pem_slice(read(key)?.as_bytes()).map_err(|_| TlsError::Pem(shown(key), "private key"))?;
    let certified = CertifiedKey::new(chain, ring::sign::any_supported_type(&key_der)?);
    certified.keys_match().or_else(|e| {
        if matches!(e, rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) {
            Ok(())
        } else {
            Err(e)
        }
    })?;
    Ok(Arc::new(certified))
}

/// The certificate being served; it can be exchanged while connections go on.
#[derive(Debug)]
pub struct Served(RwLock<Arc<CertifiedKey>>);

impl Served {
    /// Serves this one.
    pub fn new(key: Arc<CertifiedKey>) -> Arc<Self> {
        Arc::new(Self(RwLock::new(key)))
    }

    /// Serves another from now on.
    pub fn replace(&self, key: Arc<CertifiedKey>) {
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = key;
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone())
    }
}

/// Server configuration for HTTPS with these protocols, or for address discovery with none.
pub fn server_config(served: Arc<Served>, alpn: &[&[u8]]) -> Result<rustls::ServerConfig, TlsError> {
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(served);
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    Ok(config)
}

/// Times are set back a day, for clients whose clocks are late.
fn valid_for(params: &mut CertificateParams, days: u64) {
    let now = SystemTime::now();
    params.not_before = (now - DAY).into();
    params.not_after = (now + DAY * days as u32).into();
}

fn read(path: &Path) -> Result<String, TlsError> {
    std::fs::read_to_string(path).map_err(|e| TlsError::File(path.display().to_string(), e))
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), TlsError> {
    write_private(path, bytes).map_err(|e| TlsError::File(path.display().to_string(), e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::new(temp.path().join("d"));
        folder.create().unwrap();
        (temp, folder)
    }

    #[test]
    fn the_leaf_is_kept_until_its_names_change_and_the_chain_ends_in_the_pinned_ca() {
        let (_temp, folder) = folder();
        let ca = OwnCa::create(&folder, "ACME").unwrap();
        assert_eq!(OwnCa::load(&folder).unwrap().trust(), ca.trust());
        let names = leaf_names(["support.example.org", "relay.example.org"], IpAddr::from([10, 0, 0, 1]));
        assert!(names.contains(&"10.0.0.1".to_owned()) && names.contains(&"relay.example.org".to_owned()));
        let first = ca.leaf(&folder, &names).unwrap();
        assert_eq!(ca.leaf(&folder, &names).unwrap().cert, first.cert);
        assert_eq!(first.cert.len(), 2, "the CA is served too");
        let other = ca
            .leaf(&folder, &leaf_names(["b.example.org"], IpAddr::from([0, 0, 0, 0])))
            .unwrap();
        assert_ne!(other.cert[0], first.cert[0]);
        assert_eq!(other.cert[1], first.cert[1]);
        let stray = KeyPair::generate().unwrap().serialize_pem();
        save(&folder.tls().join("leaf.key"), stray.as_bytes()).unwrap();
        let mended = ca
            .leaf(&folder, &leaf_names(["b.example.org"], IpAddr::from([0, 0, 0, 0])))
            .unwrap();
        assert_ne!(mended.cert[0], other.cert[0], "a key of another certificate is replaced with it");
        let days = not_after(&folder.tls().join("leaf.pem")).unwrap().since_millis(now()) / DAY_MILLIS;
        assert!((390..=397).contains(&days), "{days}");
    }
}
