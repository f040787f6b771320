//! A customer arrives: the code is checked within the limits on guesses, used up, and the session is Connecting (STM-19, STM-20).

use std::net::IpAddr;

use farhand_protocol::{
    api::{AppletSettings, Join, JoinAnswer},
    chain::Body,
    code::Code,
    error::{ErrorBody, ErrorCode},
    ids::{PeerKey, SessionId},
    permission::Permission,
    proof::Solution,
    session::{Actor, Opening, open},
};

use super::{
    codes::{self, CodeState},
    log, publish,
    record::{self, SessionRecord},
    rows, tickets, transition,
};
use crate::{
    accounts::member_by_id,
    app::Gateway,
    applet_rules::AppletRules,
    error::{HttpError, Result},
    limits::{Outcome, Verdict},
    secret::{CREDENTIAL_PREFIX, bearer_from, bearer_hash, hmac_sha256},
    settings,
};

const MAX_FACT_CHARS: usize = 256;

/// A code that is open, for the download page.
#[derive(Debug, Clone)]
pub struct CheckedCode {
    /// As typed, cleaned.
    pub code: Code,
}

/// Checks a code without using it up; a wrong one counts as a guess.
pub async fn check_code(app: &Gateway, text: &str, proof: Option<&Solution>, address: IpAddr) -> Result<CheckedCode> {
    let code = parse(text)?;
    evaluate(app, (text, &code), Asker::Page(proof), address).await?.session()?;
    Ok(CheckedCode { code })
}

/// Starts the session of a code. The applet that did may ask again while the code lives, since the answer may have been lost; it proves that it is the
/// one by its key, and is answered the same.
pub async fn join(app: &Gateway, request: &Join, address: IpAddr) -> Result<JoinAnswer> {
    let code = parse(&request.code)?;
    let worth = evaluate(app, (&request.code, &code), Asker::Applet(request), address).await?;
    let session_id = match worth {
        CodeState::Used {
            session_id,
            is_alive: true,
        } => session_id,
        other => other.session()?,
    };
    if !request.is_signed() {
        return Err(HttpError::malformed(
            "the applet has not proven its key; it may be too old for this gateway",
        ));
    }
    let credential = credential_of(app, session_id, request.applet_key);
    let now = app.now();
    let mut tx = app.db.write().await?;
    let mut session = record::lock(&mut tx, session_id).await?;
    if is_same_applet(&session, request) {
        // The answer is read over another connection.
        tx.rollback().await?;
        return answer(app, &session, credential).await;
    }
    if session.state.is_some() || session.is_final || !codes::consume(&mut tx, session_id, now).await? {
        return Err(used(session_id));
    }
    session.applet_key = Some(request.applet_key);
    session.credential_hash = Some(bearer_hash(&credential));
    (session.platform, session.device, session.applet_version) = (fact(&request.platform), fact(&request.device), fact(&request.version));
    session.link_lost_at = Some(now);
    let joined = log::append(
        &mut tx,
        session_id,
        now,
        "session.joined",
        Actor::Customer,
        facts_of(&session, request.applet_key),
    )
    .await?;
    let taken = open(&Opening::ByCustomer {
        code_valid: true,
        no_technician_aborts: false,
    })?;
    let mut changed = transition::apply(app, &mut tx, session, taken, "").await?;
    tx.commit().await?;
    changed.events.insert(0, joined);
    let session = publish::publish(app, changed).await;
    app.metrics.joins.add(1);
    answer(app, &session, credential).await
}

fn used(session_id: SessionId) -> HttpError {
    let worth = CodeState::Used {
        session_id,
        is_alive: false,
    };
    worth.session().err().unwrap_or_else(HttpError::no_session)
}

/// True for the applet that has joined this session already, as long as it lasts.
fn is_same_applet(session: &SessionRecord, request: &Join) -> bool {
    session.state.is_some() && !session.is_final && session.applet_key == Some(request.applet_key)
}

/// The credential of this applet in this session: always the same, so that a lost answer can be repeated, and never stored but as a hash.
fn credential_of(app: &Gateway, session_id: SessionId, key: PeerKey) -> String {
    let parts: [&[u8]; 3] = [b"farhand credential v1\0", &session_id.0.to_be_bytes(), &key.0];
    bearer_from(CREDENTIAL_PREFIX, &hmac_sha256(&app.keys.codes, &parts))
}

/// The same answer again for an applet that was restarted.
pub async fn rejoin(app: &Gateway, session_id: SessionId, credential: String) -> Result<JoinAnswer> {
    let session = record::load(&app.db, session_id).await?;
    answer(app, &session, credential).await
}

