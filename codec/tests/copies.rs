//! What moved is found, every pixel of it is right, and what is left is little.

mod support;

use farhand_codec::copies::{CopyFinder, Moves, same_row};
use farhand_codec::{Area, Canvas};
use support::{Chance, film, noise, palette, text};

/// Carries the moves out on what was shown, takes the rest from what is there now, and compares with it.
fn check(shown: &Canvas, now: &Canvas, changed: &[Area]) -> Moves {
    check_with(&mut CopyFinder::new(), shown, now, changed)
}

/// The same with a finder that has seen changes before.
fn check_with(finder: &mut CopyFinder, shown: &Canvas, now: &Canvas, changed: &[Area]) -> Moves {
    let moves = finder.find(&shown.as_picture(), &now.as_picture(), changed);
    let mut result = shown.clone();
    for copy in &moves.copies {
        assert!(result.as_picture_mut().copy_within(copy.from_x, copy.from_y, copy.to));
    }
    for area in &moves.rest {
        paste(&mut result, now, area.x, area.y, *area);
    }
    assert!(result == *now, "the picture is wrong after {} copies", moves.copies.len());
    let targets: Vec<Area> = moves.copies.iter().map(|copy| copy.to).chain(moves.rest.clone()).collect();
    for (index, area) in targets.iter().enumerate() {
        assert!(
            targets[index + 1..].iter().all(|other| other.intersection(area).is_none()),
            "{area:?} twice"
        );
        assert!(changed.iter().any(|changed| changed.contains(area)));
    }
    moves
}

/// Paints the part of `from` at `x`, `y` into `to` of `canvas`.
fn paste(canvas: &mut Canvas, from: &Canvas, x: u32, y: u32, to: Area) {
    for row in 0..to.height {
        let source = &from.as_picture().row(y + row)[x as usize * 4..(x + to.width) as usize * 4].to_vec();
        canvas.as_picture_mut().row_mut(to.y + row)[to.x as usize * 4..to.right() as usize * 4].copy_from_slice(source);
    }
}

fn pixels(areas: &[Area]) -> u64 {
    areas.iter().map(Area::pixels).sum()
}

#[test]
fn a_scrolled_page_is_one_copy_and_the_lines_that_came_in() {
    let (shown, now) = (text(1920, 1080, 0), text(1920, 1080, 54));
    // The title bar above stays where it is.
    let moves = check(&shown, &now, &[Area::new(0, 24, 1920, 1056)]);
    assert_eq!(moves.copies.len(), 1);
    let copy = moves.copies[0];
    assert_eq!((copy.from_x, copy.from_y, copy.to), (0, 78, Area::new(0, 24, 1920, 1002)));
    assert_eq!(moves.rest, [Area::new(0, 1026, 1920, 54)]);
}

#[test]
fn a_page_that_goes_on_scrolling_moves_as_before_and_one_that_turns_is_found_anew() {
    let mut finder = CopyFinder::new();
    let mut at = 200;
    // The same step again, another, back up, and a jump where nothing is the same.
    for (by, new_rows) in [(54, 54), (54, 54), (54, 54), (18, 18), (-54, 54), (-54, 54), (2000, 576)] {
        let (shown, now) = (text(800, 600, at), text(800, 600, (at as i32 + by) as u32));
        let moves = check_with(&mut finder, &shown, &now, &[Area::new(0, 24, 800, 576)]);
        assert!(pixels(&moves.rest) <= 800 * new_rows, "{at} by {by}: {:?}", moves.rest);
        at = (at as i32 + by) as u32;
    }
}

#[test]
fn scrolling_back_up_is_found_too() {
    let (shown, now) = (text(800, 600, 131), text(800, 600, 30));
    let moves = check(&shown, &now, &[Area::new(0, 24, 800, 576)]);
    assert_eq!(pixels(&moves.rest), 800 * 101);
}

#[test]
fn a_page_scrolled_sideways_by_any_distance_is_found() {
    let wide = text(1400, 500, 0);
    for by in [1, 7, 32, 333] {
        let (mut shown, mut now) = (Canvas::black(1000, 500).unwrap(), Canvas::black(1000, 500).unwrap());
        paste(&mut shown, &wide, 0, 0, Area::of_size(1000, 500));
        paste(&mut now, &wide, by, 0, Area::of_size(1000, 500));
        let moves = check(&shown, &now, &[Area::of_size(1000, 500)]);
        assert!(pixels(&moves.rest) <= u64::from(by) * 500, "{by}: {:?}", moves.rest);
    }
}

