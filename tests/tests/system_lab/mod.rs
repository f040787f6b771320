//! A small internet in network namespaces: the gateway at a public address, and two homes, each a computer behind a router that translates
//! addresses. Everything is gone when the value is dropped.
//!
//! ```text
//!  customer 10.1.0.2 ── router 203.0.113.11 ─┐
//!                                            ├─ internet 203.0.113.1 (the gateway)
//! technician 10.2.0.2 ── router 203.0.113.12 ─┘
//! ```

use std::fs;
use std::process::Command;

use farhand_tests::harness::Program;

/// Where the gateway listens.
pub const GATEWAY: &str = "203.0.113.1:8443";
/// Where a proxy for the homes may stand.
pub const PROXY: &str = "203.0.113.1:3128";

/// How a router gives ports to those behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nat {
    /// The same port for every destination: peers can meet directly.
    Kind,
    /// Another port, at random, for every destination: peers cannot.
    Random,
}

/// Whose home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// The customer's.
    Customer,
    /// The technician's.
    Technician,
}

/// The namespaces.
#[derive(Debug)]
pub struct Lab {
    name: String,
}

/// Whether to run what needs networks of its own: yes, unless `FARHAND_SKIP_NETWORK_TESTS=1` asks to do without.
///
/// # Panics
/// Where no namespaces can be made: what was not tried has not passed.
pub fn wanted() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    if std::env::var("FARHAND_SKIP_NETWORK_TESTS").is_ok_and(|value| value == "1") {
        eprintln!("skipped: FARHAND_SKIP_NETWORK_TESTS=1");
        return false;
    }
    // Our own process belongs to us.
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    assert!(is_root, "network namespaces need root; FARHAND_SKIP_NETWORK_TESTS=1 does without");
    true
}

impl Lab {
    /// A fresh internet.
    pub fn new(nat: Nat) -> Self {
        // Tests may run beside each other as processes or as threads of one.
        let thread: String = format!("{:?}", std::thread::current().id())
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        let name = format!("fh{}-{thread}", std::process::id());
        let lab = Self { name };
        for space in lab.spaces() {
            run(&["ip", "netns", "add", &space]);
            run(&["ip", "-n", &space, "link", "set", "lo", "up"]);
        }
        let net = lab.space("net");
        run(&["ip", "-n", &net, "link", "add", "br0", "type", "bridge"]);
        run(&["ip", "-n", &net, "addr", "add", "203.0.113.1/24", "dev", "br0"]);
        run(&["ip", "-n", &net, "link", "set", "br0", "up"]);
        lab.home(Home::Customer, nat);
        lab.home(Home::Technician, nat);
        lab
    }

    fn spaces(&self) -> Vec<String> {
        ["net", "ra", "rb", "ha", "hb"].iter().map(|part| self.space(part)).collect()
    }

    fn space(&self, part: &str) -> String {
        format!("{}-{part}", self.name)
    }

    fn router(&self, home: Home) -> String {
        self.space(if home == Home::Customer { "ra" } else { "rb" })
    }

    fn host(&self, home: Home) -> String {
        self.space(if home == Home::Customer { "ha" } else { "hb" })
    }

    /// A router with its public and its private side, and the computer behind it.
    fn home(&self, home: Home, nat: Nat) {
        let (net, router, host) = (self.space("net"), self.router(home), self.host(home));
        let (public, private, port) = match home {
            Home::Customer => ("203.0.113.11", "10.1.0", "pa"),
            Home::Technician => ("203.0.113.12", "10.2.0", "pb"),
        };
        run(&[
            "ip", "-n", &net, "link", "add", port, "type", "veth", "peer", "name", "wan", "netns", &router,
        ]);
        run(&["ip", "-n", &net, "link", "set", port, "master", "br0", "up"]);
        run(&["ip", "-n", &router, "addr", "add", &format!("{public}/24"), "dev", "wan"]);
        run(&["ip", "-n", &router, "link", "set", "wan", "up"]);
        run(&[
            "ip", "-n", &router, "link", "add", "lan", "type", "veth", "peer", "name", "eth0", "netns", &host,
        ]);
        run(&["ip", "-n", &router, "addr", "add", &format!("{private}.1/24"), "dev", "lan"]);
        run(&["ip", "-n", &router, "link", "set", "lan", "up"]);
        run(&["ip", "-n", &host, "addr", "add", &format!("{private}.2/24"), "dev", "eth0"]);
        run(&["ip", "-n", &host, "link", "set", "eth0", "up"]);
        run(&["ip", "-n", &host, "route", "add", "default", "via", &format!("{private}.1")]);
        run(&["ip", "netns", "exec", &router, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"]);
        let random = if nat == Nat::Random { " random,fully-random" } else { "" };
        self.rules(
            home,
            &format!("table ip nat {{ chain out {{ type nat hook postrouting priority 100; oifname wan masquerade{random}; }}; }}"),
        );
        // Nor does the router itself answer what nobody asked for, or it would take the very port a peer is about to use.
        self.rules(
            home,
            "table inet own { chain ours { type filter hook input priority 0; policy drop; ct state established,related accept; iifname lan accept; }; }",
        );
        // As at home: nothing comes in that was not asked for.
        self.rules(
            home,
            "table inet wall { chain in { type filter hook forward priority 0; policy drop; ct state established,related accept; iifname lan accept; }; }",
        );
    }

    fn rules(&self, home: Home, rules: &str) {
        run(&["ip", "netns", "exec", &self.router(home), "nft", rules]);
    }

    /// The words that start a program in the internet.
    pub fn internet(&self) -> [String; 4] {
        exec(&self.space("net"))
    }

    /// The words that start a program on a computer at home.
    pub fn at(&self, home: Home) -> [String; 4] {
        exec(&self.host(home))
    }

    /// A program on a computer at home.
    pub fn program(&self, home: Home, program: Program) -> Program {
        program.prefixed(self.at(home))
    }

    /// The router passes no UDP any more.
    pub fn drop_udp(&self, home: Home) {
        self.rules(
            home,
            "table inet quiet { chain silent { type filter hook forward priority -10; meta l4proto udp drop; }; }",
        );
    }

    /// The router passes UDP again.
    pub fn allow_udp(&self, home: Home) {
        self.rules(home, "delete table inet quiet");
    }

    /// The router passes only what goes to the proxy or comes from it.
    pub fn proxy_only(&self, home: Home) {
        let rules = "table inet proxied { chain only { type filter hook forward priority -10; policy drop; \
             ip daddr 203.0.113.1 tcp dport 3128 accept; ip saddr 203.0.113.1 tcp sport 3128 accept; }; }";
        self.rules(home, rules);
    }

    /// The router passes nothing until [`Lab::mend`].
    pub fn cut(&self, home: Home) {
        self.rules(
            home,
            "table inet cut { chain halt { type filter hook forward priority -20; policy drop; }; }",
        );
    }

    /// The end of a cut.
    pub fn mend(&self, home: Home) {
        self.rules(home, "delete table inet cut");
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for space in self.spaces() {
            // What was not made needs no removal.
            let _ = Command::new("ip").args(["netns", "del", &space]).output();
            let _ = fs::remove_file(format!("/run/netns/{space}"));
        }
    }
}

fn exec(space: &str) -> [String; 4] {
    ["ip", "netns", "exec", space].map(str::to_owned)
}

fn run(words: &[&str]) {
    let output = Command::new(words[0])
        .args(&words[1..])
        .output()
        .unwrap_or_else(|error| panic!("{words:?}: {error}"));
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}
