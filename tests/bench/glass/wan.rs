//! A wide-area link between two namespaces, made in user space because kernels do not always have one: a TUN device at each end, and between them
//! packets that wait, queue and get lost.
//!
//! ```text
//! namespace "host": wire ─► end ═ stdout ═► lost? ─► queue at the rate ─► delay ═ stdin ═► end ─► wire :namespace "view"
//! ```

use std::io::{BufReader, BufWriter, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tun_rs::DeviceBuilder;

use crate::random::Random;

/// The word that makes this program one end of a link.
pub const END: &str = "wan-end";
/// Name of the device in both namespaces.
pub const DEVICE: &str = "wire";
const MTU: u16 = 1500;
/// Losses are told apart so finely.
const PARTS: u32 = 1_000_000;

/// What the link is like, the same both ways.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// One way.
    delay: Duration,
    /// Of all packets, 0 to 1.
    loss: f64,
    bits_per_sec: f64,
    /// What would wait longer for its turn is dropped.
    queue: Duration,
}

impl Shape {
    /// Reads `delay ms,loss %,kbit/s,queue ms`.
    pub fn parse(text: &str) -> Result<Self> {
        let numbers: Vec<f64> = text
            .split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .context("--wan takes numbers")?;
        let [delay, loss, rate, queue] = numbers[..] else {
            bail!("--wan takes DELAY_MS,LOSS_PERCENT,KBIT_PER_S,QUEUE_MS, for instance 20,0.5,5000,300");
        };
        ensure!(
            delay >= 0.0 && (0.0..100.0).contains(&loss) && rate > 0.0 && queue > 0.0,
            "--wan {text} is no link"
        );
        let millis = |value: f64| Duration::from_secs_f64(value / 1000.0);
        Ok(Self {
            delay: millis(delay),
            loss: loss / 100.0,
            bits_per_sec: rate * 1000.0,
            queue: millis(queue),
        })
    }
}

/// A running link; its ends close when this is dropped.
pub struct Wan {
    ends: Vec<Child>,
}

impl Wan {
    /// Puts a device of the name [`DEVICE`] into both namespaces and joins them.
    pub fn start(spaces: [&str; 2], shape: Shape) -> Result<Self> {
        let mut link = Self { ends: Vec::new() };
        let mut pipes = Vec::new();
        for space in spaces {
            let mut child = Command::new("ip")
                .args(["netns", "exec", space])
                .arg(std::env::current_exe()?)
                .arg(END)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .context("one end of the link")?;
            let (input, output) = (child.stdin.take(), child.stdout.take());
            link.ends.push(child);
            let mut output = BufReader::new(output.context("the end's words")?);
            ensure!(
                read_packet(&mut output)?.is_some_and(|first| first.is_empty()),
                "no TUN device: /dev/net/tun is needed"
            );
            pipes.push((input.context("the end's ear")?, output));
        }
        let [(host_in, host_out), (view_in, view_out)] = <[_; 2]>::try_from(pipes).map_err(|_| anyhow::anyhow!("two ends"))?;
        carry(host_out, view_in, shape, 1);
        carry(view_out, host_in, shape, 2);
        Ok(link)
    }
}

impl Drop for Wan {
    fn drop(&mut self) {
        for end in &mut self.ends {
            let _ = end.kill();
            let _ = end.wait();
        }
    }
}

/// One direction: what comes is lost or gets the time at which it is through, and waits for that.
fn carry(mut from: BufReader<ChildStdout>, into: ChildStdin, shape: Shape, seed: u32) {
    let (queue, waiting) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9));
        let mut free_at = Instant::now();
        while let Ok(Some(packet)) = read_packet(&mut from) {
            let now = Instant::now();
            let begins = free_at.max(now);
            if f64::from(random.below(PARTS)) < shape.loss * f64::from(PARTS) || begins - now > shape.queue {
                continue;
            }
            free_at = begins + Duration::from_secs_f64(packet.len() as f64 * 8.0 / shape.bits_per_sec);
            if queue.send((free_at + shape.delay, packet)).is_err() {
                return;
            }
        }
    });
    thread::spawn(move || {
        let mut into = BufWriter::new(into);
        for (due, packet) in waiting {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if write_packet(&mut into, &packet).is_err() {
                return;
            }
        }
    });
}

/// One end, in a process of its own: packets of its device go to standard output, and those on standard input to the device.
pub fn end() -> Result<()> {
    let device = Arc::new(DeviceBuilder::new().name(DEVICE).mtu(MTU).build_sync().context("a TUN device")?);
    let mut out = BufWriter::new(std::io::stdout().lock());
    write_packet(&mut out, &[])?;
    let sending = device.clone();
    thread::spawn(move || {
        let mut input = BufReader::new(std::io::stdin().lock());
        while let Ok(Some(packet)) = read_packet(&mut input) {
            // A device that is not up yet takes nothing; packets may get lost.
            let _ = sending.send(&packet);
        }
        std::process::exit(0);
    });
    let mut packet = vec![0; usize::from(MTU)];
    loop {
        let length = device.recv(&mut packet)?;
        write_packet(&mut out, &packet[..length])?;
    }
}

fn write_packet(out: &mut impl Write, packet: &[u8]) -> Result<()> {
    out.write_all(&u16::try_from(packet.len())?.to_le_bytes())?;
    out.write_all(packet)?;
    Ok(out.flush()?)
}

/// None at the end.
fn read_packet(input: &mut impl Read) -> Result<Option<Vec<u8>>> {
    let mut length = [0; 2];
    if input.read_exact(&mut length).is_err() {
        return Ok(None);
    }
    let mut packet = vec![0; usize::from(u16::from_le_bytes(length))];
    input.read_exact(&mut packet)?;
    Ok(Some(packet))
}
