//! Starts programs, keeps what they say in files, and ends them with everything they started.
//!
//! Each program leads a process group of its own and is told to end when the thread that started it
//! does, so that a test that is killed leaves nothing behind. Start programs from threads that live as
//! long as the programs should.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::wait;

/// How long a program may take to end after being asked to.
const GRACE: Duration = Duration::from_secs(5);
/// Variables of ours that must never leak from the caller into a program under test.
const OWN_VARIABLES: [&str; 4] = ["FARHAND_GATEWAY", "FARHAND_TRUST", "FARHAND_TOKEN", "FARHAND_PASSWORD"];

/// Where the programs under test lie: `FARHAND_BIN_DIR`, or beside the test that is running.
pub fn binary_dir() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("FARHAND_BIN_DIR") {
        return Ok(PathBuf::from(dir));
    }
    let own = std::env::current_exe().context("where is this test?")?;
    let dir = own.parent().context("a test lies in a folder")?;
    let dir = if dir.ends_with("deps") { dir.parent().unwrap_or(dir) } else { dir };
    Ok(dir.to_path_buf())
}

/// The path of one of our programs, which must have been built.
pub fn binary(name: &str) -> Result<PathBuf> {
    let path = binary_dir()?.join(name);
    if !path.is_file() {
        bail!("{} is not built: run `cargo build --bins`", path.display());
    }
    // Programs are started in folders of their own.
    path.canonicalize().with_context(|| path.display().to_string())
}

/// A program to be started: what, with which arguments and environment, saying it where.
#[derive(Debug, Clone)]
pub struct Program {
    name: String,
    path: PathBuf,
    prefix: Vec<OsString>,
    args: Vec<OsString>,
    envs: Vec<(OsString, OsString)>,
    removed: Vec<OsString>,
    folder: Option<PathBuf>,
    listens: bool,
}

impl Program {
    /// One of our own programs, by name.
    pub fn farhand(name: &str) -> Result<Self> {
        Ok(Self::at(binary(name)?))
    }

