//! Sign-in, tokens and sign-out. Ten failures within 15 minutes pause sign-in for that account and address for 15 minutes (ORG-149), fifty do for that
//! address and every account; wrong e-mail address and wrong password answer alike, after the same work.

use std::net::IpAddr;

use farhand_protocol::{
    error::{ErrorBody, ErrorCode},
    ids::MemberId,
    time::Timestamp,
};

use super::{Member, check_new_password, member_by_email, member_by_id, members::revoke_tokens, set_password};
use crate::{
    app::Gateway,
    audit,
    db::{Columns, Tx, note_accounts},
    error::{HttpError, Result},
    limits::address::Key,
    secret::{TOKEN_PREFIX, bearer_hash, new_bearer},
};

const MAX_FAILURES: i64 = 10;
/// Of one address with whatever accounts: more than an office makes, and far fewer than who tries one password on every account.
const MAX_FAILURES_OF_ADDRESS: i64 = 50;
const WINDOW_MILLIS: i64 = 15 * 60_000;
/// Longest address there is (RFC 5321); longer ones are nobody's and name no limit.
const MAX_EMAIL_BYTES: usize = 254;
const TOKEN_MILLIS: i64 = 30 * 24 * 3_600_000;

/// A member with a good token.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub member: Member,
    /// Hash of the token.
    pub token_hash: String,
    /// End of the token.
    pub expires_at: Timestamp,
}

/// So many failures within the window pause what it names.
#[derive(Debug)]
struct Limit {
    name: String,
    most: i64,
}

/// Checks address and password; a token and who it is for.
pub async fn sign_in(app: &Gateway, email: &str, password: &str, address: IpAddr) -> Result<(String, SignedIn)> {
    let wrong = || {
        app.metrics.logins_failed.add(1);
        HttpError::new(ErrorCode::AuthWrong, "the e-mail address or the password is wrong")
    };
    if email.len() > MAX_EMAIL_BYTES {
        return Err(wrong());
    }
    if email.trim().chars().any(char::is_control) {
        return Err(HttpError::malformed("an e-mail address has no control characters"));
    }
    let from = Key::of(address);
    let of_account = Limit {
        name: format!("login {} {from}", email.trim().to_lowercase()),
        most: MAX_FAILURES,
    };
    let of_address = Limit {
        name: format!("address {from}"),
        most: MAX_FAILURES_OF_ADDRESS,
    };
    let limits = [of_account, of_address];
    let member = member_by_email(&app.db, email).await?;
    let hash = member.as_ref().map(|m| m.password_hash.as_str());
    let fits = verify_within(app, &limits, password, hash).await?;
    let Some(member) = member.filter(|_| fits) else {
        return Err(wrong());
    };
    if member.disabled {
        return Err(HttpError::new(ErrorCode::AuthDisabled, "this account is disabled"));
    }
    let token = new_bearer(TOKEN_PREFIX).map_err(HttpError::internal)?;
    let (now, token_hash) = (app.now(), bearer_hash(&token));
    let expires_at = now.plus_millis(TOKEN_MILLIS);
    let mut tx = app.db.write().await?;
    if !is_as_verified(&mut tx, &member).await? {
        return Err(wrong());
    }
    sqlx::query("INSERT INTO tokens (token_hash, member_id, created_at, expires_at, revoked_at) VALUES ($1, $2, $3, $4, NULL)")
        .bind(&token_hash)
        .bind(member.member_id.0)
        .bind(now.0)
        .bind(expires_at.0)
        .execute(&mut *tx)
        .await?;
    // What the address failed with other accounts still counts: its own account must not win it more tries.
    sqlx::query("DELETE FROM limits WHERE name = $1")
        .bind(&limits[0].name)
        .execute(&mut *tx)
        .await?;
    audit::record(
        &mut tx,
        now,
        Some(member.member_id),
        "account.signed_in",
        &member.email,
        &address.to_string(),
    )
    .await?;
    tx.commit().await?;
    app.metrics.logins.add(1);
    Ok((
        token,
        SignedIn {
            member,
            token_hash,
            expires_at,
        },
    ))
}

/// True while the account has the password that was verified and may sign in; its row stays locked until the transaction ends, so that a change of
/// either comes before what this transaction does, which then is not done, or after it, and ends it.
async fn is_as_verified(tx: &mut Tx, member: &Member) -> Result<bool> {
    let same = sqlx::query("UPDATE members SET revision = revision + 1 WHERE member_id = $1 AND disabled = 0 AND password_hash = $2")
        .bind(member.member_id.0)
        .bind(&member.password_hash)
        .execute(&mut **tx)
        .await?;
    Ok(same.rows_affected() > 0)
}

/// True while this sign-in has not ended.
async fn is_signed_in(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<bool> {
    let row = sqlx::query("SELECT token_hash FROM tokens WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > $2")
        .bind(token_hash)
        .bind(now.0)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.is_some())
}

fn ended() -> HttpError {
    HttpError::new(ErrorCode::AuthExpired, "this sign-in has ended; sign in again")
}

/// Who a token is for.
pub async fn technician_of_token(app: &Gateway, token: &str) -> Result<SignedIn> {
    technician_of_hash(app, bearer_hash(token)).await
}

