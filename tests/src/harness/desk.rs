//! One person's computer: a display, a session bus, a home folder, and eyes and hands on them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::atspi::{Accessibility, Element, Query};
use super::bus::{Keyring, SessionBus};
use super::display::{Display, SizePx};
use super::process::{Program, Running};
use super::screen::Screen;
use super::wait;
use super::window::Windows;
use super::xtest::Hands;

/// How long a control may take to appear before it is pressed.
pub const APPEAR: Duration = Duration::from_secs(20);

/// A computer with a screen. Everything on it ends when it is dropped.
#[derive(Debug)]
pub struct Desk {
    /// The mouse and keyboard.
    pub hands: Hands,
    /// The eye on its screen.
    pub screen: Screen,
    /// What assistive programs see.
    pub accessibility: Accessibility,
    /// What the window manager knows.
    pub windows: Windows,
    bus: SessionBus,
    display: Display,
    folder: TempDir,
}

impl Desk {
    /// A computer with a virtual screen of `size_px`, a window manager and no keyring.
    pub fn new(size_px: SizePx) -> Result<Self> {
        let folder = new_folder()?;
        let display = Display::virtual_screen(size_px, folder.path())?.with_window_manager(folder.path())?;
        Self::around(display, folder, Keyring::Absent)
    }

    /// A computer whose screen is a window of the display `outer`.
    pub fn nested(outer: &str, title: &str, size_px: SizePx) -> Result<Self> {
        let folder = new_folder()?;
        let display = Display::nested(outer, title, size_px, folder.path())?.with_window_manager(folder.path())?;
        Self::around(display, folder, Keyring::Absent)
    }

    /// A computer around a display that stands already.
    pub fn on(display: Display, keyring: Keyring) -> Result<Self> {
        Self::around(display, new_folder()?, keyring)
    }

    fn around(display: Display, folder: TempDir, keyring: Keyring) -> Result<Self> {
        let envs = environment(folder.path(), display.name());
        for (key, value) in &envs {
            if key == "HOME" || key.starts_with("XDG_") && value.starts_with('/') {
                make_private(Path::new(value))?;
            }
        }
        let bus = SessionBus::start(folder.path(), &envs, keyring)?;
        let accessibility = Accessibility::enable(bus.address())?;
        let hands = Hands::on(&display)?;
        let screen = Screen::open(&display)?;
        let windows = Windows::of(&display)?;
        Ok(Self {
            hands,
            screen,
            accessibility,
            windows,
            bus,
            display,
            folder,
        })
    }

    /// The display.
    pub fn display(&self) -> &Display {
        &self.display
    }

    /// Whether nobody else uses this computer's display.
    pub fn is_own(&self) -> bool {
        self.display.is_own()
    }

    /// The folder its files, sockets and logs lie in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The home folder of its person.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The environment of a program on this computer.
    pub fn envs(&self) -> Vec<(String, String)> {
        let mut envs = environment(self.folder.path(), self.display.name());
        envs.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), self.bus.address().to_owned()));
        envs
    }

    /// Starts a program on this computer.
    pub fn start(&self, program: Program) -> Result<Running> {
        let program = program.env_remove("WAYLAND_DISPLAY").envs(self.envs()).in_folder(self.home());
        program.spawn(self.folder.path())
    }

    /// Waits for a control of a program and gives it.
    pub fn find(&self, program: &Running, query: &Query) -> Result<Element> {
        self.accessibility.find(program.pid(), query, APPEAR)
    }

    /// Waits for a control of a program that can be pressed, and clicks in its middle.
    pub fn press(&self, program: &Running, query: &Query) -> Result<Element> {
        let element = self.accessibility.find_steady(program.pid(), &query.clone().enabled(), APPEAR)?;
        let (x, y) = element.bounds.centre();
        self.hands.click(x, y)?;
        Ok(element)
    }

    /// Presses what can be pressed only once a text was read to its end: presses `more` as long as that is there.
    pub fn press_after(&self, program: &Running, more: &Query, query: &Query) -> Result<Element> {
        let (pid, wanted) = (program.pid(), query.clone().enabled());
        wait::until("a text read to its end", APPEAR, || {
            if self.accessibility.is_there(pid, &wanted)? {
                return Ok(Some(()));
            }
            if let Some(element) = self.accessibility.all(pid, more)?.first() {
                let (x, y) = element.bounds.centre();
                self.hands.click(x, y)?;
            }
            Ok(None)
        })?;
        self.press(program, query)
    }

    fn keep(&self, folder: &Path) -> Result<()> {
        let name = self.folder().file_name().context("a desk's folder has a name")?;
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        self.screen.save(&folder.join("screen.png"))?;
        for entry in std::fs::read_dir(self.folder())?.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|end| end == "log" || end == "out") {
                std::fs::copy(&path, folder.join(entry.file_name()))?;
            }
        }
        Ok(())
    }

    /// Clicks into a field and types.
    pub fn fill(&mut self, program: &Running, query: &Query, text: &str) -> Result<()> {
        self.press(program, query)?;
        self.accessibility.find(program.pid(), &query.clone().focused(), APPEAR)?;
        self.hands.type_text(text)
    }
}

impl Drop for Desk {
    /// A test that fails leaves what its screens showed and its programs said in the folder `FARHAND_TEST_KEEP` names.
    fn drop(&mut self) {
        if let Some(keep) = std::env::var_os("FARHAND_TEST_KEEP").filter(|_| std::thread::panicking())
            && let Err(error) = self.keep(Path::new(&keep))
        {
            eprintln!("nothing kept of a desk: {error:#}");
        }
    }
}

fn new_folder() -> Result<TempDir> {
    tempfile::Builder::new()
        .prefix("farhand-desk-")
        .tempdir()
        .context("a folder for a desk")
}

/// Everything a program learns from its environment, so that nothing comes from the real home.
fn environment(folder: &Path, display: &str) -> Vec<(String, String)> {
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let mut envs: Vec<(String, String)> = [
        ("DISPLAY", display.to_owned()),
        ("HOME", path("home")),
        ("XDG_CONFIG_HOME", path("home/.config")),
        ("XDG_DATA_HOME", path("home/.local/share")),
        ("XDG_STATE_HOME", path("home/.local/state")),
        ("XDG_CACHE_HOME", path("home/.cache")),
        ("XDG_RUNTIME_DIR", path("run")),
        ("XDG_SESSION_TYPE", "x11".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("LC_ALL", "C.UTF-8".to_owned()),
        // Settings live as long as the session: without a service behind them, the accessibility bus
        // would take its own switch back.
        ("GSETTINGS_BACKEND", "memory".to_owned()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    envs.extend(authority().map(|file| ("XAUTHORITY".to_owned(), file)));
    envs
}

/// What opens a display that was there before; found by home folder, which programs here do not see.
fn authority() -> Option<String> {
    let given = std::env::var_os("XAUTHORITY").map(PathBuf::from);
    let usual = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".Xauthority"));
    let file = given.or_else(usual).filter(|file| file.is_file())?;
    Some(file.to_string_lossy().into_owned())
}

fn make_private(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::create_dir_all(folder)?;
    Ok(std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?)
}
