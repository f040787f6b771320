//! Who is asking: the bearer token decides, the policy of the route admits. What was found is handed on as an extension of the request.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::Response,
};
use farhand_protocol::error::ErrorCode;

use super::Policy;
use crate::{
    accounts::{SignedIn, technician_of_token},
    app::App,
    error::{HttpError, Result},
    live::Side,
    secret::CREDENTIAL_PREFIX,
    sessions::{AppletIdentity, applet_of_credential},
};

/// Address a request comes from, as the listener or the proxy on this machine saw it.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get::<Self>()
            .copied()
            .unwrap_or(Self(IpAddr::V4(Ipv4Addr::LOCALHOST))))
    }
}

/// The bearer of a request, kept for `GET /rejoin` and for sockets that check it again.
#[derive(Clone)]
pub struct Bearer(pub String);

/// Admits a request by the policy of its route.
pub async fn enforce(State((app, policy)): State<(App, Policy)>, mut request: Request, next: Next) -> Result<Response> {
    address_from_proxy(&app, &mut request);
    let bearer = bearer_of(request.headers());
    match policy {
        Policy::Public | Policy::Guess | Policy::SignIn | Policy::RelayToken => {}
        Policy::Technician => {
            let signed_in = technician(&app, bearer.as_deref()).await?;
            request.extensions_mut().insert(signed_in);
        }
        Policy::Applet => {
            let bearer = bearer.ok_or_else(missing)?;
            let applet: AppletIdentity = applet_of_credential(&app, &bearer).await?;
            request.extensions_mut().insert(applet);
            request.extensions_mut().insert(Bearer(bearer));
        }
        Policy::Peer => {
            let bearer = bearer.ok_or_else(missing)?;
            let side = if bearer.starts_with(CREDENTIAL_PREFIX) {
                Side::Applet(applet_of_credential(&app, &bearer).await?)
            } else {
                Side::Console(Box::new(technician_of_token(&app, &bearer).await?), bearer)
            };
            request.extensions_mut().insert(side);
        }
        Policy::Operator => {
            let address = request
                .extensions()
                .get::<ClientAddress>()
                .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |a| a.0);
            operator(&app, address, bearer.as_deref()).await?;
        }
    }
    if request.method().is_safe() {
        return Ok(next.run(request).await);
    }
    // What changes something runs to its end and is told to everybody, also when whoever asked goes away: their future is dropped then.
    tokio::spawn(next.run(request)).await.map_err(HttpError::internal)
}

/// From this machine and not through its proxy, or an administrator.
async fn operator(app: &App, address: IpAddr, bearer: Option<&str>) -> Result<()> {
    // Behind a proxy everybody comes from this machine.
    if bearer.is_none() && !app.settings.behind_proxy && address.to_canonical().is_loopback() {
        return Ok(());
    }
    let signed_in = technician(app, bearer).await?;
    if signed_in.member.is_administrator() {
        return Ok(());
    }
    Err(HttpError::new(ErrorCode::PermissionMissing, "only an administrator may see this"))
}

async fn technician(app: &App, bearer: Option<&str>) -> Result<SignedIn> {
    technician_of_token(app, bearer.ok_or_else(missing)?).await
}

fn missing() -> HttpError {
    HttpError::new(ErrorCode::AuthMissing, "sign in first, and send the token as Authorization: Bearer")
}

fn bearer_of(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()).then(|| token.trim().to_owned())
}

/// The proxy on this machine appends the address it saw; what stands before that may be invented.
fn address_from_proxy(app: &App, request: &mut Request) {
    if !app.settings.behind_proxy {
        return;
    }
    let named = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .and_then(|v| v.to_str().ok());
    if let Some(address) = named
        .and_then(|list| list.rsplit(',').next())
        .and_then(|last| last.trim().parse().ok())
    {
        request.extensions_mut().insert(ClientAddress(address));
    }
}
