//! `farhand`: the command line over the same engine as the console. Text for people, JSON for scripts; every failure has a stable code and an exit status
//! (docs/errors.md).
#![forbid(unsafe_code)]

mod args;
mod doctor;
mod keys;
mod link;
mod watch;

use std::{
    io::{BufRead, IsTerminal, Read},
    process::ExitCode,
    time::{Duration, Instant},
};

use args::{Args, Command, SessionCommand};
use clap::Parser;
use farhand_engine::{
    folders::Folders,
    gateway::{GatewayAddress, GatewayClient},
    keystore::{KeptSignIn, KeyStore},
    link::Route,
};
use farhand_protocol::{
    api::{MailLink, NewSession, SessionRow},
    error::{ErrorBody, ErrorCode},
    geometry::Point,
    input::{Button, InputEvent, Press},
};
use link::SessionLink;
use serde_json::json;
use zeroize::Zeroizing;

/// A command that was not told otherwise gives up after this time.
const PATIENCE: Duration = Duration::from_secs(60);
/// No link is longer.
const MAX_LINK_BYTES: u64 = 4096;

/// What every command needs.
pub struct Context {
    agent: String,
    folders: Folders,
    route: Route,
    json: bool,
    /// A command that takes a link up gives up then.
    until: Instant,
    /// A call to the gateway gives up after so long.
    patience: Duration,
    /// Nobody said when to give up.
    is_patient: bool,
    gateway: Option<String>,
    trust: Option<String>,
    runtime: tokio::runtime::Runtime,
}

fn main() -> ExitCode {
    let args = Args::parse();
    farhand_engine::logging::start("error");
    let json = args.json;
    match Context::new(&args).and_then(|context| run(&context, args.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if json {
                eprintln!("{}", serde_json::to_string(&error).unwrap_or_default());
            } else {
                eprintln!("{error}");
            }
            ExitCode::from(error.code.class().exit_status())
        }
    }
}

impl Context {
    fn new(args: &Args) -> Result<Self, ErrorBody> {
        let folders = match &args.state {
            Some(folder) => Folders::below(folder),
            None => Folders::of_user()?,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))?;
        let patience = args.timeout.map_or(PATIENCE, Duration::from_secs);
        Ok(Self {
            agent: concat!("farhand/", env!("CARGO_PKG_VERSION")).to_owned(),
            folders,
            route: Route::parse(&args.route)?,
            json: args.json,
            until: Instant::now() + patience,
            patience,
            is_patient: args.timeout.is_none(),
            gateway: args.gateway.clone(),
            trust: args.trust.clone(),
            runtime,
        })
    }

    /// Waits for a call to the gateway, but not for ever. The time runs from the call on: typing a password may take as long as it takes.
    fn block_on<T>(&self, work: impl Future<Output = Result<T, ErrorBody>>) -> Result<T, ErrorBody> {
        let in_vain = || {
            ErrorBody::new(
                ErrorCode::GatewayUnreachable,
                "waited for the gateway in vain; try a longer --timeout",
            )
        };
        self.runtime
            .block_on(async { tokio::time::timeout(self.patience, work).await })
            .unwrap_or_else(|_| Err(in_vain()))
    }

    fn keys(&self) -> KeyStore {
        KeyStore::new(&self.folders)
    }

    /// Gateway from flag, environment or the kept sign-in.
    fn address(&self) -> Result<GatewayAddress, ErrorBody> {
        match (&self.gateway, self.keys().last_sign_in()) {
            (Some(gateway), _) => GatewayAddress::parse(gateway, self.trust.as_deref()),
            (None, Some(kept)) => GatewayAddress::parse(&kept.gateway, kept.trust.as_deref()),
            (None, None) => Err(ErrorBody::new(
                ErrorCode::RequestMalformed,
                "which gateway? give --gateway or FARHAND_GATEWAY",
            )),
        }
    }

    /// Address and token, from the environment or the kept sign-in.
    fn signed_in(&self) -> Result<(GatewayAddress, Zeroizing<String>), ErrorBody> {
        if let Ok(token) = std::env::var("FARHAND_TOKEN") {
            return Ok((self.address()?, Zeroizing::new(token)));
        }
        let kept = self.runtime.block_on(self.keys().find());
        let (kept, token) = kept.ok_or_else(|| {
            ErrorBody::new(
                ErrorCode::AuthMissing,
                "sign in first: `farhand login --keep`, or set FARHAND_TOKEN",
            )
        })?;
        Ok((kept_address(&kept, self.gateway.as_deref(), self.trust.as_deref())?, token))
    }

    /// True for the token that was kept, wherever it came from this time.
    fn is_kept(&self, address: &GatewayAddress, token: &str) -> bool {
        let kept = self.runtime.block_on(self.keys().find());
        kept.is_some_and(|(kept, kept_token)| kept.gateway == address.origin && kept_token.as_str() == token)
    }

    fn client(&self) -> Result<GatewayClient, ErrorBody> {
        let (address, token) = self.signed_in()?;
        Ok(GatewayClient::new(address, &self.agent)?.with_token(&token))
    }
}

