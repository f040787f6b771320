//! What the planner decides, scene by scene.

use super::*;

const WIDTH: u32 = 1920;
const HEIGHT: u32 = 1080;

fn planner() -> RegionPlanner {
    RegionPlanner::new(WIDTH, HEIGHT, PlannerConfig::default())
}

/// Plays `count` changes of `area`, `every` ms apart, from `start`; returns the time after the last.
fn play(planner: &mut RegionPlanner, area: Area, start: u64, every: u64, count: u64) -> (u64, Vec<Plan>) {
    let plans = (0..count).map(|step| planner.plan(&[area], start + step * every, &[])).collect();
    (start + count * every, plans)
}

fn pixels(areas: &[Area]) -> u64 {
    areas.iter().map(Area::pixels).sum()
}

#[test]
fn a_typed_letter_goes_exactly_as_it_is() {
    let mut planner = planner();
    let letter = Area::new(300, 200, 12, 13);
    let plan = planner.plan(&[letter], 0, &[]);
    assert_eq!(
        plan,
        Plan {
            tiles: vec![letter],
            ..Plan::default()
        }
    );
    assert_eq!(planner.wake_at_millis(), None);
}

#[test]
fn typing_fast_in_one_place_never_becomes_video() {
    let mut planner = planner();
    let (_, plans) = play(&mut planner, Area::new(300, 200, 12, 13), 0, 30, 200);
    assert!(plans.iter().all(|plan| plan.video.is_none() && pixels(&plan.tiles) == 12 * 13));
}

#[test]
fn a_whole_new_screen_goes_exactly_in_one_rectangle() {
    let plan = planner().plan_with(&[Area::of_size(WIDTH, HEIGHT)], 0, &[], |_| false);
    assert_eq!(plan.tiles, [Area::of_size(WIDTH, HEIGHT)]);
    assert_eq!(plan.video, None);
}

#[test]
fn a_large_photograph_goes_as_video_at_once_and_what_lies_around_it_exactly() {
    let mut planner = planner();
    let (screen, photograph) = (Area::of_size(WIDTH, HEIGHT), Area::new(640, 320, 768, 384));
    let plan = planner.plan_with(&[screen], 0, &[], |tile| photograph.contains(&tile));
    assert_eq!(plan.video.unwrap().painted, [photograph]);
    assert_eq!(pixels(&plan.tiles), screen.pixels() - photograph.pixels());
    let later = planner.plan_with(&[], 300, &[], |_| true);
    assert_eq!(later.refine, [photograph]);
    let small = Area::new(0, 0, 256, 256);
    assert_eq!(planner.plan_with(&[small], 9000, &[], |_| true).tiles, [small]);
}

#[test]
fn overlapping_damage_is_sent_once() {
    let mut planner = planner();
    let plan = planner.plan(
        &[Area::new(10, 10, 200, 100), Area::new(50, 50, 300, 20), Area::new(10, 10, 5, 5)],
        0,
        &[],
    );
    for (index, area) in plan.tiles.iter().enumerate() {
        assert!(plan.tiles[index + 1..].iter().all(|other| other.intersection(area).is_none()));
    }
    for inside in [(10, 10), (209, 109), (349, 69)] {
        let point = Area::new(inside.0, inside.1, 1, 1);
        assert!(plan.tiles.iter().any(|area| area.contains(&point)), "{inside:?}");
    }
}

#[test]
fn a_film_becomes_video_and_only_where_it_plays() {
    let mut planner = planner();
    let film = Area::new(640, 320, 640, 384);
    let (_, plans) = play(&mut planner, film, 0, 33, 30);
    assert!(plans[0].video.is_none(), "the first picture is exact");
    let first = plans.iter().position(|plan| plan.video.is_some()).unwrap();
    assert!(first <= 6 && plans[first].video_restarted);
    let video = plans.last().unwrap().video.as_ref().unwrap();
    assert_eq!(video.area, film);
    assert_eq!(video.painted, [film]);
    assert!(plans[first..].iter().all(|plan| plan.tiles.is_empty() && plan.refine.is_empty()));
    assert!(plans[first + 1..].iter().all(|plan| !plan.video_restarted));
    assert_eq!(planner.lossy_pixels(), film.pixels());
}

