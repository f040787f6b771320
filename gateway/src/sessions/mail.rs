//! *Send for me through the gateway*: the link of a session that still waits for its customer goes out by e-mail, in the words of its technician group
//! (EML-09, EML-11, EML-16, EML-18, EML-22). What becomes of it is the answer; that it was taken over stands in the log.

use farhand_protocol::{
    api::{MailLink, MailOutcome},
    chain::Body,
    code::{Code, Invitation},
    error::ErrorCode,
    ids::SessionId,
    permission::Permission,
};
use tracing::info;

use super::{codes, log, publish, record, rows, steps};
use crate::{
    accounts::{Member, SignedIn},
    app::Gateway,
    error::{HttpError, Result},
    mail::{Letter, MailError, MailWords, address},
};

/// Sends the link of a session to one address.
pub async fn mail_link(app: &Gateway, by: &SignedIn, session_id: SessionId, asked: &MailLink) -> Result<MailOutcome> {
    by.member.require(Permission::StartPrivateSessions)?;
    let Some(service) = &app.settings.mail else {
        return Err(HttpError::new(
            ErrorCode::RequestNotFound,
            "this gateway sends no e-mail; send the link with your own mail program",
        ));
    };
    let Some(to) = address(&asked.to) else {
        return Err(HttpError::malformed("an e-mail goes to one address, such as maria@example.org"));
    };
    let session = rows::load_visible(app, session_id, &by.member).await?;
    let link = open_link(app, session_id, &asked.link).await?;
    let words = MailWords::of_group(&app.db, session.group_id).await?;
    let reply_to = address(&by.member.email);
    let letter = Letter {
        sender_name: &format!("{}, {}", by.member.shown_name, app.organisation),
        reply_to: reply_to.as_ref(),
        recipient_name: &session.name,
        to: &to,
        subject: &words.subject,
        text: &words.text_with(&link),
    };
    let sent = service.send(&letter, app.now()).await;
    match sent {
        Ok(()) => {
            note(app, &by.member, session_id, &asked.to).await?;
            Ok(MailOutcome::Sent)
        }
        Err(error) => {
            info!(%session_id, %error, "a link could not be mailed");
            let reason = error.to_string();
            Ok(match error {
                MailError::Refused(_) => MailOutcome::Refused { reason },
                MailError::Line(_) | MailError::NotSmtp | MailError::TooSlow | MailError::Unwritable(_) => MailOutcome::Failed { reason },
            })
        }
    }
}

/// The link of this session as this gateway writes it, if its code still starts it. Of the one that was sent the code alone counts, so that nobody mails
/// what leads elsewhere in our name; a PIN is not taken, because that would be a guess beside the limits.
async fn open_link(app: &Gateway, session_id: SessionId, link: &str) -> Result<String> {
    let malformed = || HttpError::new(ErrorCode::CodeMalformed, "this is not the link of a session");
    let code = Invitation::parse(link).map_err(|_| malformed())?.code;
    if !matches!(code, Code::Link(_)) {
        return Err(malformed());
    }
    let worth = codes::look_up(&app.db, &codes::code_hash(app, &code), app.now()).await?;
    if worth.session()? != session_id {
        return Err(HttpError::new(ErrorCode::CodeUnknown, "this link belongs to another session"));
    }
    let invitation = Invitation {
        gateway: app.settings.public_url.clone(),
        trust: app.settings.trust,
        code,
    };
    Ok(invitation.link())
}

async fn note(app: &Gateway, member: &Member, session_id: SessionId, to: &str) -> Result<()> {
    let mut tx = app.db.write().await?;
    let session = record::lock(&mut tx, session_id).await?;
    let body = Body::from([("member_id", Body::from(member.member_id.0)), ("to", Body::from(to))]);
    let by = steps::acting(member, &session);
    let event = log::append(&mut tx, session_id, app.now(), "code.mailed", by, body).await?;
    tx.commit().await?;
    publish::announce_events(app, &session, &[event]);
    Ok(())
}