/// Where the kept sign-in is good, as long as no other gateway was asked for.
fn kept_address(kept: &KeptSignIn, gateway: Option<&str>, trust: Option<&str>) -> Result<GatewayAddress, ErrorBody> {
    let known = GatewayAddress::parse(&kept.gateway, kept.trust.as_deref())?;
    let Some(gateway) = gateway else { return Ok(known) };
    let asked = GatewayAddress::parse(gateway, trust)?;
    if asked.origin != known.origin {
        return Err(ErrorBody::new(
            ErrorCode::AuthMissing,
            format!(
                "the kept sign-in is for {}, not for {}; sign in there first: `farhand login --keep`, or set FARHAND_TOKEN",
                known.origin, asked.origin
            ),
        ));
    }
    Ok(GatewayAddress {
        trust: asked.trust.or(known.trust),
        ..known
    })
}

fn run(context: &Context, command: Command) -> Result<(), ErrorBody> {
    match command {
        Command::Login { email, keep } => login(context, &email, keep),
        Command::Logout { everywhere } => {
            let (address, token) = context.signed_in()?;
            let is_kept = context.is_kept(&address, &token);
            let client = GatewayClient::new(address, &context.agent)?.with_token(&token);
            context.block_on(client.logout(everywhere))?;
            // A token of a script says nothing about the sign-in that a person keeps here.
            if is_kept {
                context.runtime.block_on(context.keys().forget());
            }
            print(context, &json!({ "signed_out": true }), "signed out")
        }
        Command::Session(command) => session(context, command),
        Command::Watch { id, view } => {
            let link = SessionLink::open(context, id)?;
            let link = if context.is_patient { link.without_end() } else { link };
            watch::run(&link, context.json, view)
        }
        Command::Type { id, text } => {
            SessionLink::open(context, id)?.act(vec![InputEvent::Text(keys::text(&text))])?;
            print(context, &json!({ "typed": true }), "typed")
        }
        Command::Key { id, chord } => {
            let events = keys::chord(&chord).map_err(|e| ErrorBody::new(ErrorCode::RequestMalformed, e))?;
            SessionLink::open(context, id)?.act(events)?;
            print(context, &json!({ "pressed": chord }), "pressed")
        }
        Command::Click(click) => {
            let button = button(&click.button)?;
            let pos = Point { x: click.x, y: click.y };
            SessionLink::open(context, click.id)?.act_at(pos, |epoch| clicks(epoch, pos, button, if click.double { 2 } else { 1 }))?;
            print(context, &json!({ "clicked": [click.x, click.y] }), "clicked")
        }
        Command::Move { id, x, y } => {
            let pos = Point { x, y };
            SessionLink::open(context, id)?.act_at(pos, |epoch| vec![InputEvent::PointerMove { epoch, pos }])?;
            print(context, &json!({ "moved": [x, y] }), "moved")
        }
        Command::Screenshot { id, file } => {
            let (width, height, rgb) = SessionLink::open(context, id)?.picture()?;
            image::save_buffer(&file, &rgb, width, height, image::ColorType::Rgb8)
                .map_err(|e| ErrorBody::new(ErrorCode::StorageFailed, format!("{}: {e}", file.display())))?;
            print(
                context,
                &json!({ "file": file, "width": width, "height": height }),
                &format!("{} ({width}×{height})", file.display()),
            )
        }
        Command::Chat { id, text } => {
            SessionLink::open(context, id)?.chat(&text)?;
            print(context, &json!({ "sent": true }), "sent")
        }
        Command::Doctor { bundle } => doctor::run(context, bundle.as_deref()),
    }
}

fn login(context: &Context, email: &str, keep: bool) -> Result<(), ErrorBody> {
    let password = match std::env::var("FARHAND_PASSWORD") {
        Ok(password) => Zeroizing::new(password),
        Err(_) => ask_password()?,
    };
    let address = context.address()?;
    let client = GatewayClient::new(address.clone(), &context.agent)?;
    let answer = context.block_on(client.login(email, &password))?;
    let mut says = format!("signed in as {} at {}", answer.technician.name, answer.technician.organisation);
    if keep {
        let kept = KeptSignIn {
            gateway: address.origin,
            trust: address.trust.map(String::from),
            email: answer.email.clone(),
        };
        match context.block_on(context.keys().keep(&kept, &answer.token))? {
            farhand_engine::keystore::Kept::KeyRing => says.push_str("; the token is in the key ring"),
            farhand_engine::keystore::Kept::File(path) => {
                says.push_str(&format!("; there is no key ring, so the token is in {}", path.display()))
            }
        }
    }
    let value = json!({
        "token": answer.token,
        "expires_at": answer.expires_at,
        "technician": answer.technician,
        "email": answer.email,
        "permissions": answer.permissions,
    });
    print(context, &value, &says)
}

