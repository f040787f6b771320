//! Moments as they are stored and shown: `i64` UTC milliseconds inside, RFC 3339 with `Z` outside. No clock is read here.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The first moment RFC 3339 can write, 0000-01-01T00:00:00.000Z.
    pub const MIN: Self = Self(-62_167_219_200_000);
    /// The last moment RFC 3339 can write, 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// The moment this many milliseconds later.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment.
    pub const fn since_millis(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `14:05`, on the wall clock of a place so many minutes east of UTC.
    pub fn time_of_day(self, utc_offset_minutes: i32) -> String {
        let minutes = self.0.div_euclid(60_000) + i64::from(utc_offset_minutes);
        format!("{:02}:{:02}", minutes.div_euclid(60).rem_euclid(24), minutes.rem_euclid(60))
    }

    /// Reads RFC 3339 with `Z` and zero or three fractional digits.
    pub fn parse(text: &str) -> Option<Self> {
        let body = text
            .strip_suffix('Z')
            .filter(|body| body.bytes().all(|b| b.is_ascii_digit() || b"-T:.".contains(&b)))?;
        let (date, clock) = body.split_once('T').filter(|(date, _)| date.len() == 10)?;
        let mut date = date.splitn(3, '-').map(str::parse::<i64>);
        let (y, m, d) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let mut clock = Some(clock).filter(|clock| clock.len() == 8)?.splitn(3, ':').map(str::parse::<i64>);
        let (h, min, s) = (clock.next()?.ok()?, clock.next()?.ok()?, clock.next()?.ok()?);
        let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        let in_range =
            (0..=9999).contains(&y) && (1..=12).contains(&m) && (0..24).contains(&h) && (0..60).contains(&min) && (0..=60).contains(&s);
        let days = days_from_civil(y, m, d);
        let exists = in_range && civil_from_days(days) == (y, m, d);
        exists.then(|| Self((days * 86_400 + h * 3600 + min * 60 + s) * 1000 + millis))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let secs = self.0.div_euclid(1000);
        let (days, rest) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
        let (y, m, d) = civil_from_days(days);
        write!(
            f,
            "{y:04}-{m:02}-{d:02}T{:02}:{:02}:{:02}.{:03}Z",
            rest / 3600,
            rest / 60 % 60,
            rest % 60,
            self.0.rem_euclid(1000)
        )
    }
}

/// RFC 3339 in JSON, the number in CBOR.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            Self::parse(&text).ok_or_else(|| serde::de::Error::custom("a time like 2026-01-31T09:30:00.000Z is needed"))
        } else {
            // A peer's number beyond what JSON can write would make every list that holds it unreadable.
            let moment = i64::deserialize(deserializer).map(Self)?;
            let in_range = (Self::MIN..=Self::MAX).contains(&moment);
            in_range
                .then_some(moment)
                .ok_or_else(|| serde::de::Error::custom("a time between the years 0 and 9999 is needed"))
        }
    }
}

// Days and dates by H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn days_from_civil(y: i64, m: i64, d: i64) -> i64 {
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(m <= 2), m, doy - (153 * mp + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_those_of_the_wall_also_across_midnight() {
        let at = Timestamp::parse("2026-11-22T23:30:59Z").unwrap();
        assert_eq!(at.time_of_day(0), "23:30");
        assert_eq!(at.time_of_day(330), "05:00");
        assert_eq!(Timestamp(60_000).time_of_day(-90), "22:31");
    }

    #[test]
    fn known_moments_print_and_parse() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_827_696_789, "2000-02-29T12:34:56.789Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (Timestamp::MIN.0, "0000-01-01T00:00:00.000Z"),
            (Timestamp::MAX.0, "9999-12-31T23:59:59.999Z"),
            (1_793_318_400_000, "2026-10-30T00:00:00.000Z"),
        ] {
            assert_eq!(Timestamp(millis).to_string(), text);
            assert_eq!(Timestamp::parse(text), Some(Timestamp(millis)));
        }
        for text in [
            "",
            "2026-01-01",
            "2026-13-01T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "2026-01-01T00:00:00+01:00",
            "2026-02-29T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-1-01T00:00:00Z",
            "2026-01-01T0:00:00Z",
            "+026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.é1Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