#[test]
fn two_films_play_in_one_video_and_what_is_between_them_stays_exact() {
    let mut planner = planner();
    let (first, second) = (Area::new(64, 64, 512, 384), Area::new(1280, 576, 448, 320));
    let between = Area::new(800, 500, 200, 20);
    let mut last = Plan::default();
    for step in 0..60 {
        last = planner.plan_with(&[first, second, between], step * 33, &[], |area| {
            area.intersection(&between).is_none()
        });
    }
    let video = last.video.clone().unwrap();
    assert_eq!(video.area, first.union(&second));
    assert_eq!(video.painted, [first, second]);
    assert_eq!(last.tiles, [between]);
    // One of them stops.
    let mut restarts = 0;
    for step in 60..180 {
        last = planner.plan_with(&[second], step * 33, &[], |_| true);
        restarts += usize::from(last.video_restarted);
    }
    assert_eq!((last.video.unwrap().area, restarts), (second, 1));
}

#[test]
fn a_film_that_is_not_on_the_grid_starts_one_stream_only() {
    let mut planner = planner();
    let (_, plans) = play(&mut planner, Area::new(650, 340, 640, 400), 0, 40, 100);
    assert_eq!(plans.iter().filter(|plan| plan.video_restarted).count(), 1);
    assert!(planner.video_area().unwrap().contains(&Area::new(650, 340, 640, 400)));
}

#[test]
fn scrolling_text_stays_exact_where_that_is_cheap() {
    let mut planner = planner();
    let (page, film) = (Area::new(0, 0, 960, 1024), Area::new(1024, 64, 640, 384));
    let mut asked = 0;
    for step in 0..60 {
        let plan = planner.plan_with(&[page, film], step * 33, &[], |area| {
            asked += 1;
            area.x >= 1024
        });
        assert!(plan.tiles.iter().any(|area| area.contains(&page)));
        assert!(plan.video.is_none_or(|video| video.painted == [film]));
    }
    assert_eq!(planner.video_area(), Some(film));
    assert!(asked < 5 * (15 * 16 + 10 * 6), "asked {asked} times in two seconds");
}

#[test]
fn typing_beside_a_film_stays_exact() {
    let mut planner = planner();
    let film = Area::new(640, 320, 640, 384);
    let (now, _) = play(&mut planner, film, 0, 33, 30);
    let letter = Area::new(100, 100, 12, 13);
    let plan = planner.plan(&[film, letter], now, &[]);
    assert_eq!(plan.tiles, [letter]);
    assert_eq!(plan.video.unwrap().painted, [film]);
}

#[test]
fn a_cool_spot_inside_the_video_area_stays_exact() {
    let mut planner = planner();
    // A frame of motion around a still middle.
    let ring: Vec<Area> = Area::new(0, 0, 640, 640).without(&Area::new(192, 192, 256, 256)).collect();
    for step in 0..30 {
        planner.plan(&ring, step * 33, &[]);
    }
    let letter = Area::new(300, 300, 12, 13);
    let plan = planner.plan(&[letter], 1000, &[]);
    assert_eq!(planner.video_area(), Some(Area::new(0, 0, 640, 640)));
    assert_eq!((plan.tiles, plan.video), (vec![letter], None));
}

#[test]
fn what_was_lossy_is_refined_when_it_stands_still_and_the_video_ends() {
    let mut planner = planner();
    let film = Area::new(640, 320, 640, 384);
    let (now, _) = play(&mut planner, film, 0, 33, 30);
    let wake = planner.wake_at_millis().unwrap();
    assert_eq!(wake, now - 33 + 300);
    assert!(planner.plan(&[], wake - 1, &[]).is_empty());
    assert_eq!(planner.plan(&[], wake, &[]).refine, [film]);
    assert_eq!(planner.lossy_pixels(), 0);
    let wake = planner.wake_at_millis().unwrap();
    let plan = planner.plan(&[], wake + 1500, &[]);
    assert!(plan.video_restarted && plan.is_empty());
    assert_eq!((planner.video_area(), planner.wake_at_millis()), (None, None));
}