fn ask_password() -> Result<Zeroizing<String>, ErrorBody> {
    if !std::io::stdin().is_terminal() {
        return Err(ErrorBody::new(
            ErrorCode::RequestMalformed,
            "set FARHAND_PASSWORD, or run this on a terminal",
        ));
    }
    rpassword::prompt_password("Password: ")
        .map(Zeroizing::new)
        .map_err(|e| ErrorBody::new(ErrorCode::Internal, e.to_string()))
}

/// A link is a secret, so it is never an argument.
fn ask_link() -> Result<String, ErrorBody> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Link: ");
    }
    let mut line = String::new();
    input
        .lock()
        .take(MAX_LINK_BYTES)
        .read_line(&mut line)
        .map_err(|e| ErrorBody::new(ErrorCode::RequestMalformed, format!("the link cannot be read: {e}")))?;
    let link = line.trim();
    if link.is_empty() {
        let how = "give the link on standard input, as `farhand session new --json` printed it";
        return Err(ErrorBody::new(ErrorCode::RequestMalformed, how));
    }
    Ok(link.to_owned())
}

fn session(context: &Context, command: SessionCommand) -> Result<(), ErrorBody> {
    let client = context.client()?;
    let row = |row: SessionRow| print(context, &json!(row), &line(&row));
    match command {
        SessionCommand::New {
            name,
            auto_start,
            valid_minutes,
        } => {
            let wanted = NewSession {
                name,
                auto_start,
                valid_minutes,
                fields: Vec::new(),
            };
            let created = context.block_on(client.new_session(&wanted))?;
            let says = format!(
                "session {}\nPIN  {}\nlink {}\nuntil {}",
                created.session_id, created.pin, created.link, created.expires_at
            );
            print(context, &json!(created), &says)
        }
        SessionCommand::Mail { id, to } => {
            let mail = MailLink { to, link: ask_link()? };
            context.block_on(client.mail_link(id, &mail))?;
            print(context, &json!({ "sent": true, "to": mail.to }), &format!("sent to {}", mail.to))
        }
        SessionCommand::List { ended } => {
            let rows = context.block_on(client.sessions(ended))?;
            print(context, &json!(rows), &rows.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
        SessionCommand::Start { id } => row(context.block_on(client.start(id))?),
        SessionCommand::Hold { id } => row(context.block_on(client.hold(id))?),
        SessionCommand::Close { id } => {
            let row = context.block_on(client.close(id))?;
            print(context, &json!(row), &closed(&row))
        }
        SessionCommand::Events { id } => {
            let events = context.block_on(client.events(id, 0))?;
            let text = events
                .iter()
                .map(|e| format!("{}  {:<12} {:<24} {}", e.occurred_at, e.actor, e.kind, e.detail))
                .collect::<Vec<_>>();
            print(context, &json!(events), &text.join("\n"))
        }
    }
}

/// A session whose customer never came has no final state, only a code that is of no use any more.
fn closed(row: &SessionRow) -> String {
    match row.status {
        Some(_) => line(row),
        None => format!("{:<6} {:<24} code withdrawn", row.session_id, row.name),
    }
}

fn line(row: &SessionRow) -> String {
    let status = row.status.map_or_else(|| "waits for the customer".to_owned(), |s| s.to_string());
    format!("{:<6} {:<24} {:<24} since {}", row.session_id, row.name, status, row.since)
}

fn button(name: &str) -> Result<Button, ErrorBody> {
    Ok(match name {
        "left" => Button::Left,
        "middle" => Button::Middle,
        "right" => Button::Right,
        "back" => Button::Back,
        "forward" => Button::Forward,
        other => {
            return Err(ErrorBody::new(
                ErrorCode::RequestMalformed,
                format!("there is no button {other}; use left, middle, right, back or forward"),
            ));
        }
    })
}

fn clicks(epoch: u32, pos: Point, button: Button, times: usize) -> Vec<InputEvent> {
    let press = |press| InputEvent::PointerButton { epoch, pos, button, press };
    let mut events = vec![InputEvent::PointerMove { epoch, pos }];
    for _ in 0..times {
        events.extend([press(Press::Down), press(Press::Up)]);
    }
    events
}

fn print(context: &Context, value: &serde_json::Value, text: &str) -> Result<(), ErrorBody> {
    println!("{}", if context.json { value.to_string() } else { text.to_owned() });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_sign_in_is_for_no_other_gateway_than_its_own() {
        let kept = KeptSignIn {
            gateway: "https://here.example".into(),
            trust: None,
            email: "ada@acme.example".into(),
        };
        let origin = |gateway| kept_address(&kept, gateway, None).map(|address| address.origin);
        for same in [None, Some("https://here.example/"), Some("here.example")] {
            assert_eq!(origin(same).unwrap(), "https://here.example");
        }
        let error = origin(Some("https://there.example")).unwrap_err();
        assert_eq!(error.code, ErrorCode::AuthMissing);
        assert!(error.message.contains("https://there.example") && error.message.contains("sign in there first"));
    }
}
