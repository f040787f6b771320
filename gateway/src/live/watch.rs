//! What others did to the same database reaches this process: on SQLite the command line's changes by `PRAGMA data_version`, looked at twice a
//! second; on PostgreSQL everything by LISTEN, on a pool of its own, because `Any` cannot listen.

use std::time::Duration;

use farhand_protocol::{error::ErrorCode, gateway::FromGateway, ids::SessionId};
use sqlx::{
    Row,
    postgres::{PgListener, PgPool, PgPoolOptions},
};
use tokio::{sync::mpsc, time::sleep};
use tracing::{debug, info, warn};
use uuid::Uuid;

use super::notice::{CHANNEL, CHUNK, Letter, Notice, Presence};
use crate::{
    accounts,
    app::{App, Gateway},
    db::{Columns, DbKind},
    error::Result,
    sessions,
};

const LOOK_EVERY: Duration = Duration::from_millis(500);
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Watches for ever.
pub async fn run_watch(app: App, postgres: Option<PgPool>) {
    match postgres {
        None => watch_file(&app).await,
        Some(pool) => {
            let Some(outbox) = app.hub.outbox.open() else { return };
            tokio::join!(send(&app, &pool, outbox), listen(&app, &pool));
        }
    }
}

/// The pool of LISTEN and NOTIFY: one connection each.
pub async fn pool_for_notices(url: &str) -> std::result::Result<PgPool, sqlx::Error> {
    PgPoolOptions::new().max_connections(2).connect(url).await
}

/// Tickets and sign-ins are compared with the accounts only when something was committed.
async fn watch_file(app: &Gateway) {
    let mut seen = Seen::default();
    loop {
        if let Err(error) = look(app, &mut seen).await {
            warn!(%error, "changes made elsewhere could not be looked for");
            seen.connection = None;
        }
        sleep(LOOK_EVERY).await;
    }
}

#[derive(Default)]
struct Seen {
    /// `data_version` means something on one connection alone.
    connection: Option<sqlx::AnyConnection>,
    version: i64,
    accounts: i64,
}

async fn look(app: &Gateway, seen: &mut Seen) -> Result<()> {
    debug_assert_eq!(app.db.kind(), DbKind::Sqlite);
    let connection = match &mut seen.connection {
        Some(connection) => connection,
        none => {
            seen.version = -1;
            none.insert(app.db.read().acquire().await?.detach())
        }
    };
    let version: i64 = sqlx::query("PRAGMA data_version").fetch_one(&mut *connection).await?.try_get(0)?;
    if version == seen.version {
        return Ok(());
    }
    let accounts = sqlx::query("SELECT value FROM counters WHERE name = 'accounts'")
        .fetch_one(&mut *connection)
        .await?
        .int("value")?;
    let changed = accounts != seen.accounts;
    notice_changes(app, changed).await?;
    (seen.version, seen.accounts) = (version, accounts);
    Ok(())
}

/// Ceilings follow the accounts and groups; with `accounts`, sign-ins and disabled members are looked at as well.
pub async fn notice_changes(app: &Gateway, accounts: bool) -> Result<()> {
    sessions::check_ceilings(app).await?;
    if accounts {
        end_sign_ins(app).await?;
        sessions::end_sessions_of_disabled(app).await?;
    }
    Ok(())
}

/// Consoles whose sign-in has ended are told so and closed; whoever has none left leads nothing any more.
async fn end_sign_ins(app: &Gateway) -> Result<()> {
    for (member_id, token_hash) in app.hub.sign_ins() {
        let Err(error) = accounts::technician_of_hash(app, token_hash.clone()).await else {
            continue;
        };
        if error.code() == ErrorCode::StorageFailed {
            return Err(error);
        }
        app.hub
            .sign_out(member_id, &FromGateway::SignedOut(error.0), |hash| hash == token_hash);
        if !accounts::has_sign_in(app, member_id).await? {
            sessions::signed_out(app, member_id).await;
        }
    }
    Ok(())
}

/// Sends what waits in the outbox.
async fn send(app: &Gateway, pool: &PgPool, mut outbox: mpsc::Receiver<Notice>) {
    while let Some(say) = outbox.recv().await {
        let letter = Letter {
            from: app.hub.outbox.process,
            say,
        };
        if let Err(error) = notify(pool, &letter).await {
            debug!(%error, "a notice could not be sent");
            app.hub.outbox.note_lost();
            sleep(TRY_AGAIN).await;
        } else if app.hub.outbox.take_lost() {
            let anew = Letter {
                say: Notice::Anew,
                ..letter
            };
            if notify(pool, &anew).await.is_err() {
                app.hub.outbox.note_lost();
            }
        }
    }
}