#[test]
fn refining_begins_at_the_focus_and_keeps_to_its_measure() {
    let config = PlannerConfig {
        most_refined_pixels: 4 * 64 * 64,
        ..PlannerConfig::default()
    };
    let mut planner = RegionPlanner::new(WIDTH, HEIGHT, config);
    let film = Area::new(0, 0, 1280, 640);
    let (now, _) = play(&mut planner, film, 0, 33, 30);
    let lossy = planner.lossy_pixels();
    let refined = planner.plan(&[], now + 300, &[(1000, 500)]).refine;
    assert_eq!(pixels(&refined), 4 * 64 * 64);
    assert!(refined.iter().any(|area| area.contains(&Area::new(1000, 500, 1, 1))));
    assert_eq!(planner.lossy_pixels(), lossy - 4 * 64 * 64);
    assert!(planner.wake_at_millis().unwrap() <= now + 300, "the rest is due at once");
}

#[test]
fn a_blinking_caret_does_not_keep_a_lossy_tile_lossy() {
    let mut planner = planner();
    let (now, _) = play(&mut planner, Area::new(0, 0, 640, 640), 0, 33, 30);
    let caret = Area::new(100, 100, 2, 16);
    let mut plans: Vec<Plan> = Vec::new();
    for step in 0..20 {
        plans.push(planner.plan(&[caret], now + 1200 + step * 500, &[]));
    }
    assert_eq!(planner.lossy_pixels(), 0);
    assert!(plans[1..].iter().all(|plan| plan.tiles == [caret] && plan.video.is_none()));
}

#[test]
fn a_film_that_grows_restarts_the_video_once_and_keeps_what_it_had() {
    let mut planner = planner();
    let (now, _) = play(&mut planner, Area::new(640, 320, 640, 384), 0, 33, 30);
    let (_, plans) = play(&mut planner, Area::of_size(WIDTH, HEIGHT), now, 33, 30);
    assert_eq!(plans.iter().filter(|plan| plan.video_restarted).count(), 1);
    assert_eq!(planner.video_area(), Some(Area::of_size(WIDTH, HEIGHT)));
}

#[test]
fn a_film_that_shrinks_gets_a_smaller_video_after_a_while() {
    let mut planner = planner();
    let (now, _) = play(&mut planner, Area::of_size(WIDTH, HEIGHT), 0, 33, 30);
    let small = Area::new(640, 320, 448, 320);
    let (_, plans) = play(&mut planner, small, now, 33, 150);
    assert_eq!(plans.iter().filter(|plan| plan.video_restarted).count(), 1);
    assert_eq!(planner.video_area(), Some(small));
}

#[test]
fn a_slow_link_sends_a_large_change_as_video_at_once() {
    let config = PlannerConfig {
        most_exact_pixels: 100_000,
        ..PlannerConfig::default()
    };
    let mut planner = RegionPlanner::new(WIDTH, HEIGHT, config);
    let plan = planner.plan(&[Area::of_size(WIDTH, HEIGHT)], 0, &[]);
    assert_eq!(plan.video.unwrap().painted, [Area::of_size(WIDTH, HEIGHT)]);
    assert!(plan.tiles.is_empty());
    assert_eq!(planner.plan(&[Area::new(5, 5, 9, 9)], 4000, &[]).tiles, [Area::new(5, 5, 9, 9)]);
}

#[test]
fn text_before_a_film_stays_exact_however_large_the_film_is_on_a_link_that_carries_the_text() {
    let film = Area::new(256, 320, 960, 576);
    let text = Area::new(640, 448, 128, 320);
    let mut planner = RegionPlanner::new(
        WIDTH,
        HEIGHT,
        PlannerConfig {
            most_exact_pixels: film.pixels() / 4,
            ..PlannerConfig::default()
        },
    );
    let around: Vec<Area> = film.without(&text).collect();
    for step in 0..90 {
        let damage: Vec<Area> = around.iter().copied().chain([text]).collect();
        let plan = planner.plan_with(&damage, step * 33, &[], |tile| tile.intersection(&text).is_none());
        assert_eq!(plan.tiles, [text], "at {step}");
        assert!(
            plan.video
                .is_some_and(|video| pixels(&video.painted) == film.pixels() - text.pixels())
        );
    }
    // More text than the link carries soon is shown lossy first.
    let all = Area::of_size(WIDTH, HEIGHT);
    let plan = planner.plan_with(&[all], 90 * 33, &[], |_| false);
    assert_eq!((plan.tiles.len(), plan.video.map(|video| video.painted)), (0, Some(vec![all])));
}

