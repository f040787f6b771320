//! The devices through which all injected input comes. The server makes a pair of them for each
//! master, marked by a property; by them injected input is told from a person's, its repeat is
//! turned off, and keys that a crashed predecessor left down are found.

use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::xinput::{self, ConnectionExt as _, Device, DeviceId, DeviceType, InputStateData};
use x11rb::protocol::xkb::{self, BoolCtrl, ConnectionExt as _};
use x11rb::protocol::xproto::{AtomEnum, BUTTON_RELEASE_EVENT, KEY_RELEASE_EVENT};
use x11rb::protocol::xtest::ConnectionExt as _;

use super::connection::{Server, XError};

/// Whether the server repeats held keys of the injecting keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    On,
    Off,
}

/// Every XTEST device, with what kind of device it is; none where the server has no XI2.
pub(super) fn all(server: &Server) -> Result<Vec<(DeviceId, DeviceType)>, XError> {
    if !server.has(xinput::X11_EXTENSION_NAME)? {
        return Ok(Vec::new());
    }
    server.conn.xinput_xi_query_version(2, 2)?.reply()?;
    let marker = server.atom("XTEST Device")?;
    let infos = server.conn.xinput_xi_query_device(u16::from(Device::ALL))?.reply()?.infos;
    let mut found = Vec::new();
    for info in infos {
        let is_named = info.name.ends_with(b"XTEST keyboard") || info.name.ends_with(b"XTEST pointer");
        if is_named || has_property(server, info.deviceid, marker)? {
            found.push((info.deviceid, info.type_));
        }
    }
    Ok(found)
}

/// Turns the repeat of injected keys on or off; the person's own keyboard is left as it is.
pub(super) fn set_repeat(server: &Server, repeat: Repeat) -> Result<(), XError> {
    let enabled = if repeat == Repeat::On {
        BoolCtrl::REPEAT_KEYS
    } else {
        BoolCtrl::from(0u32)
    };
    for (device, type_) in all(server)? {
        if type_ == DeviceType::SLAVE_KEYBOARD {
            set_enabled_controls(server, device, BoolCtrl::REPEAT_KEYS, enabled)?;
        }
    }
    Ok(())
}

fn set_enabled_controls(server: &Server, device: DeviceId, affect: BoolCtrl, enabled: BoolCtrl) -> Result<(), XError> {
    let (no_mods, no_vmods, no_options) = (0u16.into(), xkb::VMod::from(0u16), xkb::AXOption::from(0u16));
    let no_controls = BoolCtrl::from(0u32);
    let change = xkb::Control::CONTROLS_ENABLED;
    let cookie = server.conn.xkb_set_controls(
        device,
        no_mods,
        no_mods,
        no_mods,
        no_mods,
        no_vmods,
        no_vmods,
        no_vmods,
        no_vmods,
        0,
        0,
        no_options,
        affect,
        enabled,
        change,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        no_controls,
        no_controls,
        no_options,
        no_options,
        &[0; 32],
    )?;
    match cookie.check() {
        Ok(()) => Ok(()),
        Err(ReplyError::X11Error(error)) => {
            tracing::debug!(kind = ?error.error_kind, "the repeat of injected keys stays as it is");
            Ok(())
        }
        Err(e) => Err(e.into()),
    }
}

/// Releases every key and button that an XTEST device holds down.
pub(super) fn release_everything(server: &Server) -> Result<(), XError> {
    for (device, _) in all(server)? {
        let Ok(device) = u8::try_from(device) else { continue };
        let state = match server.conn.xinput_query_device_state(device)?.reply() {
            Ok(reply) => reply,
            Err(ReplyError::X11Error(_)) => continue,
            Err(e) => return Err(e.into()),
        };
        for class in state.classes {
            let (type_, bits) = match class.data {
                InputStateData::Key(keys) => (KEY_RELEASE_EVENT, keys.keys),
                InputStateData::Button(buttons) => (BUTTON_RELEASE_EVENT, buttons.buttons),
                _ => continue,
            };
            for number in set_bits(&bits) {
                server
                    .conn
                    .xtest_fake_input(type_, number, x11rb::CURRENT_TIME, server.root, 0, 0, 0)?;
            }
        }
    }
    server.conn.flush()?;
    Ok(())
}

fn set_bits(bits: &[u8; 32]) -> impl Iterator<Item = u8> + '_ {
    (0..=u8::MAX).filter(|number| bits[usize::from(number / 8)] & (1 << (number % 8)) != 0)
}

fn has_property(server: &Server, device: DeviceId, property: u32) -> Result<bool, XError> {
    match server
        .conn
        .xinput_xi_get_property(device, false, property, AtomEnum::ANY.into(), 0, 1)?
        .reply()
    {
        Ok(reply) => Ok(reply.num_items > 0),
        Err(ReplyError::X11Error(_)) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_from_the_lowest() {
        let mut bits = [0; 32];
        bits[0] = 0b10;
        bits[31] = 0b1000_0000;
        assert_eq!(set_bits(&bits).collect::<Vec<_>>(), [1, 255]);
    }
}
