//! What an assistive program sees: the controls of a running application with role, label, state and
//! place on the screen, over a desk's own accessibility bus.
//!
//! Programs draw their accessible tree only after `org.a11y.Status.IsEnabled` is set, which
//! [`Accessibility::enable`] does before any of them starts. Trees are walked afresh for every look:
//! they are small, and a stale one would lie.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use atspi::proxy::accessible::AccessibleProxy;
use atspi::proxy::action::ActionProxy;
use atspi::proxy::bus::{BusProxy, StatusProxy};
use atspi::proxy::component::ComponentProxy;
use atspi::proxy::editable_text::EditableTextProxy;
use atspi::proxy::text::TextProxy;
use atspi::{CoordType, ObjectRefOwned, Role, State, StateSet};
use tokio::runtime::Runtime;
use zbus::Connection;
use zbus::connection::Builder;
use zbus::fdo::DBusProxy;
use zbus::proxy::CacheProperties;

use super::wait;

/// The registry every application announces itself to.
const REGISTRY: (&str, &str) = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root");
/// A call that takes longer than this counts as not answered.
const CALL: Duration = Duration::from_secs(3);
/// More controls than this are not read from one application.
const MOST_NODES: usize = 5000;
/// How long a control must stay in its place before it is pressed.
const STEADY: Duration = Duration::from_millis(60);

/// A rectangle on the screen in physical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rect {
    /// The left edge.
    pub x: i32,
    /// The top edge.
    pub y: i32,
    /// To the right.
    pub width: i32,
    /// Downwards.
    pub height: i32,
}

impl Rect {
    /// The middle.
    pub fn centre(self) -> (i32, i32) {
        (self.x + self.width / 2, self.y + self.height / 2)
    }
}

/// Which control is meant.
#[derive(Debug, Clone, Default)]
pub struct Query {
    name: Option<Wanted>,
    role: Option<Role>,
    states: Vec<State>,
}

#[derive(Debug, Clone)]
enum Wanted {
    Is(String),
    Contains(String),
    Matches(&'static str, fn(&str) -> bool),
}

impl Query {
    /// Any control.
    pub fn any() -> Self {
        Self::default()
    }

    /// The control with exactly this label.
    pub fn label(label: &str) -> Self {
        Self {
            name: Some(Wanted::Is(label.to_owned())),
            ..Self::default()
        }
    }

    /// A control whose label holds these words.
    pub fn containing(words: &str) -> Self {
        Self {
            name: Some(Wanted::Contains(words.to_owned())),
            ..Self::default()
        }
    }

    /// A control whose label the function accepts; `what` names it in failures.
    pub fn matching(what: &'static str, accepts: fn(&str) -> bool) -> Self {
        Self {
            name: Some(Wanted::Matches(what, accepts)),
            ..Self::default()
        }
    }

    /// The button with this label.
    pub fn button(label: &str) -> Self {
        Self::label(label).role(Role::Button)
    }

    /// The text field with this label.
    pub fn field(label: &str) -> Self {
        Self::label(label).role(Role::Entry)
    }

    /// Of this role only.
    pub fn role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// Only while it can be used.
    pub fn enabled(mut self) -> Self {
        self.states.push(State::Enabled);
        self
    }

    /// Only while it is on the screen, not in a menu that is closed.
    pub fn showing(mut self) -> Self {
        self.states.push(State::Showing);
        self
    }

    /// Only while it has the keyboard.
    pub fn focused(mut self) -> Self {
        self.states.push(State::Focused);
        self
    }

    fn accepts(&self, element: &Element) -> bool {
        let name = match &self.name {
            None => true,
            Some(Wanted::Is(label)) => element.name == *label,
            Some(Wanted::Contains(words)) => element.name.contains(words.as_str()),
            Some(Wanted::Matches(_, accepts)) => accepts(&element.name),
        };
        name && self.role.is_none_or(|role| element.role == role) && self.states.iter().all(|state| element.states.contains(*state))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.role {
            Some(role) => write!(f, "{}", role.name())?,
            None => write!(f, "control")?,
        }
        match &self.name {
            None => {}
            Some(Wanted::Is(label)) => write!(f, " {label:?}")?,
            Some(Wanted::Contains(words)) => write!(f, " with {words:?} in its label")?,
            Some(Wanted::Matches(what, _)) => write!(f, " that is {what}")?,
        }
        if self.states.is_empty() {
            Ok(())
        } else {
            write!(f, " ({:?})", self.states)
        }
    }
}

/// A control as it was when it was looked at.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its label; of a label, its words.
    pub name: String,
    /// What kind of control it is.
    pub role: Role,
    /// Enabled, focused, checked, ….
    pub states: StateSet,
    /// Where it lies on the screen; empty when it says nothing about it.
    pub bounds: Rect,
    object: ObjectRefOwned,
}