#[test]
fn a_dragged_window_is_copied_and_only_its_trail_is_new() {
    let (desk, window) = (palette(1280, 800, 12, 1), text(500, 300, 7));
    let place = |x: u32, y: u32| {
        let mut canvas = desk.clone();
        paste(&mut canvas, &window, 0, 0, Area::new(x, y, 500, 300));
        canvas
    };
    for (dx, dy) in [(9_i32, 5_i32), (-9, 5), (40, -31), (0, -3), (-200, -100)] {
        let (x, y) = (300_u32, 250_u32);
        let (to_x, to_y) = (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy));
        let (from, to) = (Area::new(x, y, 500, 300), Area::new(to_x, to_y, 500, 300));
        let moves = check(&place(x, y), &place(to_x, to_y), &[from.union(&to)]);
        let copied: u64 = moves
            .copies
            .iter()
            .filter(|copy| to.contains(&copy.to))
            .map(|copy| copy.to.pixels())
            .sum();
        assert!(copied >= 500 * 300 - 2000, "{dx}, {dy}: {moves:?}");
    }
}

#[test]
fn two_panes_that_scroll_apart_are_both_found() {
    let place = |left: u32, right: u32| {
        let mut canvas = Canvas::black(1200, 700).unwrap();
        paste(&mut canvas, &text(590, 700, left), 0, 0, Area::new(0, 0, 590, 700));
        paste(&mut canvas, &text(600, 700, 900 + right), 0, 0, Area::new(600, 0, 600, 700));
        canvas
    };
    let changed = [Area::new(0, 24, 590, 676), Area::new(600, 24, 600, 676)];
    let moves = check(&place(0, 100), &place(36, 20), &changed);
    assert!(pixels(&moves.rest) <= 590 * 36 + 600 * 80 + 4000, "{:?}", moves.rest);
}

#[test]
fn two_windows_that_changed_places_are_not_copied_over_each_other() {
    let (one, other) = (text(300, 300, 0), palette(300, 300, 30, 5));
    let place = |left: &Canvas, right: &Canvas| {
        let mut canvas = Canvas::black(700, 300).unwrap();
        paste(&mut canvas, left, 0, 0, Area::new(0, 0, 300, 300));
        paste(&mut canvas, right, 0, 0, Area::new(320, 0, 300, 300));
        canvas
    };
    let changed = [Area::new(0, 0, 300, 300), Area::new(320, 0, 300, 300)];
    let moves = check(&place(&one, &other), &place(&other, &one), &changed);
    assert!(!moves.copies.is_empty(), "one of the two can be copied");
}

#[test]
fn a_film_has_nothing_to_copy_and_small_changes_are_not_looked_at() {
    let whole = Area::of_size(640, 480);
    let film_moves = check(&noise(640, 480, 1), &noise(640, 480, 2), &[whole]);
    assert_eq!((film_moves.copies.len(), film_moves.rest), (0, vec![whole]));
    let letter = Area::new(100, 100, 12, 13);
    let (shown, mut now) = (text(640, 480, 0), text(640, 480, 0));
    paste(&mut now, &film(640, 480, 0), 0, 0, letter);
    assert_eq!(check(&shown, &now, &[letter]).rest, [letter]);
}

#[test]
fn the_fourth_byte_of_a_pixel_says_nothing() {
    let (one, mut other) = (noise(77, 1, 3), noise(77, 1, 3));
    other
        .as_picture_mut()
        .row_mut(0)
        .chunks_exact_mut(4)
        .for_each(|pixel| pixel[3] ^= 0x5a);
    assert!(same_row(one.as_picture().row(0), other.as_picture().row(0)));
    for x in [0, 15, 16, 63, 64, 76] {
        for byte in 0..3 {
            let mut changed = one.clone();
            changed.as_picture_mut().row_mut(0)[x * 4 + byte] ^= 1;
            assert!(!same_row(one.as_picture().row(0), changed.as_picture().row(0)), "{x} {byte}");
        }
    }
    assert!(!same_row(&[0; 8], &[0; 4]));
}

#[test]
fn whatever_moves_wherever_the_picture_is_right() {
    let mut chance = Chance::new(7);
    let mut below = |limit: u32| chance.below(u64::from(limit)) as u32;
    for round in 0..60_u32 {
        let (width, height) = (70 + below(600), 40 + below(400));
        let shown = match round % 3 {
            0 => text(width, height, below(500)),
            1 => palette(width, height, 2, u64::from(round)),
            _ => noise(width, height, u64::from(round)),
        };
        let mut now = shown.clone();
        let mut changed = Vec::new();
        for _ in 0..1 + below(4) {
            let (part_width, part_height) = (1 + below(width), 1 + below(height));
            let (x, y) = (below(width - part_width + 1), below(height - part_height + 1));
            let to = Area::new(
                below(width - part_width + 1),
                below(height - part_height + 1),
                part_width,
                part_height,
            );
            let before = now.clone();
            paste(&mut now, &before, x, y, to);
            let left = Area::parts_without(vec![to], &changed);
            changed.extend(left);
        }
        check(&shown, &now, &changed);
    }
}
