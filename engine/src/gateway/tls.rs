//! How a gateway's certificate is recognised. With a pin: the chain it shows must contain a CA whose public key has that SHA-256, and must
//! hold under that CA for the name dialled. Without: the roots of the operating system. Never: no check at all.

use std::sync::Arc;

use farhand_protocol::{
    code::Trust,
    error::{ErrorBody, ErrorCode},
};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest, Sha256};

/// A client configuration for this pin, or for the system's roots.
///
/// # Errors
/// When the system's roots are needed and there are none.
pub fn client_config(trust: Option<Trust>) -> Result<ClientConfig, ErrorBody> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new(trust, provider.clone())?;
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|builder| {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
                .with_no_client_auth()
        })
        .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))
}

/// Checks server certificates for HTTPS, relay and address discovery alike.
#[derive(Debug)]
pub struct Verifier {
    roots: Roots,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Roots {
    Pinned(Trust),
    System(Arc<WebPkiServerVerifier>),
}

impl Verifier {
    /// A verifier for a pinned CA, or for the system's roots.
    ///
    /// # Errors
    /// When the system's roots are needed and there are none.
    pub fn new(trust: Option<Trust>, provider: Arc<CryptoProvider>) -> Result<Self, ErrorBody> {
        let roots = match trust {
            Some(trust) => Roots::Pinned(trust),
            None => {
                let mut store = RootCertStore::empty();
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                if store.is_empty() {
                    return Err(ErrorBody::new(
                        ErrorCode::GatewayUnpinned,
                        "this system has no root certificates; give the gateway's trust value",
                    ));
                }
                let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone()).build();
                Roots::System(verifier.map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?)
            }
        };
        Ok(Self { roots, provider })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verifier = match &self.roots {
            Roots::System(verifier) => verifier.clone(),
            Roots::Pinned(trust) => {
                let store = intermediates
                    .iter()
                    .find_map(|cert| pinned_root(cert, *trust))
                    .ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
                WebPkiServerVerifier::builder_with_provider(Arc::new(store), self.provider.clone())
                    .build()
                    .map_err(|e| Error::General(e.to_string()))?
            }
        };
        verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A store with this certificate alone, if its public key is the pinned one.
fn pinned_root(cert: &CertificateDer<'_>, trust: Trust) -> Option<RootCertStore> {
    let mut store = RootCertStore::empty();
    store.add(cert.clone().into_owned()).ok()?;
    let anchor = store.roots.first()?;
    let info = der_sequence(anchor.subject_public_key_info.as_ref());
    (<[u8; 32]>::from(Sha256::digest(&info)) == trust.0).then_some(store)
}

/// The DER sequence around these contents: an anchor keeps its key's contents without the tag and the length.
fn der_sequence(contents: &[u8]) -> Vec<u8> {
    let mut out = vec![0x30];
    let length = contents.len();
    match length {
        0..=0x7f => out.push(length as u8),
        0x80..=0xff => out.extend([0x81, length as u8]),
        _ => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend_from_slice(contents);
    out
}

/// Turns what TLS says into what a person can do about it.
pub(super) fn explain(error: &(dyn std::error::Error + 'static), pinned: bool) -> ErrorBody {
    if let Some(Error::InvalidCertificate(reason)) = rustls_error(error) {
        return match (reason, pinned) {
            (CertificateError::UnknownIssuer, false) => ErrorBody::new(
                ErrorCode::GatewayUnpinned,
                "the gateway has a certificate of its own; give its trust value (FARHAND_TRUST), which `farhand-gateway serve` prints",
            ),
            (CertificateError::UnknownIssuer, true) => ErrorBody::new(
                ErrorCode::GatewayUntrusted,
                "this is not the gateway whose trust value was given; check address and value",
            ),
            (reason, _) => ErrorBody::new(
                ErrorCode::GatewayUntrusted,
                format!("the gateway's certificate is not good: {reason:?}"),
            ),
        };
    }
    ErrorBody::new(ErrorCode::GatewayUnreachable, innermost(error))
}

/// What TLS said, however deep: an I/O error names what it holds as its content, not as its source, and may hold another one.
fn rustls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Error> {
    if let Some(found) = error.downcast_ref::<Error>() {
        return Some(found);
    }
    let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match held {
        Some(held) => rustls_error(held),
        None => rustls_error(error.source()?),
    }
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tls_says_about_a_certificate_is_found_however_deep_it_lies() {
        let deep = || std::io::Error::other(std::io::Error::other(Error::InvalidCertificate(CertificateError::UnknownIssuer)));
        assert_eq!(explain(&deep(), true).code, ErrorCode::GatewayUntrusted);
        assert_eq!(explain(&deep(), false).code, ErrorCode::GatewayUnpinned);
        assert_eq!(explain(&std::io::Error::other("refused"), true).code, ErrorCode::GatewayUnreachable);
    }
}
