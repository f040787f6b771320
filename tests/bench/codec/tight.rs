//! How many bytes TigerVNC's server needs for a picture in the Tight encoding without loss: a viewer that asks for it once, and only counts.
//! (The RFB protocol and its Tight encoding are described at github.com/rfbproto/rfbproto.)

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use farhand_codec::{Area, Canvas};
use farhand_tests::harness::{Program, wait};

use super::shown::Shown;

const PORT: &str = "5959";
const PATIENCE: Duration = Duration::from_secs(20);
const TIGHT: i32 = 7;
/// Compression level 2, which is TigerVNC's own choice.
const LEVEL: i32 = -254;
/// Shorter data is not compressed.
const LEAST_COMPRESSED: usize = 12;

/// Shows the picture on a display of its own and asks its server for all of it, and then, as in a session that goes on, for each of these parts.
///
/// # Errors
/// When TigerVNC's server is not here, or speaks otherwise than expected.
pub fn bytes(picture: &Canvas, parts: &[Area]) -> Result<(usize, Vec<usize>)> {
    let shown = Shown::start(picture)?;
    let server = [
        "-localhost",
        "-SecurityTypes",
        "None",
        "-rfbport",
        PORT,
        "-display",
        shown.display.name(),
    ];
    let _server = Program::at("X0tigervnc").args(server).spawn(shown.folder.path())?;
    let stream = wait::until("TigerVNC's server", PATIENCE, || {
        Ok(TcpStream::connect(format!("127.0.0.1:{PORT}")).ok())
    })?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut viewer = Viewer { stream, read: 0 };
    viewer.greet()?;
    let whole = viewer.count(&picture.as_picture().area())?;
    let parts = parts.iter().map(|part| viewer.count(part)).collect::<Result<_>>()?;
    Ok((whole, parts))
}

struct Viewer {
    stream: TcpStream,
    read: usize,
}

impl Viewer {
    /// How many bytes come for a part of the screen.
    fn count(&mut self, part: &Area) -> Result<usize> {
        let mut request = vec![3, 0];
        for side in [part.x, part.y, part.width, part.height] {
            request.extend(u16::try_from(side)?.to_be_bytes());
        }
        self.stream.write_all(&request)?;
        self.read = 0;
        ensure!(self.byte()? == 0, "something else than a picture came");
        self.byte()?;
        for _ in 0..self.u16()? {
            self.rectangle()?;
        }
        Ok(self.read)
    }

    fn greet(&mut self) -> Result<()> {
        self.take(12)?;
        self.stream.write_all(b"RFB 003.008\n")?;
        let kinds = usize::from(self.byte()?);
        ensure!(self.take(kinds)?.contains(&1), "the server wants a password");
        self.stream.write_all(&[1])?;
        ensure!(self.take(4)? == [0; 4], "the server refused");
        self.stream.write_all(&[1])?;
        // Width, height and the format of pixels.
        self.take(20)?;
        let name = self.take(4)?;
        self.take(u32::from_be_bytes([name[0], name[1], name[2], name[3]]) as usize)?;
        // 32 bits a pixel, 24 of them colours: Tight sends three bytes then.
        self.stream
            .write_all(&[0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])?;
        let mut encodings = vec![2, 0, 0, 2];
        encodings.extend(TIGHT.to_be_bytes());
        encodings.extend(LEVEL.to_be_bytes());
        Ok(self.stream.write_all(&encodings)?)
    }

    fn rectangle(&mut self) -> Result<()> {
        self.take(4)?;
        let (width, height) = (usize::from(self.u16()?), usize::from(self.u16()?));
        let encoding = self.take(4)?;
        ensure!(encoding == TIGHT.to_be_bytes(), "a rectangle in another encoding");
        let control = self.byte()? >> 4;
        match control {
            0b1000 => self.take(3).map(drop),
            0..=7 => self.basic(control, width, height),
            _ => bail!("a rectangle with loss"),
        }
    }

    fn basic(&mut self, control: u8, width: usize, height: usize) -> Result<()> {
        const PALETTE: u8 = 1;
        let filter = if control & 0b100 == 0 { 0 } else { self.byte()? };
        let length = if filter == PALETTE {
            let colours = usize::from(self.byte()?) + 1;
            self.take(colours * 3)?;
            let row = if colours == 2 { width.div_ceil(8) } else { width };
            row * height
        } else {
            width * height * 3
        };
        let coded = if length < LEAST_COMPRESSED { length } else { self.length()? };
        self.take(coded).map(drop)
    }

    /// A length in one to three bytes, seven bits each, the least first.
    fn length(&mut self) -> Result<usize> {
        let mut length = 0;
        for shift in [0, 7, 14] {
            let byte = usize::from(self.byte()?);
            length |= (byte & if shift == 14 { 0xff } else { 0x7f }) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        Ok(length)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn u16(&mut self) -> Result<u16> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    fn take(&mut self, count: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes)?;
        self.read += count;
        Ok(bytes)
    }
}
