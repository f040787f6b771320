//! How far apart the rows of a picture lie, where the interface that hands it over does not say. Pure.

use super::BYTES_PER_PIXEL;

/// Bytes from one row to the next in a picture of `len` bytes: rows are
/// padded to a power of two up to 256 bytes, the whole to at most a memory page.
pub(super) fn padded_stride(len: usize, width: u32, height: u32) -> usize {
    let (row, rows) = (width as usize * BYTES_PER_PIXEL, (height as usize).max(1));
    let fits = |align: &usize| row.next_multiple_of(*align) * rows <= len;
    let align = [256, 128, 64, 32, 16].into_iter().find(fits).unwrap_or(1);
    row.next_multiple_of(align)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_padding_of_rows_is_found_from_the_size_of_the_whole() {
        let whole = |stride: usize, height: usize, page: usize| (stride * height).next_multiple_of(page);
        for page in [4096, 16384] {
            for (width, height) in [(1920, 1080), (1440, 900), (1512, 982), (1470, 956), (2560, 1440), (1366, 768)] {
                for align in [16, 64, 256] {
                    let stride = (width as usize * 4).next_multiple_of(align);
                    let len = whole(stride, height as usize, page);
                    assert_eq!(
                        padded_stride(len, width, height),
                        stride,
                        "{width} by {height}, rows of {align}, pages of {page}"
                    );
                }
            }
        }
    }
}