/// The accessibility bus of one desk.
pub struct Accessibility {
    // INVARIANT: the connection lives on this runtime, so it is dropped first.
    connection: Connection,
    runtime: Runtime,
}

impl fmt::Debug for Accessibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accessibility")
            .field("bus", &self.connection.unique_name())
            .finish()
    }
}

impl Accessibility {
    /// Wakes accessibility on the session bus at `address` and connects to its bus.
    pub fn enable(address: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("accessibility")
            .enable_all()
            .build()?;
        let connection = runtime.block_on(connect(address)).context("the accessibility bus")?;
        Ok(Self { connection, runtime })
    }

    /// Every control of the applications of process `pid`, in tree order.
    pub fn look(&self, pid: u32) -> Result<Vec<Element>> {
        self.runtime.block_on(self.look_async(pid))
    }

    async fn look_async(&self, pid: u32) -> Result<Vec<Element>> {
        let mut waiting = VecDeque::new();
        for application in self.children(REGISTRY.0, REGISTRY.1).await? {
            if self.pid_of(&application).await.is_ok_and(|owner| owner == pid) {
                waiting.push_back(application);
            }
        }
        let mut elements = Vec::new();
        while let Some(object) = waiting.pop_front() {
            // A control that vanished while we walked is not there.
            let Ok((element, children)) = self.read(object).await else {
                continue;
            };
            for child in children.into_iter().rev() {
                waiting.push_front(child);
            }
            elements.push(element);
            if elements.len() >= MOST_NODES {
                bail!("more than {MOST_NODES} controls in process {pid}");
            }
        }
        Ok(elements)
    }

    async fn read(&self, object: ObjectRefOwned) -> Result<(Element, Vec<ObjectRefOwned>)> {
        let (name, path) = address_of(&object)?;
        let proxy = AccessibleProxy::builder(&self.connection)
            .destination(name)?
            .path(path)?
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        let (label, role, states, children) =
            within(async { tokio::try_join!(proxy.name(), proxy.get_role(), proxy.get_state(), proxy.get_children()) }).await?;
        // Not everything has a place.
        let bounds = self.bounds(name, path).await.unwrap_or_default();
        Ok((
            Element {
                name: label,
                role,
                states,
                bounds,
                object,
            },
            children,
        ))
    }

    async fn bounds(&self, name: &str, path: &str) -> Result<Rect> {
        let proxy = ComponentProxy::builder(&self.connection)
            .destination(name)?
            .path(path)?
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        let (x, y, width, height) = within(proxy.get_extents(CoordType::Screen)).await?;
        Ok(Rect { x, y, width, height })
    }

    async fn children(&self, name: &str, path: &str) -> Result<Vec<ObjectRefOwned>> {
        let proxy = AccessibleProxy::builder(&self.connection)
            .destination(name.to_owned())?
            .path(path.to_owned())?
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        within(proxy.get_children()).await
    }

    async fn pid_of(&self, object: &ObjectRefOwned) -> Result<u32> {
        let (name, _) = address_of(object)?;
        let bus = DBusProxy::new(&self.connection).await?;
        Ok(bus.get_connection_unix_process_id(name.try_into()?).await?)
    }

    /// Every control of process `pid` that `query` accepts now.
    pub fn all(&self, pid: u32, query: &Query) -> Result<Vec<Element>> {
        Ok(self.look(pid)?.into_iter().filter(|element| query.accepts(element)).collect())
    }

    /// Whether there is such a control now.
    pub fn is_there(&self, pid: u32, query: &Query) -> Result<bool> {
        Ok(!self.all(pid, query)?.is_empty())
    }

