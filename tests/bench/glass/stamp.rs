//! The number on a frame: twenty cells, black or white, in the lower left corner. Four cells that are always the same, fourteen bits, and two
//! that say how many of them are set, so that half a stamp is none.

/// Side of a cell on the customer's display, pixels.
pub const CELL: u32 = 16;
/// Cells of a stamp.
pub const CELLS: u32 = 20;
/// The four cells that are always the same.
const SENTINEL: u32 = 0xB;
/// Numbers begin anew after this one.
pub const MOST: u32 = 0x3fff;

/// Where the stamp lies on the technician's display, pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Left edge.
    pub x: f64,
    /// The line through the middle.
    pub y: f64,
    /// Width of a cell.
    pub cell: f64,
}

/// The cells of a number, the first in the lowest bit.
pub const fn cells_of(number: u32) -> u32 {
    let number = number & MOST;
    SENTINEL | number << 4 | (number.count_ones() & 3) << 18
}

/// The number that cells show, if they are a stamp.
pub const fn number_of(cells: u32) -> Option<u32> {
    let number = cells >> 4 & MOST;
    if cells & 0xf == SENTINEL && cells >> 18 & 3 == number.count_ones() & 3 {
        Some(number)
    } else {
        None
    }
}