#[test]
fn a_frame_beyond_what_video_can_be_is_shared_between_video_and_tiles() {
    let config = PlannerConfig {
        most_exact_pixels: 1,
        ..PlannerConfig::default()
    };
    let mut planner = RegionPlanner::new(7680, 2160, config);
    let whole = Area::of_size(7680, 2160);
    let plan = planner.plan(&[whole], 0, &[]);
    let video = plan.video.unwrap();
    assert!(crate::video::video_size_allowed(video.area.width, video.area.height));
    assert_eq!(pixels(&plan.tiles) + pixels(&video.painted), whole.pixels());
}

#[test]
fn whatever_is_damaged_is_sent_and_nothing_overlaps() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: u32| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % u64::from(below)) as u32
    };
    let (width, height) = (777, 555);
    let mut planner = RegionPlanner::new(
        width,
        height,
        PlannerConfig {
            least_video_tiles: 2,
            ..PlannerConfig::default()
        },
    );
    // What viewers show: 0 stale, 1 lossy, 2 exact.
    let mut shown = vec![2_u8; (width * height) as usize];
    let fill = |shown: &mut Vec<u8>, area: &Area, state: u8| {
        for y in area.y..area.bottom() {
            shown[(y * width + area.x) as usize..(y * width + area.right()) as usize].fill(state);
        }
    };
    let mut videos = 0;
    for step in 0..600 {
        let damage: Vec<Area> = (0..next(4))
            .map(|_| Area::new(next(width), next(height), 1 + next(300), 1 + next(300)))
            .collect();
        let frame = Area::of_size(width, height);
        damage
            .iter()
            .filter_map(|area| area.intersection(&frame))
            .for_each(|area| fill(&mut shown, &area, 0));
        let plan = planner.plan(&damage, step * 20, &[(next(width), next(height))]);
        if let Some(video) = &plan.video {
            videos += 1;
            assert!(video.painted.iter().all(|part| video.area.contains(part)));
            video.painted.iter().for_each(|part| fill(&mut shown, part, 1));
        }
        plan.tiles.iter().chain(&plan.refine).for_each(|area| fill(&mut shown, area, 2));
        assert!(!shown.contains(&0), "something stale at step {step}");
        // What the planner takes for exact is exact.
        let lossy: u64 = shown.iter().filter(|state| **state == 1).count() as u64;
        assert!(lossy <= planner.lossy_pixels());
    }
    assert!(videos > 50);
    for step in 0..100 {
        let plan = planner.plan(&[], 12_000 + 400 + step, &[]);
        plan.refine.iter().for_each(|area| fill(&mut shown, area, 2));
    }
    assert!(shown.iter().all(|state| *state == 2), "all is exact in the end");
}

