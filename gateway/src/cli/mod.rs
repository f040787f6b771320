//! The command line of `farhand-gateway`. Flags go before environment, environment before `D/gateway.toml`; secrets are never arguments.

mod accounts;
mod applet;
mod backup;
mod config;
mod doctor;
mod init;
mod mail;
mod serve;
mod terms;
mod text;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, error::ErrorKind, parser::ValueSource};
use tracing_subscriber::EnvFilter;

use crate::{
    accounts::group_by_name,
    db::{Db, Location},
    serve::organisation_name,
};

/// The flag of [`DataArgs::database`].
const DATABASE: &str = "database";

/// Gateway of Farhand: accounts, sessions, signalling and relay of one organisation.
#[derive(Debug, Parser)]
#[command(name = "farhand-gateway", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes the data folder, the organisation and its first administrator (password from FARHAND_PASSWORD or the terminal).
    Init(InitArgs),
    /// Serves until SIGTERM or Ctrl+C.
    Serve(ServeArgs),
    /// Accounts of technicians.
    #[command(subcommand)]
    Technician(TechnicianCommand),
    /// Terms that customers must accept before a technician is told that they wait.
    #[command(subcommand)]
    Terms(terms::TermsCommand),
    /// Words of the e-mail that carries a link, for each technician group.
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// What applets follow in the sessions of each technician group.
    #[command(subcommand)]
    Applet(applet::AppletCommand),
    /// Checks whether this gateway can serve.
    Doctor {
        #[command(flatten)]
        settings: ServeSettings,
        /// JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Saves database, keys and settings in one file, also beside a gateway that runs.
    Backup {
        #[command(flatten)]
        data: DataArgs,
        /// File to write.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

/// Where the gateway keeps its data.
#[derive(Debug, Clone, Args)]
struct DataArgs {
    /// Data folder.
    #[arg(long, env = "FARHAND_DATA", value_name = "D")]
    data: PathBuf,
    /// PostgreSQL instead of the SQLite file in the data folder; a URL with a password goes into the variable or gateway.toml.
    #[arg(long, env = "FARHAND_DATABASE", value_name = "URL", hide_env_values = true)]
    database: Option<String>,
}

/// A technician group, and where the gateway keeps its data.
#[derive(Debug, Args)]
struct GroupArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Name of the technician group; the one above all others unless given.
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
}

#[derive(Debug, Args)]
struct InitArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Name of the organisation, as customers see it.
    #[arg(long)]
    org: String,
    /// Address of the first administrator.
    #[arg(long)]
    admin_email: String,
    /// Name of the first administrator.
    #[arg(long)]
    admin_name: String,
    /// Address customers and technicians use, https://host[:port].
    #[arg(long, env = "FARHAND_PUBLIC_URL")]
    public_url: Option<String>,
    /// One JSON object instead of text.
    #[arg(long)]
    json: bool,
}

/// How to serve, for `serve` and for `doctor`, which asks whether it can be done.
#[derive(Debug, Args)]
struct ServeSettings {
    #[command(flatten)]
    data: DataArgs,
    /// Address and port; port 0 takes a free one.
    #[arg(long, env = "FARHAND_LISTEN", value_name = "IP:PORT")]
    listen: Option<SocketAddr>,
    /// Address customers and technicians use, https://host[:port].
    #[arg(long, env = "FARHAND_PUBLIC_URL")]
    public_url: Option<String>,
    /// Address of this process's relay, where several processes share the public address.
    #[arg(long, env = "FARHAND_RELAY_URL")]
    relay_url: Option<String>,
    /// Certificate chain from elsewhere instead of the gateway's own CA.
    #[arg(long, env = "FARHAND_CERT", requires = "key", value_name = "PEM")]
    cert: Option<PathBuf>,
    /// Its private key.
    #[arg(long, env = "FARHAND_KEY", requires = "cert", value_name = "PEM")]
    key: Option<PathBuf>,
    /// Plain HTTP on loopback behind a proxy on this machine that ends TLS and sets X-Forwarded-For.
    #[arg(long, env = "FARHAND_BEHIND_PROXY", conflicts_with = "cert")]
    behind_proxy: bool,
    /// Address discovery on UDP, on or off.
    #[arg(long, env = "FARHAND_RELAY_UDP", value_name = "on|off")]
    relay_udp: Option<Switch>,
    /// Folder with the applets for download; D/downloads unless set.
    #[arg(long, env = "FARHAND_DOWNLOADS", value_name = "DIR")]
    downloads: Option<PathBuf>,
    #[command(flatten)]
    mail: MailSettings,
}

/// Where the e-mails go that technicians send through the gateway.
#[derive(Debug, Args)]
struct MailSettings {
    /// Mail server through which technicians can send links: smtps://HOST[:PORT], smtp://HOST[:PORT] (STARTTLS) or smtp+plain://127.0.0.1[:PORT].
    #[arg(long, env = "FARHAND_MAIL_SERVER", value_name = "URL")]
    mail_server: Option<String>,
    /// Address that this mail comes from.
    #[arg(long, env = "FARHAND_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Account at the mail server; its password goes into FARHAND_MAIL_PASSWORD or gateway.toml.
    #[arg(long, env = "FARHAND_MAIL_USER", value_name = "NAME")]
    mail_user: Option<String>,
}