/// What a code is worth, if it may be evaluated now. Links carry 128 bits and cannot be guessed; their wrong ones are not counted.
async fn evaluate(app: &Gateway, (text, code): (&str, &Code), asker: Asker<'_>, address: IpAddr) -> Result<CodeState> {
    let hash = codes::code_hash(app, code);
    if matches!(code, Code::Link(_)) {
        return codes::look_up(&app.db, &hash, app.now()).await;
    }
    let verdict = app
        .guesses
        .lock()
        .admit(address, [&code.to_string(), text], asker.proof(), app.now());
    let permit = match verdict {
        Verdict::Evaluate(permit) => permit,
        Verdict::Solve(challenge) => {
            app.metrics.proofs_asked.add(1);
            let body = ErrorBody::new(ErrorCode::CodeProofOfWork, "solve the enclosed proof of work and try again");
            return Err(HttpError(ErrorBody {
                challenge: Some(challenge),
                ..body
            }));
        }
        Verdict::Refuse { retry_after_secs } => {
            app.metrics.guesses_refused.add(1);
            let body = ErrorBody::new(ErrorCode::CodeLimited, "too many wrong PINs from this address; wait and try again");
            return Err(HttpError(body.retry_after(retry_after_secs)));
        }
    };
    let state = codes::look_up(&app.db, &hash, app.now()).await;
    let outcome = match &state {
        Ok(CodeState::Open(_)) => Outcome::Right,
        // No guess: this applet knows it from its first try.
        Ok(CodeState::Used {
            session_id,
            is_alive: true,
        }) if asker.has_joined(app, *session_id).await => Outcome::Right,
        Ok(_) => Outcome::Wrong,
        Err(_) => Outcome::Failed,
    };
    app.guesses.lock().settle(permit, outcome, app.now());
    if outcome == Outcome::Wrong {
        app.metrics.guesses_wrong.add(1);
    }
    state
}

/// Who asks what a code is worth.
#[derive(Clone, Copy)]
enum Asker<'a> {
    /// The download page.
    Page(Option<&'a Solution>),
    /// An applet that would join.
    Applet(&'a Join),
}

impl Asker<'_> {
    fn proof(&self) -> Option<&Solution> {
        match self {
            Self::Page(proof) => *proof,
            Self::Applet(join) => join.proof.as_ref(),
        }
    }

    async fn has_joined(&self, app: &Gateway, session_id: SessionId) -> bool {
        let Self::Applet(join) = self else { return false };
        let session = record::load(&app.db, session_id).await;
        session.is_ok_and(|session| is_same_applet(&session, join)) && join.is_signed()
    }
}

async fn answer(app: &Gateway, session: &SessionRecord, credential: String) -> Result<JoinAnswer> {
    let (Some(status), Some(applet_key)) = (session.status(), session.applet_key) else {
        return Err(HttpError::no_session());
    };
    Ok(JoinAnswer {
        session_id: session.session_id,
        credential,
        status,
        organisation: app.organisation.clone(),
        technician: rows::identity(app, session.issued_by).await?,
        name: session.name.clone(),
        gateway_key: app.keys.gateway_key(),
        terms: settings::text(&app.db, "terms").await?,
        settings: applet_settings(app, session).await?,
        relay: if session.is_final {
            None
        } else {
            tickets::relay_grant(app, session.session_id, applet_key)
        },
    })
}

/// What the applet follows: the rules of the group whose session it is (SES-120).
async fn applet_settings(app: &Gateway, session: &SessionRecord) -> Result<AppletSettings> {
    let issuer = member_by_id(&app.db, session.issued_by).await?;
    let application_name = settings::text(&app.db, "application_name").await?;
    let rules = AppletRules::of_group(&app.db, session.group_id).await?;
    Ok(AppletSettings {
        application_name: application_name.unwrap_or_else(|| app.organisation.clone()),
        pause_key: rules.pause_key,
        priority: rules.priority,
        single_prompt: issuer.is_some_and(|m| m.may(Permission::SinglePrompt)),
        ask_at_start: rules.ask_at_start,
    })
}

fn parse(text: &str) -> Result<Code> {
    Code::parse(text).map_err(|e| HttpError::new(ErrorCode::CodeMalformed, e.to_string()))
}

/// What an applet says of its device: one line, not too long.
fn fact(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_FACT_CHARS).collect();
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

fn facts_of(session: &SessionRecord, key: PeerKey) -> Body {
    let text = |fact: &Option<String>| Body::from(fact.clone().unwrap_or_default());
    Body::from([
        ("applet_key", Body::from(key.to_string())),
        ("device", text(&session.device)),
        ("platform", text(&session.platform)),
        ("version", text(&session.applet_version)),
    ])
}