/// The same by what is stored of a token.
pub async fn technician_of_hash(app: &Gateway, token_hash: String) -> Result<SignedIn> {
    let row = sqlx::query("SELECT member_id, expires_at, revoked_at FROM tokens WHERE token_hash = $1")
        .bind(&token_hash)
        .fetch_optional(app.db.read())
        .await?;
    let Some(row) = row else {
        return Err(HttpError::new(ErrorCode::AuthMissing, "this token is not known here; sign in"));
    };
    let expires_at = Timestamp(row.int("expires_at")?);
    if row.int_or_none("revoked_at")?.is_some() || expires_at <= app.now() {
        return Err(ended());
    }
    let member = member_by_id(&app.db, MemberId(row.int("member_id")?)).await?;
    match member {
        Some(member) if !member.disabled => Ok(SignedIn {
            member,
            token_hash,
            expires_at,
        }),
        _ => Err(HttpError::new(ErrorCode::AuthDisabled, "this account is disabled")),
    }
}

const SIGN_INS: &str = "SELECT token_hash FROM tokens WHERE member_id = $1 AND revoked_at IS NULL AND expires_at > $2 LIMIT 1";

/// True while a member has a good token.
pub async fn has_sign_in(app: &Gateway, member_id: MemberId) -> Result<bool> {
    let row = sqlx::query(SIGN_INS)
        .bind(member_id.0)
        .bind(app.now().0)
        .fetch_optional(app.db.read())
        .await?;
    Ok(row.is_some())
}

/// Ends this token, or all of the member's. True when no good token is left.
pub async fn sign_out(app: &Gateway, signed_in: &SignedIn, everywhere: bool) -> Result<bool> {
    let (now, member_id) = (app.now(), signed_in.member.member_id);
    let mut tx = app.db.write().await?;
    if everywhere {
        revoke_tokens(&mut tx, member_id, None, now).await?;
    } else {
        sqlx::query("UPDATE tokens SET revoked_at = $1 WHERE token_hash = $2")
            .bind(now.0)
            .bind(&signed_in.token_hash)
            .execute(&mut *tx)
            .await?;
        note_accounts(&mut tx).await?;
    }
    let left = sqlx::query(SIGN_INS).bind(member_id.0).bind(now.0).fetch_optional(&mut *tx).await?;
    let action = if everywhere {
        "account.signed_out_everywhere"
    } else {
        "account.signed_out"
    };
    audit::record(&mut tx, now, Some(member_id), action, &signed_in.member.email, "").await?;
    tx.commit().await?;
    Ok(left.is_none())
}

/// Changes the password and ends every other token. What an administrator did to the account meanwhile goes before it.
pub async fn change_password(app: &Gateway, signed_in: &SignedIn, current: &str, new: &str) -> Result<()> {
    let member = &signed_in.member;
    let limit = Limit {
        name: format!("password {}", member.member_id),
        most: MAX_FAILURES,
    };
    if !verify_within(app, &[limit], current, Some(&member.password_hash)).await? {
        return Err(HttpError::new(ErrorCode::AuthWrong, "the present password is wrong"));
    }
    check_new_password(new, &member.email)?;
    let hash = app.passwords.hash(new).await?;
    let mut tx = app.db.write().await?;
    if !is_as_verified(&mut tx, member).await? || !is_signed_in(&mut tx, &signed_in.token_hash, app.now()).await? {
        return Err(ended());
    }
    set_password(&mut tx, member.member_id, &hash, Some(&signed_in.token_hash), app.now()).await?;
    audit::record(
        &mut tx,
        app.now(),
        Some(member.member_id),
        "account.password_changed",
        &member.email,
        "",
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Verifies within the limits on failures: they are asked once before the queue, so that who is paused waits for nobody, and again in turn, where a
/// failure is counted too. However many come at once, only as many run ahead of the count as compute at the same time.
async fn verify_within(app: &Gateway, limits: &[Limit], password: &str, hash: Option<&str>) -> Result<bool> {
    refuse_while_paused(app, limits).await?;
    let turn = app.passwords.turn().await?;
    refuse_while_paused(app, limits).await?;
    let (fits, turn) = app.passwords.verify_in(turn, password, hash).await?;
    if !fits {
        count_failure(app, limits).await?;
    }
    drop(turn);
    Ok(fits)
}

async fn refuse_while_paused(app: &Gateway, limits: &[Limit]) -> Result<()> {
    let mut left = 0;
    for limit in limits {
        let row = sqlx::query("SELECT until FROM limits WHERE name = $1")
            .bind(&limit.name)
            .fetch_optional(app.db.read())
            .await?;
        let until = row.map(|row| row.int("until")).transpose()?.unwrap_or(0);
        left = left.max(until - app.now().0);
    }
    if left <= 0 {
        return Ok(());
    }
    let body = ErrorBody::new(ErrorCode::AuthLimited, "too many failed sign-ins; wait and try again");
    Err(HttpError(body.retry_after(u32::try_from(left / 1000 + 1).unwrap_or(u32::MAX))))
}

async fn count_failure(app: &Gateway, limits: &[Limit]) -> Result<()> {
    let now = app.now();
    let mut tx = app.db.write().await?;
    sqlx::query("DELETE FROM limits WHERE since <= $1 AND until <= $2")
        .bind(now.0 - WINDOW_MILLIS)
        .bind(now.0)
        .execute(&mut *tx)
        .await?;
    for limit in limits {
        // In one statement, since others may count the same at this moment.
        let counted = "INSERT INTO limits (name, hits, since, until) VALUES ($1, 1, $2, 0) \
                       ON CONFLICT (name) DO UPDATE SET hits = limits.hits + 1 RETURNING hits";
        let hits = sqlx::query(counted)
            .bind(&limit.name)
            .bind(now.0)
            .fetch_one(&mut *tx)
            .await?
            .int("hits")?;
        if hits >= limit.most {
            sqlx::query("UPDATE limits SET until = $1 WHERE name = $2")
                .bind(now.0 + WINDOW_MILLIS)
                .bind(&limit.name)
                .execute(&mut *tx)
                .await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
