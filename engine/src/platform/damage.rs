//! Many small damaged rectangles become few that cost little more to capture. Pure arithmetic: a
//! union is taken when it wastes few pixels, or when there are too many rectangles to keep apart.

use farhand_protocol::geometry::Rect;

/// Most rectangles kept apart.
const MAX_RECTS: usize = 48;
/// Pixels a union may add beyond what its parts cover: a partial capture costs about as much as
/// copying this many pixels.
const SLACK_PX: u64 = 4096;

/// Damaged rectangles, merged as they come.
#[derive(Debug, Clone, Default)]
pub struct DamageList {
    rects: Vec<Rect>,
}

impl DamageList {
    /// Adds one rectangle, clipped to `bounds`.
    pub fn add(&mut self, rect: &Rect, bounds: &Rect) {
        let Some(mut rect) = rect.intersection(bounds) else { return };
        while let Some(index) = self.rects.iter().position(|other| is_worth_merging(other, &rect)) {
            rect = rect.union(&self.rects.swap_remove(index));
        }
        self.rects.push(rect);
        if self.rects.len() > MAX_RECTS {
            self.merge_last_into_nearest();
        }
    }

    /// True when nothing was damaged.
    pub fn is_empty(&self) -> bool {
        self.rects.is_empty()
    }

    /// What in `rect` was damaged.
    pub fn within(&self, rect: &Rect) -> Vec<Rect> {
        self.rects.iter().filter_map(|damaged| damaged.intersection(rect)).collect()
    }

    /// What was damaged, topmost first; the list is empty afterwards.
    pub fn take(&mut self) -> Vec<Rect> {
        let mut rects = std::mem::take(&mut self.rects);
        rects.sort_by_key(|r| (r.y, r.x));
        rects
    }

    fn merge_last_into_nearest(&mut self) {
        let Some(last) = self.rects.pop() else { return };
        let nearest = self.rects.iter().enumerate().min_by_key(|(_, r)| r.union(&last).area() - r.area());
        if let Some((index, _)) = nearest {
            self.rects[index] = self.rects[index].union(&last);
        }
    }
}

fn is_worth_merging(a: &Rect, b: &Rect) -> bool {
    let overlap = a.intersection(b).map_or(0, |i| i.area());
    a.union(b).area() <= a.area() + b.area() - overlap + SLACK_PX
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Rect = Rect::new(0, 0, 1920, 1080);

    fn merged(rects: &[Rect]) -> Vec<Rect> {
        let mut list = DamageList::default();
        rects.iter().for_each(|r| list.add(r, &SCREEN));
        list.take()
    }

    #[test]
    fn letters_of_one_line_become_one_rectangle() {
        let letters: Vec<Rect> = (0..40).map(|i| Rect::new(100 + i * 9, 200, 9, 16)).collect();
        assert_eq!(merged(&letters), vec![Rect::new(100, 200, 360, 16)]);
    }

    #[test]
    fn far_corners_stay_apart() {
        let corners = [Rect::new(0, 0, 10, 10), Rect::new(1900, 1060, 10, 10)];
        assert_eq!(merged(&corners), corners.to_vec());
    }

    #[test]
    fn a_thousand_scattered_dots_stay_within_the_limit_and_are_all_covered() {
        let dots: Vec<Rect> = (0..1000)
            .map(|i| Rect::new((i * 7919) % 1900, (i * 104_729) % 1060, 5, 5))
            .collect();
        let rects = merged(&dots);
        assert!(rects.len() <= MAX_RECTS);
        for dot in &dots {
            assert!(rects.iter().any(|r| r.intersection(dot) == Some(*dot)), "{dot:?} lost");
        }
    }

    #[test]
    fn what_lies_outside_is_clipped_or_dropped() {
        assert_eq!(merged(&[Rect::new(1910, 1070, 50, 50)]), vec![Rect::new(1910, 1070, 10, 10)]);
        assert!(merged(&[Rect::new(5000, 0, 10, 10), Rect::new(3, 3, 0, 9)]).is_empty());
    }
}
