//! Screens of real programs, drawn anew each time: a terminal, an editor, its dialog, and pages in Chromium. The photograph is made up, because
//! no picture of anybody's is kept here: clouds of noise at all scales, with grain, which cost a coder what a photograph costs.

use std::time::Duration;

use anyhow::{Context as _, Result};
use farhand_codec::Canvas;
use farhand_tests::harness::{Desk, Program, Running, atspi::Rect, browser, screen::colours, xtest::symbol_of};
use image::RgbImage;

use super::unlearnt;
use crate::{glass::SIZE, random::Random};

const PATIENCE: Duration = Duration::from_secs(30);
/// A program that has drawn its first window goes on drawing for less than this.
const SETTLED: Duration = Duration::from_millis(1500);
const CONTROL: u32 = 0xffe3;

const PHOTOGRAPH: &str = "photograph";

/// A picture and what it is of.
pub struct Screen {
    /// What it is of.
    pub name: &'static str,
    /// Its pixels.
    pub picture: Canvas,
}

/// Draws all of them. What needs a program that is not here is left out, and said.
pub fn draw() -> Result<Vec<Screen>> {
    let mut desk = Desk::new(SIZE)?;
    let mut screens = draw_known(&mut desk)?;
    screens.extend(unlearnt::draw(&desk));
    Ok(screens)
}

/// The photograph, and what the dictionary has learnt from.
fn draw_known(desk: &mut Desk) -> Result<Vec<Screen>> {
    let mut screens = vec![terminal(desk)?];
    screens.extend(editor(desk)?);
    let pages = [("web page", article()), ("spreadsheet", spreadsheet())];
    for (name, html) in pages {
        keep(&mut screens, name, page(desk, name, &html));
    }
    screens.push(Screen {
        name: PHOTOGRAPH,
        picture: photograph()?,
    });
    Ok(screens)
}

/// Keeps a screen that could be drawn; else says why not.
pub fn keep(screens: &mut Vec<Screen>, name: &'static str, drawn: Result<Canvas>) {
    match drawn {
        Ok(picture) => screens.push(Screen { name, picture }),
        Err(error) => eprintln!("{name}: left out: {error:#}"),
    }
}

/// What the dictionary of short tiles learns from: these screens but for the photograph, terminals in other letters and colours, and programs that smooth
/// letters by the parts of a pixel.
pub fn draw_for_dictionary() -> Result<Vec<Screen>> {
    let mut screens = draw_known(&mut Desk::new(SIZE)?)?;
    screens.retain(|screen| screen.name != PHOTOGRAPH);
    let desk = Desk::new(SIZE)?;
    let letters = ["-fa", "Liberation Mono", "-fs", "11", "-geometry", "210x56+0+0"];
    screens.push(terminal_with(&desk, &[&letters[..], &["-bg", "white", "-fg", "black"]].concat())?);
    drop(desk);
    let mut smooth = Desk::new(SIZE)?;
    let settings = smooth.home().join(".config/gtk-3.0");
    std::fs::create_dir_all(&settings)?;
    let words = "[Settings]\ngtk-xft-antialias=1\ngtk-xft-rgba=rgb\ngtk-xft-hinting=1\n";
    std::fs::write(settings.join("settings.ini"), words)?;
    std::fs::write(smooth.home().join(".Xdefaults"), "Xft.antialias: 1\nXft.rgba: rgb\n")?;
    screens.push(terminal(&smooth)?);
    screens.extend(editor(&mut smooth)?);
    Ok(screens)
}

fn terminal(desk: &Desk) -> Result<Screen> {
    terminal_with(desk, &["-fa", "DejaVu Sans Mono", "-fs", "10", "-geometry", "236x66+0+0"])
}

fn terminal_with(desk: &Desk, look: &[&str]) -> Result<Screen> {
    let script = "ls -l --color=always /usr/bin | head -n 60; exec sleep 60";
    let program = Program::at("xterm").args(look.iter().copied()).args(["-e", "sh", "-c", script]);
    let _running = desk.start(program)?;
    Ok(Screen {
        name: "terminal",
        picture: settled(desk)?,
    })
}

/// The editor with a page of source text, and its dialog for opening a file over it.
fn editor(desk: &mut Desk) -> Result<Vec<Screen>> {
    let file = desk.home().join("canvas.rs");
    std::fs::write(&file, include_str!("corpus.rs"))?;
    let running = desk.start(Program::at("l3afpad").arg(&file))?;
    show_whole(desk, &running)?;
    let plain = settled(desk)?;
    desk.hands.chord(&[CONTROL, symbol_of('o')])?;
    let dialog = settled(desk)?;
    Ok(vec![
        Screen {
            name: "editor",
            picture: plain,
        },
        Screen {
            name: "dialog",
            picture: dialog,
        },
    ])
}

