//! The one error of the gateway's requests: a code of the registry, a sentence, and the HTTP status of its class. What went wrong inside is
//! logged here once and never told outside.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use farhand_protocol::{
    chain::{BodyError, ChainError},
    error::{ErrorBody, ErrorCode},
    session::Refused,
};
use tracing::error;

/// A refusal or failure of a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HttpError(pub ErrorBody);

/// What most of the gateway returns.
pub type Result<T> = std::result::Result<T, HttpError>;

impl HttpError {
    /// An error with a code and a sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(ErrorBody::new(code, message))
    }

    /// A body or field that is not as documented.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::RequestMalformed, message)
    }

    /// No such session, or none this person may see.
    pub fn no_session() -> Self {
        Self::new(ErrorCode::SessionUnknown, "there is no such session")
    }

    /// Our own failure; the cause goes to the log only.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        error!(%cause, "internal error");
        Self::new(ErrorCode::Internal, "something went wrong inside; the gateway's log has more")
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// HTTP status of the code's class.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.class().http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<sqlx::Error> for HttpError {
    fn from(cause: sqlx::Error) -> Self {
        error!(%cause, "database error");
        Self::new(ErrorCode::StorageFailed, "the database did not answer; try again").with_retry(2)
    }
}

impl HttpError {
    fn with_retry(self, secs: u32) -> Self {
        Self(self.0.retry_after(secs))
    }
}

impl From<Refused> for HttpError {
    fn from(refused: Refused) -> Self {
        Self(refused.into())
    }
}

impl From<ChainError> for HttpError {
    fn from(refused: ChainError) -> Self {
        Self::new(ErrorCode::LinkProtocol, refused.to_string())
    }
}

impl From<BodyError> for HttpError {
    fn from(cause: BodyError) -> Self {
        Self::internal(cause)
    }
}

impl From<serde_json::Error> for HttpError {
    fn from(cause: serde_json::Error) -> Self {
        Self::internal(cause)
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let status = self.status();
        let retry = self.0.retry_after_secs;
        let mut response = (status, Json(self.0)).into_response();
        if let Some(value) = retry.and_then(|secs| HeaderValue::from_str(&secs.to_string()).ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