async fn notify(pool: &PgPool, letter: &Letter) -> Result<()> {
    sqlx::query("SELECT pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(serde_json::to_string(letter)?)
        .execute(pool)
        .await?;
    Ok(())
}

/// Says that this process is about to end.
pub async fn say_leaving(app: &Gateway, pool: &PgPool) {
    let letter = Letter {
        from: app.hub.outbox.process,
        say: Notice::Leaving,
    };
    let _ = tokio::time::timeout(TRY_AGAIN, notify(pool, &letter)).await;
}

async fn listen(app: &Gateway, pool: &PgPool) {
    let mut before = false;
    loop {
        match listen_once(app, pool, before).await {
            Ok(()) => info!("the database closed the line of notices"),
            Err(error) => warn!(%error, "notices of other processes do not come in"),
        }
        before = true;
        sleep(TRY_AGAIN).await;
    }
}

async fn listen_once(app: &Gateway, pool: &PgPool, again: bool) -> std::result::Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    app.hub.tell_others(&Notice::WhoIsThere(None));
    beat(app);
    if again {
        start_anew(app).await;
        let _ = notice_changes(app, true).await;
    }
    while let Some(heard) = listener.try_recv().await? {
        if let Err(error) = hear(app, heard.payload()).await {
            warn!(%error, "a notice of another process could not be followed");
        }
    }
    Ok(())
}

async fn hear(app: &Gateway, payload: &str) -> Result<()> {
    if let Ok(Notice::Accounts) = serde_json::from_str(payload) {
        return notice_changes(app, true).await;
    }
    let Ok(Letter { from, say }) = serde_json::from_str::<Letter>(payload) else {
        debug!("a notice of an unknown kind");
        return Ok(());
    };
    if from == app.hub.outbox.process {
        return Ok(());
    }
    follow(app, from, say).await
}

async fn follow(app: &Gateway, from: Uuid, say: Notice) -> Result<()> {
    let now = app.now();
    match say {
        Notice::Beat { relay_url, lines } => {
            if !app.hub.others(|others| others.note_beat(from, relay_url, lines, now)) {
                app.hub.tell_others(&Notice::WhoIsThere(Some(from)));
            }
        }
        Notice::Leaving => forget(app, from).await,
        Notice::WhoIsThere(whom) => {
            if whom.is_none_or(|whom| whom == app.hub.outbox.process) {
                say_who_is_here(app);
            }
            if whom.is_none() {
                // Who has just come must know our relay, too, before applets speak of it.
                beat(app);
            }
        }
        Notice::Presence(presence) => app.hub.others(|others| others.note_presence(from, presence, now)),
        Notice::Applet(session_id, here) => app.hub.others(|others| others.note_applet(from, session_id, here, now)),
        Notice::Console(member_id, here) => app.hub.others(|others| others.note_console(from, member_id, here, now)),
        Notice::Link(session_id, stands) => app.hub.others(|others| others.note_link(from, session_id, stands, now)),
        Notice::Session(session_id, events) => sessions::changed_elsewhere(app, session_id, events).await?,
        Notice::Ticket(session_id, ticket_id) => sessions::tell_ticket(app, session_id, &ticket_id).await?,
        Notice::Ceiling(ticket_id) => sessions::tell_ceiling(app, &ticket_id).await?,
        Notice::Moved(session_id) => sessions::tell_moved(app, session_id).await?,
        Notice::Accounts => notice_changes(app, true).await?,
        Notice::Anew => start_anew(app).await,
    }
    Ok(())
}

/// What was said meanwhile is lost: sockets start anew with the whole state, and whoever may not use the relay any more is dropped.
async fn start_anew(app: &Gateway) {
    app.hub.start_anew();
    app.relay.drop_ended(app).await;
}

fn say_who_is_here(app: &Gateway) {
    let (applets, consoles, links) = app.hub.presence();
    let parts = applets.len().max(consoles.len()).max(links.len()).div_ceil(CHUNK / 3).max(1);
    let part = |number: usize| Presence {
        first: number == 0,
        applets: slice(&applets, number),
        consoles: slice(&consoles, number),
        links: slice(&links, number),
    };
    (0..parts).for_each(|number| app.hub.tell_others(&Notice::Presence(part(number))));
}

fn slice<T: Copy>(all: &[T], number: usize) -> Vec<T> {
    all.iter().skip(number * (CHUNK / 3)).take(CHUNK / 3).copied().collect()
}

/// This process says that it is alive, forgets who has fallen silent, and takes its share of guesses.
pub fn beat(app: &Gateway) {
    let (applets, consoles, links) = app.hub.presence();
    app.hub.tell_others(&Notice::Beat {
        relay_url: app.settings.relay_url.clone(),
        lines: applets.len() + consoles.len() + links.len(),
    });
    let processes = app.hub.others(|others| others.count()) + 1;
    app.guesses.lock().share_among(processes);
}

/// Ends what is noted of processes that have fallen silent.
pub async fn forget_silent(app: &Gateway) {
    for process in app.hub.others(|others| others.silent(app.now())) {
        warn!(%process, "another gateway process has fallen silent");
        forget(app, process).await;
    }
}

async fn forget(app: &Gateway, process: Uuid) {
    let gone = app.hub.others(|others| others.remove(process));
    for session_id in gone.applets {
        note_gone(app, session_id).await;
    }
    for member_id in gone.consoles.into_iter().filter(|member_id| !app.hub.has_console(*member_id)) {
        sessions::consoles_gone(app, member_id).await;
    }
}

async fn note_gone(app: &Gateway, session_id: SessionId) {
    if let Err(error) = sessions::link_changed(app, session_id).await {
        warn!(%session_id, %error, "an applet's absence could not be noted");
    }
}
