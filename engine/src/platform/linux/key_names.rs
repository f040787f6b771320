//! Logical keys by their W3C UI Events names to X keysyms. Several keysyms per name, best first: a
//! technician's "Enter" is the keypad's too.

use xkeysym::key as k;

/// Keysyms that mean this logical key; empty for names that are characters or mean nothing to X.
pub(super) fn keysyms(name: &str) -> &'static [u32] {
    editing(name)
        .or_else(|| modifier(name))
        .or_else(|| function(name))
        .or_else(|| input_method(name))
        .or_else(|| media(name))
        .unwrap_or(&[])
}

/// True for names that must do nothing on the host when the technician's own layout decides: their
/// effect arrives as text, or is the technician's machine's own business.
pub(super) fn is_local_only(name: &str) -> bool {
    matches!(
        name,
        "Dead"
            | "Compose"
            | "Process"
            | "Unidentified"
            | "CapsLock"
            | "NumLock"
            | "AltGraph"
            | "ModeChange"
            | "Fn"
            | "FnLock"
            | "SymbolLock"
    )
}

fn editing(name: &str) -> Option<&'static [u32]> {
    Some(match name {
        "Enter" => &[k::Return, k::KP_Enter],
        "Tab" => &[k::Tab, k::ISO_Left_Tab],
        " " | "Space" => &[k::space],
        "Backspace" => &[k::BackSpace],
        "Delete" => &[k::Delete, k::KP_Delete],
        "Escape" => &[k::Escape],
        "Insert" => &[k::Insert, k::KP_Insert],
        "Home" => &[k::Home, k::KP_Home],
        "End" => &[k::End, k::KP_End],
        "PageUp" => &[k::Prior, k::KP_Prior],
        "PageDown" => &[k::Next, k::KP_Next],
        "ArrowLeft" => &[k::Left, k::KP_Left],
        "ArrowRight" => &[k::Right, k::KP_Right],
        "ArrowUp" => &[k::Up, k::KP_Up],
        "ArrowDown" => &[k::Down, k::KP_Down],
        "Clear" => &[k::Clear, k::KP_Begin],
        "ContextMenu" => &[k::Menu],
        "PrintScreen" => &[k::Print],
        "ScrollLock" => &[k::Scroll_Lock],
        "Help" => &[k::Help],
        "Undo" => &[k::Undo],
        "Redo" => &[k::Redo],
        "Cut" => &[k::XF86_Cut],
        "Copy" => &[k::XF86_Copy],
        "Paste" => &[k::XF86_Paste],
        "Find" => &[k::Find],
        "Select" => &[k::Select],
        "Execute" => &[k::Execute],
        _ => return None,
    })
}

fn modifier(name: &str) -> Option<&'static [u32]> {
    Some(match name {
        "Shift" => &[k::Shift_L, k::Shift_R],
        "Control" => &[k::Control_L, k::Control_R],
        "Alt" => &[k::Alt_L, k::Alt_R, k::Meta_L, k::Meta_R],
        "Meta" | "Super" | "OS" => &[k::Super_L, k::Super_R],
        "Hyper" => &[k::Hyper_L, k::Hyper_R],
        "AltGraph" => &[k::ISO_Level3_Shift, k::Mode_switch],
        "CapsLock" => &[k::Caps_Lock],
        "NumLock" => &[k::Num_Lock],
        _ => return None,
    })
}

fn function(name: &str) -> Option<&'static [u32]> {
    const F: [u32; 35] = {
        let mut all = [0; 35];
        let mut i = 0;
        while i < all.len() {
            all[i] = k::F1 + i as u32;
            i += 1;
        }
        all
    };
    let number: usize = name.strip_prefix('F')?.parse().ok()?;
    F.get(number.checked_sub(1)?).map(std::slice::from_ref)
}

fn input_method(name: &str) -> Option<&'static [u32]> {
    Some(match name {
        "Convert" => &[k::Henkan_Mode],
        "NonConvert" => &[k::Muhenkan],
        "KanaMode" => &[k::Hiragana_Katakana],
        "Hiragana" => &[k::Hiragana],
        "Katakana" => &[k::Katakana],
        "HiraganaKatakana" => &[k::Hiragana_Katakana],
        "ZenkakuHankaku" => &[k::Zenkaku_Hankaku],
        "Romaji" => &[k::Romaji],
        "Eisu" => &[k::Eisu_toggle],
        "HangulMode" => &[k::Hangul],
        "HanjaMode" => &[k::Hangul_Hanja],
        _ => return None,
    })
}

fn media(name: &str) -> Option<&'static [u32]> {
    Some(match name {
        "AudioVolumeUp" => &[k::XF86_AudioRaiseVolume],
        "AudioVolumeDown" => &[k::XF86_AudioLowerVolume],
        "AudioVolumeMute" => &[k::XF86_AudioMute],
        "MicrophoneVolumeMute" => &[k::XF86_AudioMicMute],
        "MediaPlayPause" | "MediaPlay" => &[k::XF86_AudioPlay, k::XF86_AudioPause],
        "MediaPause" => &[k::XF86_AudioPause],
        "MediaStop" => &[k::XF86_AudioStop],
        "MediaTrackNext" => &[k::XF86_AudioNext],
        "MediaTrackPrevious" => &[k::XF86_AudioPrev],
        "MediaRewind" => &[k::XF86_AudioRewind],
        "MediaFastForward" => &[k::XF86_AudioForward],
        "MediaRecord" => &[k::XF86_AudioRecord],
        "Eject" => &[k::XF86_Eject],
        "BrightnessUp" => &[k::XF86_MonBrightnessUp],
        "BrightnessDown" => &[k::XF86_MonBrightnessDown],
        "BrowserBack" => &[k::XF86_Back],
        "BrowserForward" => &[k::XF86_Forward],
        "BrowserRefresh" => &[k::XF86_Refresh, k::XF86_Reload],
        "BrowserStop" => &[k::XF86_Stop],
        "BrowserSearch" => &[k::XF86_Search],
        "BrowserFavorites" => &[k::XF86_Favorites],
        "BrowserHome" => &[k::XF86_HomePage],
        "LaunchMail" => &[k::XF86_Mail],
        "LaunchMediaPlayer" => &[k::XF86_AudioMedia],
        "LaunchApplication1" => &[k::XF86_MyComputer],
        "LaunchApplication2" => &[k::XF86_Calculator],
        "ZoomIn" => &[k::XF86_ZoomIn],
        "ZoomOut" => &[k::XF86_ZoomOut],
        "Power" => &[k::XF86_PowerOff],
        "Standby" | "Sleep" => &[k::XF86_Sleep],
        "WakeUp" => &[k::XF86_WakeUp],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_keys_are_counted() {
        assert_eq!(keysyms("F1"), &[k::F1]);
        assert_eq!(keysyms("F35"), &[k::F35]);
        assert!(keysyms("F0").is_empty() && keysyms("F36").is_empty() && keysyms("F").is_empty() && keysyms("é").is_empty());
    }

    #[test]
    fn enter_is_the_main_one_first() {
        assert_eq!(keysyms("Enter")[0], k::Return);
    }
}
