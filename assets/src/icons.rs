//! Phosphor icons (regular weight, MIT) that this product uses, as one-character strings.
//!
//! Made by `assets/fonts/subset.py` from `assets/fonts/icons.txt`. Paint them with
//! [`theme::icon`](crate::theme::icon) or hand them to a widget's `.icon(…)`; they are also in every
//! text family, so they may stand inside a sentence.

/// Phosphor `activity`.
pub const ACTIVITY: &str = "\u{e000}";
/// Phosphor `arrow-bend-up-left`.
pub const ARROW_BEND_UP_LEFT: &str = "\u{e024}";
/// Phosphor `arrow-clockwise`.
pub const ARROW_CLOCKWISE: &str = "\u{e036}";
/// Phosphor `arrow-counter-clockwise`.
pub const ARROW_COUNTER_CLOCKWISE: &str = "\u{e038}";
/// Phosphor `arrow-down`.
pub const ARROW_DOWN: &str = "\u{e03e}";
/// Phosphor `arrow-left`.
pub const ARROW_LEFT: &str = "\u{e058}";
/// Phosphor `arrow-right`.
pub const ARROW_RIGHT: &str = "\u{e06c}";
/// Phosphor `arrow-square-out`.
pub const ARROW_SQUARE_OUT: &str = "\u{e5de}";
/// Phosphor `arrow-u-up-left`.
pub const ARROW_U_UP_LEFT: &str = "\u{e08a}";
/// Phosphor `arrow-up`.
pub const ARROW_UP: &str = "\u{e08e}";
/// Phosphor `arrows-clockwise`.
pub const ARROWS_CLOCKWISE: &str = "\u{e094}";
/// Phosphor `arrows-in`.
pub const ARROWS_IN: &str = "\u{e09a}";
/// Phosphor `arrows-in-simple`.
pub const ARROWS_IN_SIMPLE: &str = "\u{e09e}";
/// Phosphor `arrows-left-right`.
pub const ARROWS_LEFT_RIGHT: &str = "\u{e0a0}";
/// Phosphor `arrows-out`.
pub const ARROWS_OUT: &str = "\u{e0a2}";
/// Phosphor `arrows-out-simple`.
pub const ARROWS_OUT_SIMPLE: &str = "\u{e0a6}";
/// Phosphor `arrows-split`.
pub const ARROWS_SPLIT: &str = "\u{ed3c}";
/// Phosphor `bell`.
pub const BELL: &str = "\u{e0ce}";
/// Phosphor `bell-ringing`.
pub const BELL_RINGING: &str = "\u{e5e8}";
/// Phosphor `bell-slash`.
pub const BELL_SLASH: &str = "\u{e0d4}";
/// Phosphor `book-open`.
pub const BOOK_OPEN: &str = "\u{e0e6}";
/// Phosphor `buildings`.
pub const BUILDINGS: &str = "\u{e102}";
/// Phosphor `camera`.
pub const CAMERA: &str = "\u{e10e}";
/// Phosphor `caret-down`.
pub const CARET_DOWN: &str = "\u{e136}";
/// Phosphor `caret-left`.
pub const CARET_LEFT: &str = "\u{e138}";
/// Phosphor `caret-right`.
pub const CARET_RIGHT: &str = "\u{e13a}";
/// Phosphor `caret-up`.
pub const CARET_UP: &str = "\u{e13c}";
/// Phosphor `cell-signal-full`.
pub const CELL_SIGNAL_FULL: &str = "\u{e142}";
/// Phosphor `cell-signal-none`.
pub const CELL_SIGNAL_NONE: &str = "\u{e14a}";
/// Phosphor `chart-line`.
pub const CHART_LINE: &str = "\u{e154}";
/// Phosphor `chart-line-up`.
pub const CHART_LINE_UP: &str = "\u{e156}";
/// Phosphor `chat-circle`.
pub const CHAT_CIRCLE: &str = "\u{e168}";
/// Phosphor `chat-circle-dots`.
pub const CHAT_CIRCLE_DOTS: &str = "\u{e16c}";
/// Phosphor `chat-circle-text`.
pub const CHAT_CIRCLE_TEXT: &str = "\u{e16e}";
/// Phosphor `chat-teardrop-text`.
pub const CHAT_TEARDROP_TEXT: &str = "\u{e178}";
/// Phosphor `check`.
pub const CHECK: &str = "\u{e182}";
/// Phosphor `check-circle`.
pub const CHECK_CIRCLE: &str = "\u{e184}";
/// Phosphor `check-square`.
pub const CHECK_SQUARE: &str = "\u{e186}";
/// Phosphor `circle`.
pub const CIRCLE: &str = "\u{e18a}";
/// Phosphor `circle-dashed`.
pub const CIRCLE_DASHED: &str = "\u{e602}";
/// Phosphor `circle-half`.
pub const CIRCLE_HALF: &str = "\u{e18c}";
/// Phosphor `circle-notch`.
pub const CIRCLE_NOTCH: &str = "\u{eb44}";
/// Phosphor `clipboard`.
pub const CLIPBOARD: &str = "\u{e196}";
/// Phosphor `clipboard-text`.
pub const CLIPBOARD_TEXT: &str = "\u{e198}";
/// Phosphor `clock`.
pub const CLOCK: &str = "\u{e19a}";
/// Phosphor `clock-countdown`.
pub const CLOCK_COUNTDOWN: &str = "\u{ed2c}";
/// Phosphor `clock-counter-clockwise`.
pub const CLOCK_COUNTER_CLOCKWISE: &str = "\u{e1a0}";
/// Phosphor `cloud-slash`.
pub const CLOUD_SLASH: &str = "\u{e1b6}";
/// Phosphor `code`.
pub const CODE: &str = "\u{e1bc}";
/// Phosphor `columns`.
pub const COLUMNS: &str = "\u{e546}";
/// Phosphor `command`.
pub const COMMAND: &str = "\u{e1c4}";
/// Phosphor `copy`.
pub const COPY: &str = "\u{e1ca}";
/// Phosphor `crosshair`.
pub const CROSSHAIR: &str = "\u{e1d6}";
/// Phosphor `cursor`.
pub const CURSOR: &str = "\u{e1dc}";
/// Phosphor `cursor-click`.
pub const CURSOR_CLICK: &str = "\u{e7c8}";
/// Phosphor `desktop`.
pub const DESKTOP: &str = "\u{e560}";
/// Phosphor `desktop-tower`.
pub const DESKTOP_TOWER: &str = "\u{e562}";
/// Phosphor `device-mobile`.
pub const DEVICE_MOBILE: &str = "\u{e1e0}";
/// Phosphor `door-open`.
pub const DOOR_OPEN: &str = "\u{e7e6}";
/// Phosphor `dot`.
pub const DOT: &str = "\u{ecde}";
/// Phosphor `dot-outline`.
pub const DOT_OUTLINE: &str = "\u{ece0}";
/// Phosphor `dots-three`.
pub const DOTS_THREE: &str = "\u{e1fe}";
/// Phosphor `dots-three-vertical`.
pub const DOTS_THREE_VERTICAL: &str = "\u{e208}";
/// Phosphor `download`.
pub const DOWNLOAD: &str = "\u{e20a}";
/// Phosphor `download-simple`.
pub const DOWNLOAD_SIMPLE: &str = "\u{e20c}";
/// Phosphor `envelope`.
pub const ENVELOPE: &str = "\u{e214}";
/// Phosphor `envelope-simple`.
pub const ENVELOPE_SIMPLE: &str = "\u{e218}";
/// Phosphor `eye`.
pub const EYE: &str = "\u{e220}";
/// Phosphor `eye-slash`.
pub const EYE_SLASH: &str = "\u{e224}";
/// Phosphor `file`.
pub const FILE: &str = "\u{e230}";
/// Phosphor `file-text`.
pub const FILE_TEXT: &str = "\u{e23a}";
/// Phosphor `fingerprint`.
pub const FINGERPRINT: &str = "\u{e23e}";
/// Phosphor `flag`.
pub const FLAG: &str = "\u{e244}";
/// Phosphor `floppy-disk`.
pub const FLOPPY_DISK: &str = "\u{e248}";
/// Phosphor `floppy-disk-back`.
pub const FLOPPY_DISK_BACK: &str = "\u{eaf4}";
/// Phosphor `folder`.
pub const FOLDER: &str = "\u{e24a}";
/// Phosphor `folder-open`.
pub const FOLDER_OPEN: &str = "\u{e256}";
/// Phosphor `frame-corners`.
pub const FRAME_CORNERS: &str = "\u{e626}";
/// Phosphor `funnel`.
pub const FUNNEL: &str = "\u{e266}";
/// Phosphor `gauge`.
pub const GAUGE: &str = "\u{e628}";
/// Phosphor `gear`.
pub const GEAR: &str = "\u{e270}";
/// Phosphor `gear-six`.
pub const GEAR_SIX: &str = "\u{e272}";
/// Phosphor `globe`.
pub const GLOBE: &str = "\u{e288}";
/// Phosphor `globe-simple`.
pub const GLOBE_SIMPLE: &str = "\u{e28e}";
/// Phosphor `hand`.
pub const HAND: &str = "\u{e298}";
/// Phosphor `hand-grabbing`.
pub const HAND_GRABBING: &str = "\u{e57c}";
/// Phosphor `hand-palm`.
pub const HAND_PALM: &str = "\u{e57e}";
/// Phosphor `hand-pointing`.
pub const HAND_POINTING: &str = "\u{e29a}";
/// Phosphor `handshake`.
pub const HANDSHAKE: &str = "\u{e582}";
/// Phosphor `headset`.
pub const HEADSET: &str = "\u{e584}";
/// Phosphor `hourglass`.
pub const HOURGLASS: &str = "\u{e2b2}";
/// Phosphor `hourglass-medium`.
pub const HOURGLASS_MEDIUM: &str = "\u{e2b8}";
/// Phosphor `house`.
pub const HOUSE: &str = "\u{e2c2}";
/// Phosphor `identification-card`.
pub const IDENTIFICATION_CARD: &str = "\u{e2c8}";
/// Phosphor `image`.
pub const IMAGE: &str = "\u{e2ca}";
/// Phosphor `info`.
pub const INFO: &str = "\u{e2ce}";
/// Phosphor `key`.
pub const KEY: &str = "\u{e2d6}";
/// Phosphor `keyboard`.
pub const KEYBOARD: &str = "\u{e2d8}";
/// Phosphor `laptop`.
pub const LAPTOP: &str = "\u{e586}";
/// Phosphor `lifebuoy`.
pub const LIFEBUOY: &str = "\u{e63a}";
/// Phosphor `link`.
pub const LINK: &str = "\u{e2e2}";
/// Phosphor `link-break`.
pub const LINK_BREAK: &str = "\u{e2e4}";
/// Phosphor `link-simple`.
pub const LINK_SIMPLE: &str = "\u{e2e6}";
/// Phosphor `list`.
pub const LIST: &str = "\u{e2f0}";
/// Phosphor `list-bullets`.
pub const LIST_BULLETS: &str = "\u{e2f2}";
/// Phosphor `lock`.
pub const LOCK: &str = "\u{e2fa}";
/// Phosphor `lock-open`.
pub const LOCK_OPEN: &str = "\u{e306}";
/// Phosphor `lock-simple`.
pub const LOCK_SIMPLE: &str = "\u{e308}";
/// Phosphor `lock-simple-open`.
pub const LOCK_SIMPLE_OPEN: &str = "\u{e30a}";
/// Phosphor `magnifying-glass`.
pub const MAGNIFYING_GLASS: &str = "\u{e30c}";
/// Phosphor `magnifying-glass-minus`.
pub const MAGNIFYING_GLASS_MINUS: &str = "\u{e30e}";
/// Phosphor `magnifying-glass-plus`.
pub const MAGNIFYING_GLASS_PLUS: &str = "\u{e310}";
/// Phosphor `microphone`.
pub const MICROPHONE: &str = "\u{e326}";
/// Phosphor `microphone-slash`.
pub const MICROPHONE_SLASH: &str = "\u{e328}";
/// Phosphor `minus`.
pub const MINUS: &str = "\u{e32a}";
/// Phosphor `minus-circle`.
pub const MINUS_CIRCLE: &str = "\u{e32c}";
/// Phosphor `monitor`.
pub const MONITOR: &str = "\u{e32e}";
/// Phosphor `monitor-play`.
pub const MONITOR_PLAY: &str = "\u{e58c}";
/// Phosphor `moon`.
pub const MOON: &str = "\u{e330}";
/// Phosphor `mouse`.
pub const MOUSE: &str = "\u{e33a}";
/// Phosphor `note`.
pub const NOTE: &str = "\u{e348}";
/// Phosphor `note-pencil`.
pub const NOTE_PENCIL: &str = "\u{e34c}";
/// Phosphor `notebook`.
pub const NOTEBOOK: &str = "\u{e34e}";
/// Phosphor `paper-plane`.
pub const PAPER_PLANE: &str = "\u{e394}";
/// Phosphor `paper-plane-right`.
pub const PAPER_PLANE_RIGHT: &str = "\u{e396}";
/// Phosphor `paper-plane-tilt`.
pub const PAPER_PLANE_TILT: &str = "\u{e398}";
/// Phosphor `paperclip`.
pub const PAPERCLIP: &str = "\u{e39a}";
/// Phosphor `pause`.
pub const PAUSE: &str = "\u{e39e}";
/// Phosphor `pause-circle`.
pub const PAUSE_CIRCLE: &str = "\u{e3a0}";
/// Phosphor `pen-nib`.
pub const PEN_NIB: &str = "\u{e3ac}";
/// Phosphor `pencil`.
pub const PENCIL: &str = "\u{e3ae}";
/// Phosphor `pencil-simple`.
pub const PENCIL_SIMPLE: &str = "\u{e3b4}";
/// Phosphor `phone`.
pub const PHONE: &str = "\u{e3b8}";
/// Phosphor `play`.
pub const PLAY: &str = "\u{e3d0}";
/// Phosphor `play-circle`.
pub const PLAY_CIRCLE: &str = "\u{e3d2}";
/// Phosphor `plug`.
pub const PLUG: &str = "\u{e946}";
/// Phosphor `plugs`.
pub const PLUGS: &str = "\u{eb56}";
/// Phosphor `plugs-connected`.
pub const PLUGS_CONNECTED: &str = "\u{eb5a}";
/// Phosphor `plus`.
pub const PLUS: &str = "\u{e3d4}";
/// Phosphor `plus-circle`.
pub const PLUS_CIRCLE: &str = "\u{e3d6}";
/// Phosphor `power`.
pub const POWER: &str = "\u{e3da}";
/// Phosphor `prohibit`.
pub const PROHIBIT: &str = "\u{e3de}";
/// Phosphor `prohibit-inset`.
pub const PROHIBIT_INSET: &str = "\u{e3e0}";
/// Phosphor `pulse`.
pub const PULSE: &str = "\u{e000}";
/// Phosphor `push-pin`.
pub const PUSH_PIN: &str = "\u{e3e2}";
/// Phosphor `qr-code`.
pub const QR_CODE: &str = "\u{e3e6}";
/// Phosphor `question`.
pub const QUESTION: &str = "\u{e3e8}";
/// Phosphor `receipt`.
pub const RECEIPT: &str = "\u{e3ec}";
/// Phosphor `record`.
pub const RECORD: &str = "\u{e3ee}";
/// Phosphor `resize`.
pub const RESIZE: &str = "\u{ed6e}";
/// Phosphor `rows`.
pub const ROWS: &str = "\u{e5a2}";
/// Phosphor `scissors`.
pub const SCISSORS: &str = "\u{eae0}";
/// Phosphor `scroll`.
pub const SCROLL: &str = "\u{eb7a}";
/// Phosphor `seal-check`.
pub const SEAL_CHECK: &str = "\u{e606}";
/// Phosphor `selection`.
pub const SELECTION: &str = "\u{e69a}";
/// Phosphor `selection-all`.
pub const SELECTION_ALL: &str = "\u{e746}";
/// Phosphor `share`.
pub const SHARE: &str = "\u{e406}";
/// Phosphor `share-network`.
pub const SHARE_NETWORK: &str = "\u{e408}";
/// Phosphor `shield`.
pub const SHIELD: &str = "\u{e40a}";
/// Phosphor `shield-check`.
pub const SHIELD_CHECK: &str = "\u{e40c}";
/// Phosphor `shield-warning`.
pub const SHIELD_WARNING: &str = "\u{e412}";
/// Phosphor `sidebar`.
pub const SIDEBAR: &str = "\u{eab6}";
/// Phosphor `sidebar-simple`.
pub const SIDEBAR_SIMPLE: &str = "\u{ec24}";
/// Phosphor `sign-in`.
pub const SIGN_IN: &str = "\u{e428}";
/// Phosphor `sign-out`.
pub const SIGN_OUT: &str = "\u{e42a}";
/// Phosphor `sort-ascending`.
pub const SORT_ASCENDING: &str = "\u{e444}";
/// Phosphor `sort-descending`.
pub const SORT_DESCENDING: &str = "\u{e446}";
/// Phosphor `speaker-high`.
pub const SPEAKER_HIGH: &str = "\u{e44a}";
/// Phosphor `speaker-slash`.
pub const SPEAKER_SLASH: &str = "\u{e45a}";
/// Phosphor `spinner-gap`.
pub const SPINNER_GAP: &str = "\u{e66c}";
/// Phosphor `squares-four`.
pub const SQUARES_FOUR: &str = "\u{e464}";
/// Phosphor `star`.
pub const STAR: &str = "\u{e46a}";
/// Phosphor `stop`.
pub const STOP: &str = "\u{e46c}";
/// Phosphor `stop-circle`.
pub const STOP_CIRCLE: &str = "\u{e46e}";
/// Phosphor `sun`.
pub const SUN: &str = "\u{e472}";
/// Phosphor `swap`.
pub const SWAP: &str = "\u{e83c}";
/// Phosphor `terminal`.
pub const TERMINAL: &str = "\u{e47e}";
/// Phosphor `terminal-window`.
pub const TERMINAL_WINDOW: &str = "\u{eae8}";
/// Phosphor `text-aa`.
pub const TEXT_AA: &str = "\u{e6ee}";
/// Phosphor `timer`.
pub const TIMER: &str = "\u{e492}";
/// Phosphor `toggle-left`.
pub const TOGGLE_LEFT: &str = "\u{e674}";
/// Phosphor `toggle-right`.
pub const TOGGLE_RIGHT: &str = "\u{e676}";
/// Phosphor `translate`.
pub const TRANSLATE: &str = "\u{e4a2}";
/// Phosphor `trash`.
pub const TRASH: &str = "\u{e4a6}";
/// Phosphor `tray`.
pub const TRAY: &str = "\u{e4aa}";
/// Phosphor `upload-simple`.
pub const UPLOAD_SIMPLE: &str = "\u{e4c0}";
/// Phosphor `user`.
pub const USER: &str = "\u{e4c2}";
/// Phosphor `user-circle`.
pub const USER_CIRCLE: &str = "\u{e4c4}";
/// Phosphor `user-plus`.
pub const USER_PLUS: &str = "\u{e4d0}";
/// Phosphor `users`.
pub const USERS: &str = "\u{e4d6}";
/// Phosphor `video-camera`.
pub const VIDEO_CAMERA: &str = "\u{e4da}";
/// Phosphor `warning`.
pub const WARNING: &str = "\u{e4e0}";
/// Phosphor `warning-circle`.
pub const WARNING_CIRCLE: &str = "\u{e4e2}";
/// Phosphor `warning-octagon`.
pub const WARNING_OCTAGON: &str = "\u{e4e4}";
/// Phosphor `wifi-high`.
pub const WIFI_HIGH: &str = "\u{e4ea}";
/// Phosphor `wifi-slash`.
pub const WIFI_SLASH: &str = "\u{e4f2}";
/// Phosphor `wrench`.
pub const WRENCH: &str = "\u{e5d4}";
/// Phosphor `x`.
pub const X: &str = "\u{e4f6}";
/// Phosphor `x-circle`.
pub const X_CIRCLE: &str = "\u{e4f8}";