    /// Waits for a control; the failure lists what was there instead.
    pub fn find(&self, pid: u32, query: &Query, timeout: Duration) -> Result<Element> {
        let found = wait::until(&query.to_string(), timeout, || Ok(self.all(pid, query)?.into_iter().next()));
        found.map_err(|error| error.context(self.describe(pid)))
    }

    /// Waits until no such control is there.
    pub fn wait_gone(&self, pid: u32, query: &Query, timeout: Duration) -> Result<()> {
        let what = format!("the end of {query}");
        let gone = wait::until(&what, timeout, || Ok((!self.is_there(pid, query)?).then_some(())));
        gone.map_err(|error| error.context(self.describe(pid)))
    }

    /// Waits for a control that has a place on the screen and stays there, ready to be pressed.
    pub fn find_steady(&self, pid: u32, query: &Query, timeout: Duration) -> Result<Element> {
        let query = query.clone().enabled().showing();
        let mut last: Option<(Rect, Instant)> = None;
        let found = wait::until(&query.to_string(), timeout, || {
            let now = self.all(pid, &query)?.into_iter().find(|element| element.bounds.width > 0);
            let Some(element) = now else {
                last = None;
                return Ok(None);
            };
            match last {
                Some((bounds, since)) if bounds == element.bounds => Ok((since.elapsed() >= STEADY).then_some(element)),
                _ => {
                    last = Some((element.bounds, Instant::now()));
                    Ok(None)
                }
            }
        });
        found.map_err(|error| error.context(self.describe(pid)))
    }

    /// The text a field holds.
    pub fn text(&self, element: &Element) -> Result<String> {
        self.runtime.block_on(async {
            let (name, path) = address_of(&element.object)?;
            let proxy = TextProxy::builder(&self.connection)
                .destination(name)?
                .path(path)?
                .cache_properties(CacheProperties::No)
                .build()
                .await?;
            let length = within(proxy.character_count()).await?;
            within(proxy.get_text(0, length)).await
        })
    }

    /// Does what a press of the control would do, as a screen reader asks for it; for displays whose
    /// pointer belongs to somebody.
    pub fn activate(&self, element: &Element) -> Result<()> {
        self.runtime.block_on(async {
            let (name, path) = address_of(&element.object)?;
            let proxy = ActionProxy::builder(&self.connection)
                .destination(name)?
                .path(path)?
                .cache_properties(CacheProperties::No)
                .build()
                .await?;
            if !within(proxy.do_action(0)).await? {
                bail!("{:?} did not take the action", element.name);
            }
            Ok(())
        })
    }

    /// Puts text into a field, as a screen reader asks for it.
    pub fn set_text(&self, element: &Element, text: &str) -> Result<()> {
        self.runtime.block_on(async {
            let (name, path) = address_of(&element.object)?;
            let proxy = EditableTextProxy::builder(&self.connection)
                .destination(name)?
                .path(path)?
                .cache_properties(CacheProperties::No)
                .build()
                .await?;
            if !within(proxy.set_text_contents(text)).await? {
                bail!("{:?} did not take the text", element.name);
            }
            Ok(())
        })
    }

    /// What process `pid` shows, one control a line, for failures.
    pub fn describe(&self, pid: u32) -> String {
        let lines: Vec<String> = match self.look(pid) {
            Ok(elements) => elements
                .iter()
                .filter(|element| !element.name.is_empty())
                .map(|element| format!("  {} {:?}", element.role.name(), element.name))
                .collect(),
            Err(error) => vec![format!("  {error:#}")],
        };
        format!("process {pid} shows:\n{}", lines.join("\n"))
    }
}

async fn connect(address: &str) -> Result<Connection> {
    let session = Builder::address(address)?.build().await?;
    let status = StatusProxy::builder(&session).cache_properties(CacheProperties::No).build().await?;
    status.set_is_enabled(true).await?;
    if !status.is_enabled().await? {
        bail!("accessibility does not stay switched on");
    }
    let address = BusProxy::new(&session).await?.get_address().await?;
    Ok(Builder::address(address.as_str())?.build().await?)
}

fn address_of(object: &ObjectRefOwned) -> Result<(&str, &str)> {
    let name = object.name_as_str().context("the control has gone")?;
    Ok((name, object.path_as_str()))
}

async fn within<T>(call: impl Future<Output = zbus::Result<T>>) -> Result<T> {
    Ok(tokio::time::timeout(CALL, call).await.context("no answer")??)
}
