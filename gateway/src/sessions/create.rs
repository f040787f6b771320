//! *New session*: a row, a PIN and a link, and the words of an e-mail with it; no status until the customer comes (EML-05, EML-06, EML-11, EML-16,
//! SES-08 to SES-16).

use farhand_protocol::{
    api::{MAX_FIELD_CHARS, MAX_FIELDS, MAX_NAME_CHARS, NewSession, SessionCreated},
    chain::Body,
    code::{Code, Invitation},
    ids::SessionId,
    permission::Permission,
    session::Actor,
};

use super::{codes, log, publish, record};
use crate::{
    accounts::SignedIn,
    app::Gateway,
    db::next_id,
    error::{HttpError, Result},
    mail::MailWords,
};

/// Validity of codes (DESIGN, "How a session comes to be", 2) and its bounds (SES-53), in minutes.
const CODE_MINUTES: u32 = 15;
const CODE_MINUTES_MAX: u32 = 30 * 24 * 60;
/// SES-54, SES-55, SES-56 in minutes; 0 is never.
const CONNECTING_MINUTES: i64 = 10;
const WAITING_MINUTES: i64 = 30;
const IDLE_MINUTES: i64 = 0;

/// Makes a private session.
pub async fn create(app: &Gateway, by: &SignedIn, new: &NewSession) -> Result<SessionCreated> {
    by.member.require(Permission::StartPrivateSessions)?;
    let (name, fields) = (checked_name(&new.name)?, checked_fields(&new.fields)?);
    let minutes = new.valid_minutes.unwrap_or(CODE_MINUTES);
    if !(1..=CODE_MINUTES_MAX).contains(&minutes) {
        return Err(HttpError::malformed(format!("a code lives 1 to {CODE_MINUTES_MAX} minutes")));
    }
    let words = MailWords::of_group(&app.db, by.member.group_id).await?;
    let now = app.now();
    let expires_at = now.plus_millis(i64::from(minutes) * 60_000);
    let mut tx = app.db.write().await?;
    let session_id = SessionId(next_id(&mut tx, "session").await?);
    sqlx::query(
        "INSERT INTO sessions (session_id, revision, issued_by, group_id, name, fields, comment, auto_start, created_at, expires_at, since, timer_since, \
         is_final, connecting_minutes, waiting_minutes, idle_minutes, last_action_at, next_due) \
         VALUES ($1, 0, $2, $3, $4, $5, '', $6, $7, $8, $7, $7, 0, $9, $10, $11, $7, $8)",
    )
    .bind(session_id.0)
    .bind(by.member.member_id.0)
    .bind(by.member.group_id)
    .bind(&name)
    .bind(serde_json::to_string(&fields)?)
    .bind(i64::from(new.auto_start))
    .bind(now.0)
    .bind(expires_at.0)
    .bind(CONNECTING_MINUTES)
    .bind(WAITING_MINUTES)
    .bind(IDLE_MINUTES)
    .execute(&mut *tx)
    .await?;
    let (pin, link) = codes::issue(app, &mut tx, session_id, now, expires_at).await?;
    let body = Body::from([
        ("expires_at", Body::from(expires_at.0)),
        ("member_id", Body::from(by.member.member_id.0)),
        ("name", Body::from(name.as_str())),
    ]);
    let event = log::append(
        &mut tx,
        session_id,
        now,
        "session.created",
        Actor::Technician(by.member.member_id),
        body,
    )
    .await?;
    let session = record::lock(&mut tx, session_id).await?;
    tx.commit().await?;
    app.metrics.sessions_created.add(1);
    publish::announce(app, &session, &[event]).await;
    let invitation = Invitation {
        gateway: app.settings.public_url.clone(),
        trust: app.settings.trust,
        code: Code::Link(link),
    };
    let link = invitation.link();
    Ok(SessionCreated {
        session_id,
        pin: pin.as_str().to_owned(),
        mail_text: words.text_with(&link),
        mail_subject: words.subject,
        link,
        expires_at,
    })
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(HttpError::malformed(format!(
            "a name has at most {MAX_NAME_CHARS} characters on one line"
        )));
    }
    Ok(name.to_owned())
}

fn checked_fields(fields: &[String]) -> Result<Vec<String>> {
    if fields.len() > MAX_FIELDS
        || fields
            .iter()
            .any(|f| f.chars().count() > MAX_FIELD_CHARS || f.chars().any(char::is_control))
    {
        return Err(HttpError::malformed(format!(
            "there are {MAX_FIELDS} fields of at most {MAX_FIELD_CHARS} characters each"
        )));
    }
    let mut fields: Vec<String> = fields.iter().map(|f| f.trim().to_owned()).collect();
    fields.resize(MAX_FIELDS, String::new());
    Ok(fields)
}