#[test]
fn a_film_that_others_are_sent_is_shared_and_where_no_more_may_begin_the_nearest_is() {
    let film = Area::new(640, 320, 640, 384);
    let theirs = Area::new(576, 256, 768, 512);
    let company = |areas: &[Area], may_begin| Company {
        areas: areas.to_vec(),
        may_begin,
    };
    let mut late = planner();
    late.set_company(company(&[theirs, Area::of_size(1920, 1024)], true));
    let (_, plans) = play(&mut late, film, 0, 33, 30);
    assert_eq!(late.video_area(), Some(theirs), "the smallest that serves");
    assert_eq!(plans.last().unwrap().video.as_ref().unwrap().painted, [film]);

    let mut larger = planner();
    let (at, _) = play(&mut larger, theirs, 0, 33, 30);
    larger.set_company(company(&[film], true));
    play(&mut larger, film, at + 3000, 33, 30);
    assert_eq!(
        larger.video_area(),
        Some(film),
        "who is sent more than it needs shares what is sent anyway"
    );

    let mut third = planner();
    let elsewhere = Area::new(0, 0, 768, 384);
    third.set_company(company(&[elsewhere, Area::new(1280, 640, 512, 384)], false));
    let (_, plans) = play(&mut third, film, 0, 33, 30);
    let first = plans.iter().position(|plan| plan.video.is_some()).unwrap();
    let video = plans[first].video.as_ref().unwrap();
    assert_eq!(
        (video.area, video.painted.as_slice()),
        (elsewhere, &[Area::new(640, 320, 128, 64)][..])
    );
    assert_eq!(pixels(&plans[first].tiles), film.pixels() - 128 * 64, "and the rest goes exactly");

    // Two see it in one place, two in another, and it grows: the first begins, and the others come along.
    let (one, other, all) = (
        Area::new(0, 0, 640, 384),
        Area::new(1152, 576, 640, 384),
        Area::new(0, 0, 1856, 1024),
    );
    let mut viewers = [planner(), planner(), planner(), planner()];
    for (viewer, small) in viewers.iter_mut().zip([one, one, other, other]) {
        play(viewer, small, 0, 33, 30);
    }
    for step in 0..90 {
        for at in 0..viewers.len() {
            let theirs = viewers.iter().enumerate().filter(|(other, _)| *other != at);
            let mut areas: Vec<Area> = Vec::new();
            for area in theirs.filter_map(|(_, viewer)| viewer.video_area()) {
                if !areas.contains(&area) {
                    areas.push(area);
                }
            }
            viewers[at].set_company(company(&areas, areas.len() < 2));
            viewers[at].plan(&[all], 990 + step * 33, &[]);
        }
    }
    let areas = viewers.each_ref().map(RegionPlanner::video_area);
    assert!(
        areas[0].is_some_and(|area| area.contains(&all)) && areas.iter().all(|area| *area == areas[0]),
        "{areas:?}"
    );
}

#[test]
fn what_lies_beside_a_film_in_its_own_tiles_stays_exact() {
    let mut planner = planner();
    // Its first rows are the last twelve of a row of tiles, its last four the first of another.
    let film = Area::new(320, 180, 1280, 720);
    let (now, plans) = play(&mut planner, film, 0, 33, 60);
    let video = plans.last().unwrap().video.as_ref().unwrap();
    assert_eq!(video.painted, [film]);
    assert!(plans.iter().flat_map(|plan| &plan.refine).next().is_none());
    assert_eq!(planner.lossy_pixels(), film.pixels(), "and the text above it never was lossy");
    // A letter right above it, in a tile that holds an edge of it.
    let letter = Area::new(650, 150, 9, 18);
    let plan = planner.plan_with(&[film, letter], now, &[], |area| !area.contains(&letter));
    assert_eq!(plan.tiles, [letter]);
    assert_eq!(plan.video.unwrap().painted, [film]);
    // Damage that says more than it was makes a part lossy, which is made exact while the film goes on.
    let both = Area::new(320, 140, 1280, 760);
    let plan = planner.plan(&[both], now + 33, &[]);
    assert_eq!(plan.video.unwrap().painted, [both]);
    let mut refined = Vec::new();
    for step in 2..16 {
        refined.extend(planner.plan(&[film], now + step * 33, &[]).refine);
    }
    assert_eq!(refined, [Area::new(320, 140, 1280, 40)]);
    assert_eq!(planner.lossy_within(&Area::of_size(WIDTH, 180)), []);
}

#[test]
fn many_pieces_of_one_tile_go_as_one() {
    let tile = Area::new(64, 64, 64, 64);
    let dots: Vec<Area> = (0..9).map(|at| Area::new(64 + at * 6, 64 + at * 6, 2, 2)).collect();
    assert_eq!(pieces_of(&dots, &tile, MOST_PIECES), [Area::new(64, 64, 50, 50)]);
    let crossed = [Area::new(60, 80, 80, 8), Area::new(80, 60, 8, 80)];
    let pieces = pieces_of(&crossed, &tile, MOST_PIECES);
    assert_eq!(pixels(&pieces), 64 * 8 * 2 - 64);
}
