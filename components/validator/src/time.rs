//! Days and times, as tool files and releases write them.

/// A valid day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u32,
    month: u32,
    day: u32,
}

impl Day {
    /// Parse a day, `2026-02-28`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let (year, month) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?);
        let day = number(parts.next()?, 2)?;
        (1..=days(year, month)).contains(&day).then_some(Self { year, month, day })
    }

    /// Return the day that is a number of days later; the last of year 9999 if that is sooner.
    pub fn later(self, count: u32) -> Self {
        let mut left = count;
        let Self { mut year, mut month, mut day } = self;
        while left > days(year, month) - day {
            left -= days(year, month) - day + 1;
            day = 1;
            (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            if year > 9999 {
                return Self { year: 9999, month: 12, day: 31 };
            }
        }
        Self { year, month, day: day + left }
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A second of a day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Its day.
    pub day: Day,
    second: u32,
}

impl Moment {
    /// Parse a time, `2026-11-22T10:00:00Z`; a day alone means its beginning.
    pub fn parse(text: &str) -> Option<Self> {
        let Some((day, clock)) = text.split_once('T') else {
            return Some(Self { day: Day::parse(text)?, second: 0 });
        };
        let whole = clock.strip_suffix('Z')?;
        let (whole, fraction) = whole.split_once('.').unwrap_or((whole, "0"));
        let mut parts = whole.splitn(3, ':');
        let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
        let second = number(parts.next()?, 2)?;
        let is_fraction =
            !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
        // A leap second has the number 60.
        (is_fraction && hour < 24 && minute < 60 && second <= 60)
            .then_some(Self { day: Day::parse(day)?, second: (hour * 60 + minute) * 60 + second })
    }

    /// Return the moment that is a number of seconds after 1970; the end of year 9999 if that is sooner.
    pub fn since_1970(seconds: u64) -> Self {
        let days = u32::try_from(seconds / 86_400).unwrap_or(u32::MAX);
        let second = u32::try_from(seconds % 86_400).unwrap_or_default();
        Self { day: Day { year: 1970, month: 1, day: 1 }.later(days), second }
    }

    /// Return the moment that is a number of days later.
    pub fn later(self, days: u32) -> Self {
        Self { day: self.day.later(days), ..self }
    }
}

/// The value of a word of some decimal digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// How many days a month has; none if there is no such month.
fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => 0,
    }
}