#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    settings: ServeSettings,
    /// One JSON object {url, trust, listen} instead of text.
    #[arg(long)]
    json: bool,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

#[derive(Debug, Subcommand)]
enum TechnicianCommand {
    /// Makes an account (password from FARHAND_PASSWORD or the terminal).
    Add {
        #[command(flatten)]
        data: DataArgs,
        /// Address of the account.
        #[arg(long)]
        email: String,
        /// Name, as customers see it.
        #[arg(long)]
        name: String,
        /// One JSON object instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Lists the accounts.
    List {
        #[command(flatten)]
        data: DataArgs,
        /// JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Bars an account; its sign-ins and sessions end.
    Disable {
        #[command(flatten)]
        data: DataArgs,
        /// Address of the account.
        #[arg(long)]
        email: String,
    },
    /// Admits an account again.
    Enable {
        #[command(flatten)]
        data: DataArgs,
        /// Address of the account.
        #[arg(long)]
        email: String,
    },
    /// Sets a new password; every sign-in of the account ends.
    Password {
        #[command(flatten)]
        data: DataArgs,
        /// Address of the account.
        #[arg(long)]
        email: String,
    },
    /// Ends every sign-in of the account, as when a computer was lost.
    SignOut {
        #[command(flatten)]
        data: DataArgs,
        /// Address of the account.
        #[arg(long)]
        email: String,
    },
}

/// Runs the program.
pub fn run() -> ExitCode {
    let cli = parse();
    let filter = EnvFilter::try_from_env("FARHAND_LOG").unwrap_or_else(|_| EnvFilter::new("info,noq=warn,iroh_relay=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    // A second provider cannot be there yet; rustls users without one of their own take this.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(dispatch(cli.command)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("farhand-gateway: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The command line, unless a password stands in it.
fn parse() -> Cli {
    let matches = Cli::command().get_matches();
    if shows_password(&matches) {
        let why = "every user of this machine can read the password in --database; put the URL into FARHAND_DATABASE or gateway.toml";
        Cli::command().error(ErrorKind::ValueValidation, why).exit();
    }
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// True when the flag of the database, not the variable, holds a password.
fn shows_password(matches: &ArgMatches) -> bool {
    if let Some((_, inner)) = matches.subcommand() {
        return shows_password(inner);
    }
    // Commands without a database do not know the flag.
    matches.try_contains_id(DATABASE).unwrap_or(false)
        && matches.value_source(DATABASE) == Some(ValueSource::CommandLine)
        && matches.get_one::<String>(DATABASE).is_some_and(|url| config::has_password(url))
}

async fn dispatch(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Init(args) => init::run(args).await,
        Command::Serve(args) => serve::run(args).await,
        Command::Technician(command) => accounts::run(command).await,
        Command::Terms(command) => terms::run(command).await,
        Command::Mail(command) => mail::run(command).await,
        Command::Applet(command) => applet::run(command).await,
        Command::Doctor { settings, json } => doctor::run(settings, json).await,
        Command::Backup { data, to } => backup::run(data, &to).await,
    }
}

/// The database of a folder that `init` has finished, without serving from it.
async fn open_initialised(data: &DataArgs) -> anyhow::Result<Db> {
    let (_, _, location) = config::resolve(data)?;
    if let Location::File(path) = &location
        && !path.exists()
    {
        anyhow::bail!("{} holds no gateway yet; run `farhand-gateway init` first", data.data.display());
    }
    let db = Db::open_beside(&location).await?;
    organisation_name(&db).await?;
    Ok(db)
}

/// The same, with the number of the technician group.
async fn open_group(unit: &GroupArgs) -> anyhow::Result<(Db, i64)> {
    let db = open_initialised(&unit.data).await?;
    let group_id = group_by_name(&db, unit.group.as_deref()).await?;
    Ok((db, group_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed_and_a_password_in_it_is_noticed() {
        Cli::command().debug_assert();
        let shows = |arguments: &[&str]| {
            let line = [&["farhand-gateway"], arguments].concat();
            shows_password(&Cli::command().try_get_matches_from(line).unwrap())
        };
        let (good, bad) = ("postgres://farhand@db/farhand", "postgres://farhand:secret@db/farhand");
        assert!(shows(&["serve", "--data", "d", "--database", bad]));
        assert!(shows(&["technician", "list", "--data", "d", "--database", bad]));
        assert!(shows(&["applet", "show", "--data", "d", "--database", bad]));
        assert!(!shows(&["doctor", "--data", "d", "--database", good]));
        assert!(!shows(&["backup", "--data", "d", "--to", "f"]));
    }
}