/// Every icon with its name, for tests and galleries.
pub const ALL: [(&str, &str); 199] = [
    ("ACTIVITY", ACTIVITY),
    ("ARROW_BEND_UP_LEFT", ARROW_BEND_UP_LEFT),
    ("ARROW_CLOCKWISE", ARROW_CLOCKWISE),
    ("ARROW_COUNTER_CLOCKWISE", ARROW_COUNTER_CLOCKWISE),
    ("ARROW_DOWN", ARROW_DOWN),
    ("ARROW_LEFT", ARROW_LEFT),
    ("ARROW_RIGHT", ARROW_RIGHT),
    ("ARROW_SQUARE_OUT", ARROW_SQUARE_OUT),
    ("ARROW_U_UP_LEFT", ARROW_U_UP_LEFT),
    ("ARROW_UP", ARROW_UP),
    ("ARROWS_CLOCKWISE", ARROWS_CLOCKWISE),
    ("ARROWS_IN", ARROWS_IN),
    ("ARROWS_IN_SIMPLE", ARROWS_IN_SIMPLE),
    ("ARROWS_LEFT_RIGHT", ARROWS_LEFT_RIGHT),
    ("ARROWS_OUT", ARROWS_OUT),
    ("ARROWS_OUT_SIMPLE", ARROWS_OUT_SIMPLE),
    ("ARROWS_SPLIT", ARROWS_SPLIT),
    ("BELL", BELL),
    ("BELL_RINGING", BELL_RINGING),
    ("BELL_SLASH", BELL_SLASH),
    ("BOOK_OPEN", BOOK_OPEN),
    ("BUILDINGS", BUILDINGS),
    ("CAMERA", CAMERA),
    ("CARET_DOWN", CARET_DOWN),
    ("CARET_LEFT", CARET_LEFT),
    ("CARET_RIGHT", CARET_RIGHT),
    ("CARET_UP", CARET_UP),
    ("CELL_SIGNAL_FULL", CELL_SIGNAL_FULL),
    ("CELL_SIGNAL_NONE", CELL_SIGNAL_NONE),
    ("CHART_LINE", CHART_LINE),
    ("CHART_LINE_UP", CHART_LINE_UP),
    ("CHAT_CIRCLE", CHAT_CIRCLE),
    ("CHAT_CIRCLE_DOTS", CHAT_CIRCLE_DOTS),
    ("CHAT_CIRCLE_TEXT", CHAT_CIRCLE_TEXT),
    ("CHAT_TEARDROP_TEXT", CHAT_TEARDROP_TEXT),
    ("CHECK", CHECK),
    ("CHECK_CIRCLE", CHECK_CIRCLE),
    ("CHECK_SQUARE", CHECK_SQUARE),
    ("CIRCLE", CIRCLE),
    ("CIRCLE_DASHED", CIRCLE_DASHED),
    ("CIRCLE_HALF", CIRCLE_HALF),
    ("CIRCLE_NOTCH", CIRCLE_NOTCH),
    ("CLIPBOARD", CLIPBOARD),
    ("CLIPBOARD_TEXT", CLIPBOARD_TEXT),
    ("CLOCK", CLOCK),
    ("CLOCK_COUNTDOWN", CLOCK_COUNTDOWN),
    ("CLOCK_COUNTER_CLOCKWISE", CLOCK_COUNTER_CLOCKWISE),
    ("CLOUD_SLASH", CLOUD_SLASH),
    ("CODE", CODE),
    ("COLUMNS", COLUMNS),
    ("COMMAND", COMMAND),
    ("COPY", COPY),
    ("CROSSHAIR", CROSSHAIR),
    ("CURSOR", CURSOR),
    ("CURSOR_CLICK", CURSOR_CLICK),
    ("DESKTOP", DESKTOP),
    ("DESKTOP_TOWER", DESKTOP_TOWER),
    ("DEVICE_MOBILE", DEVICE_MOBILE),
    ("DOOR_OPEN", DOOR_OPEN),
    ("DOT", DOT),
    ("DOT_OUTLINE", DOT_OUTLINE),
    ("DOTS_THREE", DOTS_THREE),
    ("DOTS_THREE_VERTICAL", DOTS_THREE_VERTICAL),
    ("DOWNLOAD", DOWNLOAD),
    ("DOWNLOAD_SIMPLE", DOWNLOAD_SIMPLE),
    ("ENVELOPE", ENVELOPE),
    ("ENVELOPE_SIMPLE", ENVELOPE_SIMPLE),
    ("EYE", EYE),
    ("EYE_SLASH", EYE_SLASH),
    ("FILE", FILE),
    ("FILE_TEXT", FILE_TEXT),
    ("FINGERPRINT", FINGERPRINT),
    ("FLAG", FLAG),
    ("FLOPPY_DISK", FLOPPY_DISK),
    ("FLOPPY_DISK_BACK", FLOPPY_DISK_BACK),
    ("FOLDER", FOLDER),
    ("FOLDER_OPEN", FOLDER_OPEN),
    ("FRAME_CORNERS", FRAME_CORNERS),
    ("FUNNEL", FUNNEL),
    ("GAUGE", GAUGE),
    ("GEAR", GEAR),
    ("GEAR_SIX", GEAR_SIX),
    ("GLOBE", GLOBE),
    ("GLOBE_SIMPLE", GLOBE_SIMPLE),
    ("HAND", HAND),
    ("HAND_GRABBING", HAND_GRABBING),
    ("HAND_PALM", HAND_PALM),
    ("HAND_POINTING", HAND_POINTING),
    ("HANDSHAKE", HANDSHAKE),
    ("HEADSET", HEADSET),
    ("HOURGLASS", HOURGLASS),
    ("HOURGLASS_MEDIUM", HOURGLASS_MEDIUM),
    ("HOUSE", HOUSE),
    ("IDENTIFICATION_CARD", IDENTIFICATION_CARD),
    ("IMAGE", IMAGE),
    ("INFO", INFO),
    ("KEY", KEY),
    ("KEYBOARD", KEYBOARD),
    ("LAPTOP", LAPTOP),
    ("LIFEBUOY", LIFEBUOY),
    ("LINK", LINK),
    ("LINK_BREAK", LINK_BREAK),
    ("LINK_SIMPLE", LINK_SIMPLE),
    ("LIST", LIST),
    ("LIST_BULLETS", LIST_BULLETS),
    ("LOCK", LOCK),
    ("LOCK_OPEN", LOCK_OPEN),
    ("LOCK_SIMPLE", LOCK_SIMPLE),
    ("LOCK_SIMPLE_OPEN", LOCK_SIMPLE_OPEN),
    ("MAGNIFYING_GLASS", MAGNIFYING_GLASS),
    ("MAGNIFYING_GLASS_MINUS", MAGNIFYING_GLASS_MINUS),
    ("MAGNIFYING_GLASS_PLUS", MAGNIFYING_GLASS_PLUS),
    ("MICROPHONE", MICROPHONE),
    ("MICROPHONE_SLASH", MICROPHONE_SLASH),
    ("MINUS", MINUS),
    ("MINUS_CIRCLE", MINUS_CIRCLE),
    ("MONITOR", MONITOR),
    ("MONITOR_PLAY", MONITOR_PLAY),
    ("MOON", MOON),
    ("MOUSE", MOUSE),
    ("NOTE", NOTE),
    ("NOTE_PENCIL", NOTE_PENCIL),
    ("NOTEBOOK", NOTEBOOK),
    ("PAPER_PLANE", PAPER_PLANE),
    ("PAPER_PLANE_RIGHT", PAPER_PLANE_RIGHT),
    ("PAPER_PLANE_TILT", PAPER_PLANE_TILT),
    ("PAPERCLIP", PAPERCLIP),
    ("PAUSE", PAUSE),
    ("PAUSE_CIRCLE", PAUSE_CIRCLE),
    ("PEN_NIB", PEN_NIB),
    ("PENCIL", PENCIL),
    ("PENCIL_SIMPLE", PENCIL_SIMPLE),
    ("PHONE", PHONE),
    ("PLAY", PLAY),
    ("PLAY_CIRCLE", PLAY_CIRCLE),
    ("PLUG", PLUG),
    ("PLUGS", PLUGS),
    ("PLUGS_CONNECTED", PLUGS_CONNECTED),
    ("PLUS", PLUS),
    ("PLUS_CIRCLE", PLUS_CIRCLE),
    ("POWER", POWER),
    ("PROHIBIT", PROHIBIT),
    ("PROHIBIT_INSET", PROHIBIT_INSET),
    ("PULSE", PULSE),
    ("PUSH_PIN", PUSH_PIN),
    ("QR_CODE", QR_CODE),
    ("QUESTION", QUESTION),
    ("RECEIPT", RECEIPT),
    ("RECORD", RECORD),
    ("RESIZE", RESIZE),
    ("ROWS", ROWS),
    ("SCISSORS", SCISSORS),
    ("SCROLL", SCROLL),
    ("SEAL_CHECK", SEAL_CHECK),
    ("SELECTION", SELECTION),
    ("SELECTION_ALL", SELECTION_ALL),
    ("SHARE", SHARE),
    ("SHARE_NETWORK", SHARE_NETWORK),
    ("SHIELD", SHIELD),
    ("SHIELD_CHECK", SHIELD_CHECK),
    ("SHIELD_WARNING", SHIELD_WARNING),
    ("SIDEBAR", SIDEBAR),
    ("SIDEBAR_SIMPLE", SIDEBAR_SIMPLE),
    ("SIGN_IN", SIGN_IN),
    ("SIGN_OUT", SIGN_OUT),
    ("SORT_ASCENDING", SORT_ASCENDING),
    ("SORT_DESCENDING", SORT_DESCENDING),
    ("SPEAKER_HIGH", SPEAKER_HIGH),
    ("SPEAKER_SLASH", SPEAKER_SLASH),
    ("SPINNER_GAP", SPINNER_GAP),
    ("SQUARES_FOUR", SQUARES_FOUR),
    ("STAR", STAR),
    ("STOP", STOP),
    ("STOP_CIRCLE", STOP_CIRCLE),
    ("SUN", SUN),
    ("SWAP", SWAP),
    ("TERMINAL", TERMINAL),
    ("TERMINAL_WINDOW", TERMINAL_WINDOW),
    ("TEXT_AA", TEXT_AA),
    ("TIMER", TIMER),
    ("TOGGLE_LEFT", TOGGLE_LEFT),
    ("TOGGLE_RIGHT", TOGGLE_RIGHT),
    ("TRANSLATE", TRANSLATE),
    ("TRASH", TRASH),
    ("TRAY", TRAY),
    ("UPLOAD_SIMPLE", UPLOAD_SIMPLE),
    ("USER", USER),
    ("USER_CIRCLE", USER_CIRCLE),
    ("USER_PLUS", USER_PLUS),
    ("USERS", USERS),
    ("VIDEO_CAMERA", VIDEO_CAMERA),
    ("WARNING", WARNING),
    ("WARNING_CIRCLE", WARNING_CIRCLE),
    ("WARNING_OCTAGON", WARNING_OCTAGON),
    ("WIFI_HIGH", WIFI_HIGH),
    ("WIFI_SLASH", WIFI_SLASH),
    ("WRENCH", WRENCH),
    ("X", X),
    ("X_CIRCLE", X_CIRCLE),
];
