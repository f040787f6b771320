//! `farhand-puppet`: the engine of console and `farhand` on strings, for whole-system tests. Reads orders from its standard input, one JSON
//! object a line, and prints what the engine tells the same way. `farhand-puppet proxy IP:PORT` is an HTTP CONNECT proxy instead.
//!
//! The gateway, the sign-in and the route come from the variables that `farhand` reads.
#![forbid(unsafe_code)]

use std::{
    collections::HashMap,
    io::{BufRead as _, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, anyhow};
use farhand_engine::{
    folders::Folders,
    keystore::KeyStore,
    link::Route,
    technician::{Credential, EngineEvent, GatewayState, Technician, TechnicianCommand, TechnicianConfig},
    viewer::{LinkState, ViewerEvent},
};
use farhand_protocol::{ids::SessionId, input::InputEvent, peer::Subscribe};
use farhand_tests::harness::puppet::{Order, Told};
use serde_json::{Value, json};

/// Pictures are looked at, and told, at most this often.
const PICTURES_APART: Duration = Duration::from_millis(50);

/// What the printing side must know between events.
#[derive(Default)]
struct Shared {
    epochs: Mutex<HashMap<SessionId, u32>>,
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.as_slice() {
        [word, address] if word == "proxy" => proxy(address),
        _ => obey(),
    }
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| name.to_owned())
}

fn obey() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("FARHAND_LOG").unwrap_or_else(|_| "warn".into()))
        .with_writer(std::io::stderr)
        .init();
    let folders = Folders::below(Path::new(&variable("FARHAND_STATE")?));
    let config = TechnicianConfig {
        agent: "farhand-puppet".to_owned(),
        keys: KeyStore::files_only(&folders),
        folders,
        route: Route::parse(&std::env::var("FARHAND_ROUTE").unwrap_or_default()).map_err(|e| anyhow!("{e}"))?,
    };
    let shared = Arc::new(Shared::default());
    let told = shared.clone();
    let (changed, pictures) = mpsc::channel();
    let on_event = move |event: EngineEvent| match event {
        EngineEvent::Session {
            session_id,
            event: ViewerEvent::Picture,
        } => drop(changed.send(session_id)),
        event => tell(&told, &event),
    };
    let engine = Arc::new(Technician::start(config, Arc::new(on_event)).map_err(|e| anyhow!("{e}"))?);
    let looking = engine.clone();
    thread::spawn(move || look(&looking, &pictures));
    engine.send(TechnicianCommand::SignIn {
        gateway: variable("FARHAND_GATEWAY")?,
        trust: std::env::var("FARHAND_TRUST").ok(),
        credential: Credential::Token(variable("FARHAND_TOKEN")?.into()),
        remember: false,
    });
    for line in std::io::stdin().lock().lines() {
        let told: Told = serde_json::from_str(&line?)?;
        do_order(&engine, &shared, SessionId(told.session), told.order)?;
    }
    Ok(())
}

/// Looks at each new picture as a window would: only a picture that was looked at is told of when it changes again.
fn look(engine: &Technician, changed: &mpsc::Receiver<SessionId>) {
    let mut seen = HashMap::new();
    while let Ok(session_id) = changed.recv() {
        let Some(picture) = engine.picture(session_id) else { continue };
        let generation = {
            let mut guard = picture.lock();
            guard.take_dirty();
            guard.generation()
        };
        // The cursor alone changes no picture.
        if seen.insert(session_id, generation) != Some(generation) {
            say(json!({ "event": "picture", "session": session_id.0 }));
        }
        thread::sleep(PICTURES_APART);
    }
}

fn do_order(engine: &Technician, shared: &Shared, session_id: SessionId, order: Order) -> Result<()> {
    engine.send(match order {
        Order::Open => TechnicianCommand::Open(session_id),
        Order::View { on } => TechnicianCommand::Subscribe {
            session_id,
            subscribe: Subscribe { monitors: Vec::new(), on },
        },
        Order::Control { on } => TechnicianCommand::TakeControl { session_id, on },
        Order::Input { event } => {
            let epoch = shared
                .epochs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(&session_id)
                .copied()
                .unwrap_or_default();
            TechnicianCommand::Input {
                session_id,
                event: at_epoch(event, epoch),
            }
        }
        Order::Chat { text } => TechnicianCommand::Chat { session_id, text },
        Order::Save { file } => {
            save(engine, session_id, &file)?;
            return Ok(());
        }
        Order::Leave => TechnicianCommand::Leave(session_id),
    });
    Ok(())
}

/// Writes the picture under another name first, so that the file is whole once it is there.
fn save(engine: &Technician, session_id: SessionId, file: &str) -> Result<()> {
    let picture = engine.picture(session_id).context("no picture yet")?;
    let guard = picture.lock();
    let (width, height) = guard.size();
    let mut image = image::RgbImage::new(width, height);
    for (y, row) in (0..height).zip(guard.frame().chunks(guard.stride().max(1))) {
        for (x, pixel) in (0..width).zip(row.chunks_exact(4)) {
            image.put_pixel(x, y, image::Rgb([pixel[2], pixel[1], pixel[0]]));
        }
    }
    drop(guard);
    let fresh = format!("{file}.new.png");
    image.save(&fresh)?;
    Ok(std::fs::rename(&fresh, file)?)
}