/// Makes a program's window as large as the screen.
pub fn show_whole(desk: &Desk, program: &Running) -> Result<()> {
    let area = Rect {
        x: 0,
        y: 0,
        width: SIZE.0.into(),
        height: i32::from(SIZE.1) - 30,
    };
    desk.windows.place(program.pid(), area)?;
    Ok(())
}

/// The screen once a program has drawn its window.
pub fn settled(desk: &Desk) -> Result<Canvas> {
    desk.screen.wait_for("a window", PATIENCE, |image| colours(image, 8) >= 4)?;
    std::thread::sleep(SETTLED);
    canvas(&desk.screen.grab()?)
}

/// What Chromium makes of a page.
pub fn page(desk: &Desk, name: &str, html: &str) -> Result<Canvas> {
    let (source, shot) = (desk.folder().join("page.html"), desk.folder().join("page.png"));
    std::fs::write(&source, html)?;
    let url = format!("file://{}", source.display());
    browser::draw(&url, SIZE, desk.folder(), &shot)?.context("no Chromium here")?;
    let image = image::open(&shot).with_context(|| format!("the picture of the {name}"))?;
    canvas(&image.to_rgb8())
}

fn article() -> String {
    let mut html = String::from(
        "<!doctype html><meta charset=utf-8><style>body{margin:0;font:16px/1.5 sans-serif;color:#222;background:#fff}\
         header{background:linear-gradient(90deg,#0b6a7c,#4fb3c8);color:#fff;padding:18px 40px;font-size:26px}\
         main{column-count:3;column-gap:36px;padding:24px 40px}h2{color:#0b6a7c}a{color:#15c}\
         .box{border-radius:10px;box-shadow:0 2px 8px #0004;padding:12px;margin:12px 0;background:#f4f8fa}</style>\
         <header>Remote support, explained</header><main>",
    );
    for part in 1..30 {
        html.push_str(&format!(
            "<h2>{part}. What the customer sees</h2><p>Whoever asks for help types a <b>code</b> of nine digits, reads what is going to happen, \
             and allows it. <a href=#>More about consent {part}</a> can be read at any time.</p><div class=box>Tip {part}: the bar at the upper \
             edge always says who is looking.</div>"
        ));
    }
    html + "</main>"
}

fn spreadsheet() -> String {
    let mut html = String::from(
        "<!doctype html><meta charset=utf-8><style>body{margin:0;font:13px sans-serif}table{border-collapse:collapse}\
         td,th{border:1px solid #ccc;padding:2px 8px;min-width:70px;text-align:right}th{background:#eee;text-align:center}\
         tr:nth-child(7n) td{background:#fff8d0}</style><table><tr><th></th>",
    );
    for column in 'A'..='V' {
        html.push_str(&format!("<th>{column}</th>"));
    }
    let mut random = Random(99);
    for row in 1..50 {
        html.push_str(&format!("<tr><th>{row}</th>"));
        for _ in 0..22 {
            html.push_str(&format!("<td>{}.{:02}</td>", random.below(10_000), random.below(100)));
        }
    }
    html + "</table>"
}

fn photograph() -> Result<Canvas> {
    let (width, height) = (u32::from(SIZE.0), u32::from(SIZE.1));
    let mut random = Random(7);
    // One lattice of random values for each scale and colour.
    let scales = [256_u32, 128, 64, 32, 16, 8];
    let lattices: Vec<Vec<u32>> = (0..scales.len() * 3)
        .map(|_| (0..64 * 64).map(|_| random.below(256)).collect())
        .collect();
    let value = |lattice: &[u32], scale: u32, x: u32, y: u32| {
        let at = |column: u32, row: u32| lattice[(row % 64 * 64 + column % 64) as usize];
        let (column, row, dx, dy) = (x / scale, y / scale, x % scale, y % scale);
        let upper = at(column, row) * (scale - dx) + at(column + 1, row) * dx;
        let lower = at(column, row + 1) * (scale - dx) + at(column + 1, row + 1) * dx;
        (upper * (scale - dy) + lower * dy) / (scale * scale)
    };
    let mut image = RgbImage::new(width, height);
    for (x, y, pixel) in image.enumerate_pixels_mut() {
        let grain = random.below(5);
        for (colour, sample) in pixel.0.iter_mut().enumerate() {
            let sum: u32 = scales
                .iter()
                .enumerate()
                .map(|(at, scale)| value(&lattices[at * 3 + colour], *scale, x, y) >> at)
                .sum();
            *sample = (sum / 2 + grain).min(255) as u8;
        }
    }
    canvas(&image)
}

/// The same picture as we keep them.
pub fn canvas(image: &RgbImage) -> Result<Canvas> {
    let mut canvas = Canvas::black(image.width(), image.height()).context("a picture of this size")?;
    for (y, row) in image.rows().enumerate() {
        let mut into = canvas.as_picture_mut();
        for (target, pixel) in into.row_mut(y as u32).as_chunks_mut::<4>().0.iter_mut().zip(row) {
            let [red, green, blue] = pixel.0;
            *target = [blue, green, red, 255];
        }
    }
    Ok(canvas)
}
