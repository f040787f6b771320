//! USB HID usages of the keyboard page to evdev codes: the table the Linux kernel itself uses for
//! USB keyboards (drivers/hid/hid-input.c). X key codes are evdev codes plus eight wherever the
//! server uses the evdev rules, which all current ones do; the first evdev codes are scan codes of
//! the PC keyboard.

/// Evdev codes by usage; 0 where the kernel knows none.
#[rustfmt::skip]
const EVDEV_BY_USAGE: [u8; 256] = [
      0,   0,   0,   0,  30,  48,  46,  32,  18,  33,  34,  35,  23,  36,  37,  38,
     50,  49,  24,  25,  16,  19,  31,  20,  22,  47,  17,  45,  21,  44,   2,   3,
      4,   5,   6,   7,   8,   9,  10,  11,  28,   1,  14,  15,  57,  12,  13,  26,
     27,  43,  43,  39,  40,  41,  51,  52,  53,  58,  59,  60,  61,  62,  63,  64,
     65,  66,  67,  68,  87,  88,  99,  70, 119, 110, 102, 104, 111, 107, 109, 106,
    105, 108, 103,  69,  98,  55,  74,  78,  96,  79,  80,  81,  75,  76,  77,  71,
     72,  73,  82,  83,  86, 127, 116, 117, 183, 184, 185, 186, 187, 188, 189, 190,
    191, 192, 193, 194, 134, 138, 130, 132, 128, 129, 131, 137, 133, 135, 136, 113,
    115, 114,   0,   0,   0, 121,   0,  89,  93, 124,  92,  94,  95,   0,   0,   0,
    122, 123,  90,  91,  85,   0,   0,   0,   0,   0,   0,   0, 111,   0,   0,   0,
      0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
      0,   0,   0,   0,   0,   0, 179, 180,   0,   0,   0,   0,   0,   0,   0,   0,
      0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,   0,
      0,   0,   0,   0,   0,   0,   0,   0, 111,   0,   0,   0,   0,   0,   0,   0,
     29,  42,  56, 125,  97,  54, 100, 126, 164, 166, 165, 163, 161, 115, 114, 113,
    150, 158, 159, 128, 136, 177, 178, 176, 142, 152, 173, 140,   0,   0,   0,   0,
];

/// The evdev code of this position, if Linux knows the position.
pub(super) fn evdev(usage: u16) -> Option<u8> {
    EVDEV_BY_USAGE.get(usize::from(usage)).copied().filter(|code| *code != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes below are those that `xev` shows.
    const X_OFFSET: u8 = 8;

    #[test]
    fn well_known_positions_have_their_well_known_codes() {
        let known = [
            (0x04, 38),  // A
            (0x1d, 52),  // Z
            (0x1e, 10),  // 1
            (0x27, 19),  // 0
            (0x28, 36),  // Enter
            (0x29, 9),   // Escape
            (0x2c, 65),  // Space
            (0x39, 66),  // Caps Lock
            (0x3a, 67),  // F1
            (0x45, 96),  // F12
            (0x48, 127), // Pause
            (0x49, 118), // Insert
            (0x4f, 114), // Right
            (0x50, 113), // Left
            (0x51, 116), // Down
            (0x52, 111), // Up
            (0x58, 104), // keypad Enter
            (0x59, 87),  // keypad 1
            (0x62, 90),  // keypad 0
            (0x64, 94),  // the key beside the left Shift
            (0x68, 191), // F13
            (0x73, 202), // F24
            (0x87, 97),  // Ro
            (0x89, 132), // Yen
            (0xe0, 37),  // left Control
            (0xe1, 50),  // left Shift
            (0xe2, 64),  // left Alt
            (0xe3, 133), // left Super
            (0xe6, 108), // right Alt
        ];
        for (usage, code) in known {
            assert_eq!(evdev(usage), Some(code - X_OFFSET), "usage {usage:#04x}");
        }
    }

    #[test]
    fn usages_nobody_knows_have_no_code() {
        assert_eq!(evdev(0), None);
        assert_eq!(evdev(0xa5), None);
        assert_eq!(evdev(0x100), None);
    }
}