    /// Any program, by path or by name on `PATH`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let removed = OWN_VARIABLES.iter().map(OsString::from).collect();
        Self {
            name,
            path,
            prefix: Vec::new(),
            args: Vec::new(),
            envs: Vec::new(),
            removed,
            folder: None,
            listens: false,
        }
    }

    /// Names the files its words go to; by default the program's own name.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable.
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.envs.push((key.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets variables.
    pub fn envs<K: AsRef<OsStr>, V: AsRef<OsStr>>(mut self, envs: impl IntoIterator<Item = (K, V)>) -> Self {
        for (key, value) in envs {
            self = self.env(key, value);
        }
        self
    }

    /// Unsets a variable.
    pub fn env_remove(mut self, key: impl AsRef<OsStr>) -> Self {
        self.removed.push(key.as_ref().to_owned());
        self
    }

    /// Starts it through another program, such as `ip netns exec NAME`.
    pub fn prefixed(mut self, prefix: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.prefix.extend(prefix.into_iter().map(|word| word.as_ref().to_owned()));
        self
    }

    /// Starts it in this folder; by default in the caller's.
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// Lets it be told lines by [`Running::say`]; otherwise it reads nothing.
    pub fn listening(mut self) -> Self {
        self.listens = true;
        self
    }

    fn command(&self) -> Command {
        let mut words = self.prefix.clone();
        words.push(self.path.clone().into_os_string());
        words.extend(self.args.iter().cloned());
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).args(words);
        for key in &self.removed {
            command.env_remove(key);
        }
        command.envs(self.envs.iter().map(|(key, value)| (key, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let stdin = if self.listens { Stdio::piped() } else { Stdio::null() };
        command.stdin(stdin).process_group(0);
        command
    }

    /// Starts it; its words go to `NAME.out` and `NAME.log` in `log_dir`.
    pub fn spawn(&self, log_dir: &Path) -> Result<Running> {
        let out = log_dir.join(format!("{}.out", self.name));
        let log = log_dir.join(format!("{}.log", self.name));
        let child = self
            .command()
            .stdout(File::create(&out).with_context(|| out.display().to_string())?)
            .stderr(File::create(&log).with_context(|| log.display().to_string())?)
            .spawn()
            .with_context(|| format!("start {}", self.path.display()))?;
        Ok(Running {
            name: self.name.clone(),
            child,
            out,
            log,
            ended: None,
        })
    }

    /// Runs it to its end and gives what it printed; a status other than 0 is an error with its words.
    pub fn run(&self) -> Result<String> {
        let output = self.command().output().with_context(|| format!("start {}", self.path.display()))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            bail!("{} {:?} ended with {}: {words}{text}", self.name, self.args, output.status);
        }
        Ok(text)
    }
}

/// A program that was started. Dropped, it is killed with everything in its process group.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    out: PathBuf,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

impl Running {
    /// Its process id, which is also that of its group.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed so far.
    pub fn stdout(&self) -> String {
        read_lossy(&self.out)
    }

    /// What it has said on its error stream so far: its log.
    pub fn log(&self) -> String {
        read_lossy(&self.log)
    }

    /// Tells it a line on its standard input; only for a program that is [`Program::listening`].
    pub fn say(&mut self, line: &str) -> Result<()> {
        let name = &self.name;
        let stdin = self.child.stdin.as_mut();
        let stdin = stdin.with_context(|| format!("{name} does not listen"))?;
        writeln!(stdin, "{line}").with_context(|| format!("tell {name}"))?;
        Ok(stdin.flush()?)
    }

    /// Tells it something and then that nothing more comes; only for a program that is [`Program::listening`].
    pub fn say_all(&mut self, words: &str) -> Result<()> {
        let name = &self.name;
        let mut stdin = self.child.stdin.take().with_context(|| format!("{name} does not listen"))?;
        stdin.write_all(words.as_bytes()).with_context(|| format!("tell {name}"))
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.poll_exit().is_ok_and(|status| status.is_none())
    }

    fn poll_exit(&mut self) -> Result<Option<ExitStatus>> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait()?;
        }
        Ok(self.ended)
    }

    /// Waits until it has ended by itself.
    pub fn wait_exit(&mut self, timeout: Duration) -> Result<ExitStatus> {
        let what = format!("the end of {}", self.name);
        wait::until(&what, timeout, || self.poll_exit())
    }

    /// Waits for a whole line on its standard output that `wanted` accepts, and gives what it made of
    /// it. Fails at once when the program ends first.
    pub fn wait_line<T>(&mut self, what: &str, timeout: Duration, mut wanted: impl FnMut(&str) -> Option<T>) -> Result<T> {
        let name = self.name.clone();
        let found = wait::until(&format!("{what} from {name}"), timeout, || {
            let ended = self.poll_exit()?;
            let text = self.stdout();
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            match (whole.lines().find_map(&mut wanted), ended) {
                (Some(value), _) => Ok(Some(Ok(value))),
                (None, Some(status)) => Ok(Some(Err(status))),
                (None, None) => Ok(None),
            }
        });
        match found {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(status)) => bail!("{name} ended with {status} before {what}: {}", self.log()),
            Err(error) => Err(error.context(format!("{}{}", self.stdout(), self.log()))),
        }
    }

    /// Waits until its log holds `words`.
    pub fn wait_log(&mut self, words: &str, timeout: Duration) -> Result<()> {
        let what = format!("{words:?} in the log of {}", self.name);
        wait::until(&what, timeout, || Ok(self.log().contains(words).then_some(())))
    }

    /// Sends a signal to the program alone.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        Ok(nix::sys::signal::kill(self.group(), signal)?)
    }

    /// Asks it to end and waits; kills it when it does not.
    pub fn terminate(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.poll_exit()? {
            return Ok(status);
        }
        self.signal(Signal::SIGTERM)?;
        self.wait_exit(GRACE).or_else(|_| self.kill_hard())
    }

    /// Kills it and its whole group with -9, and waits until it is gone.
    pub fn kill_hard(&mut self) -> Result<ExitStatus> {
        if self.ended.is_none() {
            // The group may be gone already; the wait below says what became of the leader.
            let _ = killpg(self.group(), Signal::SIGKILL);
        }
        self.wait_exit(GRACE)
    }

    fn group(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A leader that ended may have left others in its group; its id stays theirs until they end.
        let _ = killpg(self.group(), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

fn read_lossy(path: &Path) -> String {
    std::fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}