fn at_epoch(event: InputEvent, newest: u32) -> InputEvent {
    let chosen = |epoch: u32| if epoch == 0 { newest } else { epoch };
    match event {
        InputEvent::PointerMove { epoch, pos } => InputEvent::PointerMove { epoch: chosen(epoch), pos },
        InputEvent::PointerButton { epoch, pos, button, press } => InputEvent::PointerButton {
            epoch: chosen(epoch),
            pos,
            button,
            press,
        },
        InputEvent::Wheel { epoch, pos, dx, dy } => InputEvent::Wheel {
            epoch: chosen(epoch),
            pos,
            dx,
            dy,
        },
        other => other,
    }
}

fn tell(shared: &Shared, event: &EngineEvent) {
    let line = match event {
        EngineEvent::Gateway(GatewayState::Up) => json!({ "event": "gateway_up" }),
        EngineEvent::Gateway(GatewayState::Down { error, .. }) => json!({ "event": "gateway_down", "error": error }),
        EngineEvent::SignInFailed(error) => json!({ "event": "sign_in_failed", "error": error }),
        EngineEvent::SignedOut(error) => json!({ "event": "signed_out", "error": error }),
        EngineEvent::SessionChanged(row) => json!({ "event": "row", "session": row.session_id.0, "status": row.status }),
        EngineEvent::Failed { what, session_id, error } => {
            json!({ "event": "failed", "what": what, "session": session_id.map(|id| id.0), "error": error })
        }
        EngineEvent::Session { session_id, event } => match of_session(shared, *session_id, event) {
            Some(mut line) => {
                line["session"] = session_id.0.into();
                line
            }
            None => return,
        },
        _ => return,
    };
    say(line);
}

fn say(mut line: Value) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    line["at_millis"] = u64::try_from(now.as_millis()).unwrap_or_default().into();
    // Nobody may listen any more; then there is nobody to tell.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn of_session(shared: &Shared, session_id: SessionId, event: &ViewerEvent) -> Option<Value> {
    Some(match event {
        ViewerEvent::Link(LinkState::Connecting(_)) => json!({ "event": "connecting" }),
        ViewerEvent::Link(LinkState::Up(path)) => json!({ "event": "up", "path": format!("{path:?}") }),
        ViewerEvent::Link(LinkState::Stalled { silent_millis }) => json!({ "event": "stalled", "silent_millis": silent_millis }),
        ViewerEvent::Link(LinkState::Lost { error, .. }) => json!({ "event": "lost", "error": error }),
        ViewerEvent::Link(LinkState::Ended(error)) => json!({ "event": "ended", "error": error }),
        ViewerEvent::Welcome(_) => json!({ "event": "welcome" }),
        ViewerEvent::Layout(layout) => {
            shared
                .epochs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(session_id, layout.epoch);
            let bounds = layout.bounds();
            json!({ "event": "layout", "width": bounds.width, "height": bounds.height })
        }
        ViewerEvent::Stats(stats) => {
            json!({ "event": "stats", "path": format!("{:?}", stats.path), "exact": stats.exact, "rtt_millis": stats.rtt_millis })
        }
        ViewerEvent::Chat { mine, text, .. } => json!({ "event": "chat", "mine": mine, "text": text }),
        ViewerEvent::Grant { granted, cause } => json!({ "event": "grant", "granted": granted.to_string(), "cause": cause }),
        ViewerEvent::Consent { answer, capabilities, .. } => {
            json!({ "event": "consent", "answer": answer, "capabilities": capabilities.to_string() })
        }
        ViewerEvent::Screen(state) => json!({ "event": "screen", "state": state }),
        ViewerEvent::Control(on) => json!({ "event": "control", "on": on }),
        ViewerEvent::View(on) => json!({ "event": "view", "on": on }),
        ViewerEvent::Refused(error) => json!({ "event": "refused", "error": error }),
        ViewerEvent::Done(mark) => json!({ "event": "done", "mark": mark }),
        _ => return None,
    })
}

/// Passes bytes on for whoever asks with CONNECT, and says where to; nothing else.
fn proxy(address: &str) -> Result<()> {
    let listener = TcpListener::bind(address)?;
    println!("proxy at {}", listener.local_addr()?);
    for client in listener.incoming() {
        let client = client?;
        thread::spawn(move || {
            if let Err(error) = tunnel(client) {
                eprintln!("{error:#}");
            }
        });
    }
    Ok(())
}

fn tunnel(mut client: TcpStream) -> Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let Some(target) = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()) else {
        client.write_all(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")?;
        return Ok(());
    };
    println!("CONNECT {target}");
    let server = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let up = thread::spawn(move || {
        // Either side may go at any time.
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(std::net::Shutdown::Write);
    });
    let (mut from_server, mut to_client) = (server, client);
    let _ = std::io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(std::net::Shutdown::Both);
    let _ = up.join();
    Ok(())
}
