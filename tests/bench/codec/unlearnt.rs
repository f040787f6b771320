//! Screens from which the dictionary of short tiles has not learnt, so that it is not praised for what it was made from: a pager in dark colours, a
//! real spreadsheet, a page of pictures, and a picture like a photograph.

use std::fmt::Write as _;

use anyhow::Result;
use farhand_codec::Canvas;
use farhand_tests::harness::{Desk, Program};
use image::{
    RgbImage,
    imageops::{FilterType, crop_imm, resize},
};

use super::{
    corpus::{Screen, canvas, keep, page, settled, show_whole},
    landscape,
};
use crate::{glass::SIZE, random::Random};

const ROWS: u32 = 200;
const COLUMNS: u32 = 18;
/// Width and height of the pictures of the page.
const CARD: (u32, u32) = (432, 243);
const CARDS: u32 = 12;

/// Draws all of them that can be drawn here.
pub fn draw(desk: &Desk) -> Vec<Screen> {
    let landscape = landscape::draw(SIZE.0.into(), SIZE.1.into());
    let mut screens = Vec::new();
    keep(&mut screens, "pager", pager(desk));
    keep(&mut screens, "gnumeric", sheet(desk));
    keep(&mut screens, "picture page", gallery(desk, &landscape));
    keep(&mut screens, "landscape", canvas(&landscape));
    screens
}

/// A source file in `less`, coloured as editors do it.
fn pager(desk: &Desk) -> Result<Canvas> {
    let mut text = include_str!("corpus.rs").to_owned();
    for (words, colour) in [(["fn ", "let ", "use ", "pub "], 35), (["Ok", "Some", "Vec", "Result"], 36)] {
        for word in words {
            text = text.replace(word, &format!("\x1b[{colour}m{word}\x1b[0m"));
        }
    }
    std::fs::write(desk.home().join("coloured"), text)?;
    let look = [
        "-fa",
        "DejaVu Sans Mono",
        "-fs",
        "12",
        "-bg",
        "#1e1e2e",
        "-fg",
        "#cdd6f4",
        "-geometry",
        "190x50+0+0",
    ];
    let program = Program::at("xterm").args(look).args(["-e", "less", "-N", "-R", "coloured"]);
    let _running = desk.start(program)?;
    settled(desk)
}

/// A table in Gnumeric, its menus, tools and grid around it.
fn sheet(desk: &Desk) -> Result<Canvas> {
    let file = desk.home().join("orders.csv");
    std::fs::write(&file, orders())?;
    let running = desk.start(Program::at("gnumeric").arg("--no-splash").arg(&file))?;
    show_whole(desk, &running)?;
    settled(desk)
}

fn orders() -> String {
    let mut random = Random(41);
    let mut table = String::from("Date,Customer,Article");
    for column in 4..=COLUMNS {
        let _ = write!(table, ",Figure {column}");
    }
    for row in 1..ROWS {
        let (month, day) = (1 + row % 12, 1 + random.below(28));
        let _ = write!(table, "\n2025-{month:02}-{day:02},Customer {},Part {row}", random.below(900));
        for _ in 4..=COLUMNS {
            let _ = write!(table, ",{}.{:02}", random.below(100_000), random.below(100));
        }
    }
    table
}

/// Cards with pictures, gradients and small text.
fn gallery(desk: &Desk, landscape: &RgbImage) -> Result<Canvas> {
    let mut html = String::from(
        "<!doctype html><meta charset=utf-8><style>body{margin:0;font:12px/1.4 sans-serif;color:#dfe6ee;\
         background:linear-gradient(160deg,#17202e,#2b1f3d 60%,#122b2b)}nav{display:flex;gap:26px;padding:14px 40px;font-size:15px;\
         background:linear-gradient(#fff2,#fff0)}nav b{color:#ffc857}main{display:grid;grid-template-columns:repeat(4,1fr);gap:16px;\
         padding:10px 40px}article{border-radius:12px;overflow:hidden;background:#0006;box-shadow:0 4px 18px #0008}\
         article div{padding:6px 12px 10px}img{display:block;width:100%}h3{margin:0;font-size:14px;font-weight:600}\
         small{color:#8fa3b8;font-size:11px}.bar{height:5px;border-radius:3px;background:linear-gradient(90deg,#28c7b7,#ffc857,#e4572e)}\
         </style><nav><b>Hill walks</b><span>Routes</span><span>Weather</span><span>Huts</span><span>Maps</span></nav><main>",
    );
    let mut random = Random(77);
    for card in 0..CARDS {
        let (x, y) = (random.below(900), random.below(400));
        let part = crop_imm(landscape, x, y, 960, 540).to_image();
        resize(&part, CARD.0, CARD.1, FilterType::Triangle).save(desk.folder().join(format!("{card}.png")))?;
        let (hours, metres, percent) = (2 + random.below(6), 300 + random.below(1500), 20 + random.below(80));
        let _ = write!(
            html,
            "<article><img src={card}.png><div><h3>Walk {}: over the ridge</h3><small>{hours} h · {metres} m up · the path is marked \
             in red and white; after rain the last part is slippery.</small><div class=bar style='width:{percent}%;padding:0'></div>\
             </div></article>",
            card + 1
        );
    }
    page(desk, "picture page", &(html + "</main>"))
}
