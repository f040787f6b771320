### Words of the console.

app-name = Farhand

## Sign-in

sign-in-subtitle = Technician console
sign-in-gateway = Gateway address
sign-in-trust = Trust value
sign-in-trust-help = The value your gateway printed when it was set up. It proves that this is your gateway and no other
sign-in-trust-malformed = This is not a trust value. Copy all of what the gateway printed: 52 letters and digits
sign-in-email = E-mail
sign-in-password = Password
sign-in-password-show = Show password
sign-in-password-hide = Hide password
sign-in-stay = Stay signed in
sign-in-own-certificate = The gateway has its own certificate
sign-in-button = Sign in
sign-in-waiting = Waiting for { $gateway } to check your sign-in
sign-in-waiting-remembered = Signing in with the kept sign-in
sign-in-signed-out = You are signed out
sign-in-signed-out-here = You are signed out here, but the gateway did not hear that it was meant everywhere. { $why }
sign-in-try-again = Try again
sign-in-token-alone = FARHAND_TOKEN is set, but nothing says for which gateway. Set FARHAND_GATEWAY too
sign-in-kept-elsewhere = The system's key ring cannot be used. The sign-in is kept in a file that only you can read: { $place }

## Header and banners

header-theme-light = Light theme
header-theme-dark = Dark theme
account-password = Change password…
account-sign-out = Sign out
account-sign-out-everywhere = Sign out everywhere
banner-retry = Next try in { $time }
banner-trying = Trying again now

## Toolbar

toolbar-new-session = New session…
toolbar-start = Start
toolbar-hold = Hold
toolbar-resume = Resume
toolbar-close = Close session…
toolbar-session = for { $name }

## Why something cannot be done

refusal-nothing-selected = Choose a session in the list first
refusal-code-only = The customer has not used the code yet
refusal-connecting = The customer is still starting the applet
refusal-already-active = The session is active already
refusal-not-active = The session is not active
refusal-not-on-hold = The session is not on hold
refusal-away = The customer's computer cannot be reached now
refusal-over = The session is over
refusal-not-lead = Another technician leads this session
refusal-permission = Your group does not have the permission “{ $permission }”
refusal-too-many-tabs = Ten sessions are open. Close a tab first
refusal-maximum = You have as many active sessions as allowed
refusal-no-gateway = The gateway cannot be reached

## Session list

list-kind = Which sessions
list-mine = Mine { $count }
list-queue = Queue { $count }
list-filter = Filter sessions
list-width = Width of the session list
list-fold = Fold the session list away
list-unfold = Show the session list
list-column-name = Name
list-column-status = Status
list-column-time = Time
list-column-technician = Technician
list-column-platform = Platform
list-column-device = Device
list-code = PIN
list-code-left = { $time } left
list-code-expired = PIN expired
list-nameless = No name
list-loading = Fetching sessions
list-loading-text = The gateway is being asked for the list
list-no-match = No session matches
list-no-match-text = Clear the filter to see all sessions
list-empty-mine = No sessions
list-empty-mine-text = Make a new session and give the customer its PIN
list-empty-queue = Nobody is waiting
list-empty-queue-text = Customers who wait for any technician appear here

## Work area

dialog-close = Close dialog
work-empty = No session is open
work-empty-text = Open a session of the list with a double click, or make a new one
session-desktop = Desktop
session-chat-width = Width of the chat
session-chat-height = Height of the chat
session-close-tab = Close tab
session-close-tab-of = Close tab of { $name }
session-ended-text = Access to the customer's computer has ended
session-link-ended = The connection has ended
session-connect-again = Connect again

## Chat

chat-title = Chat
chat-place = Where the chat is
chat-place-leading = Before the desktop
chat-place-trailing = After the desktop
chat-place-below = Below the desktop
chat-place-window = In a window of its own
chat-empty = Nothing has been said yet
chat-reply = Reply
chat-hint = Write to { $name }
chat-send = Send
chat-customer = Customer
chat-system = Farhand
chat-closed-over = The conversation is over
chat-closed-state = Chat is open while the session is waiting or active
chat-closed-link = Chat opens as soon as the connection stands
capability-list-more = { $names } and { $count } more
event-status = The session is now: { $status }
event-consent-asked = { $who } asked for: { $what }
event-consent-allowed = { $who } allowed: { $what }
event-consent-in-advance = Allowed in advance on the customer's computer: { $what }
event-consent-refused = { $who } did not allow: { $what }
event-consent-timed-out = { $who } did not answer in time: { $what }
event-consent-withdrawn = A question is no longer open: { $what }
event-consent-revoked = { $who } took back all access
event-view-started = { $who } sees the screen
event-view-ended = { $who } does not see the screen any more
event-control-started = { $who } controls mouse and keyboard
event-control-ended = { $who } does not control mouse and keyboard any more
event-link-up = { $who } is connected
event-link-down = { $who } is not connected any more

## Create session

new-session-title = Create session
new-session-name = Customer name
new-session-name-help = Shown in the list and in the tab; may stay empty
new-session-auto-start = Start automatically when the customer arrives
new-session-create = Create
new-session-creating = The gateway makes a code
new-session-way = How the customer gets the code
new-session-pin = PIN
new-session-link = Link
new-session-email = E-mail
new-session-address = They can also type it at { $address }
new-session-left = Works for another { $time }
new-session-joined = The customer has joined
new-session-expired = The code has expired. Make a new session
new-session-elsewhere = This PIN was shown where the session was made. Close the session and make a new one
new-session-copy-pin = Copy PIN
new-session-pin-copied = PIN copied
new-session-copy-link = Copy link
new-session-link-copied = Link copied
new-session-qr = QR code of the link
new-session-mail-subject = Subject
new-session-mail-text = Message
new-session-mail-sender = Who sends the message
new-session-mail-program = Send through my default mail client on this computer
new-session-mail-gateway = Send for me through the gateway
new-session-mail-to = To
new-session-mail-to-help = One e-mail address
new-session-mail-to-wrong = This is not one e-mail address, such as name@company.example
new-session-mail-send = E-mail link
new-session-mail-sending = The gateway sends the message
new-session-mail-sent = Sent to { $address }
new-session-mail-copy = Copy message
new-session-mail-copied = Message copied
new-session-mail-failed = No mail program opened. Copy the message and send it yourself

## Desktop

desktop-picture = Desktop of { $name }
desktop-view = View
desktop-control = Control
desktop-zoom = Size of the picture
desktop-fit = Fit
desktop-fit-help = All of it, and sharp: it grows by whole multiples
desktop-stretch = Stretch
desktop-stretch-help = All of it, as large as the space allows
desktop-actual = 1:1
desktop-actual-help = One pixel there is one pixel here
desktop-percent = { $value } %
desktop-zoom-in = Larger picture
desktop-zoom-out = Smaller picture
desktop-full-screen = Full screen
desktop-send-keys = Send keys
desktop-monitors = Monitors
desktop-monitors-all = All monitors
desktop-monitor = { $name } · { $size } · { $scale }
desktop-quality = Quality
desktop-quality-named = Quality: { $name }
desktop-quality-automatic = Automatic
desktop-quality-automatic-help = As good as the connection allows
desktop-quality-low = Low bandwidth
desktop-quality-low-help = For a connection that others need too: at most 1 Mbit/s and 15 pictures per second
desktop-quality-very-low = Very low bandwidth
desktop-quality-very-low-help = For a weak connection: at most 128 kbit/s and 5 pictures per second. Large changes are coarse first, then exact, beginning at the pointer
desktop-quality-modem = Modem
desktop-quality-modem-help = For the weakest connections: at most 28 kbit/s and 2 pictures per second. Large changes are coarse first, then exact, beginning at the pointer
desktop-keyboard = Keyboard
desktop-keyboard-here = Layout here
desktop-keyboard-there = Layout there
desktop-refresh = Refresh the picture
desktop-more = More tools
desktop-not-viewing = View the screen first
desktop-not-controlling = Take control first
desktop-no-link = The connection to the customer does not stand yet
desktop-asking-short = The customer is being asked
desktop-asking = Waiting for { $name } to allow: { $what }
desktop-asking-unnamed = Waiting for { $name } to answer
desktop-refused = { $name } did not allow: { $what }
desktop-refused-unnamed = { $name } did not allow what was asked
desktop-timed-out = { $name } did not answer in time: { $what }
desktop-timed-out-unnamed = { $name } did not answer in time
desktop-wait = Again in { $time }
desktop-ask-again = Ask again
desktop-ask-again-in = Ask again in { $time }
desktop-stopped = { $name } stopped all access. The session is still open
desktop-stalled = Nothing is heard from the customer's computer
desktop-stalled-text = Last heard at { $time }; the connection is kept, and the picture goes on when it answers
kiosk-waiting = The session opens as soon as the customer has come
desktop-ended = The connection has ended
desktop-on-hold = The session is on hold
desktop-on-hold-text = Resume it to see the screen again
desktop-opening = Opening the session
desktop-opening-text = Waiting for the gateway to issue a ticket
desktop-connecting = Connecting to the customer's computer
desktop-connecting-text = This usually takes a few seconds
console-link-ticket = Waiting for the gateway to issue a ticket
console-link-dialling = Waiting for the customer's computer to answer
console-link-welcome = Waiting for the customer's computer to check the ticket
desktop-locked = The customer's screen is locked
desktop-locked-text = The picture comes back when the customer unlocks it
desktop-unavailable = The screen cannot be shown
desktop-waiting-picture = Waiting for the picture
desktop-waiting-picture-text = The customer's computer sends the first picture
desktop-not-seen = You do not see this screen
desktop-not-seen-text = Choose View or Control. The customer is asked unless they have allowed it already
full-screen-leave = Leave full screen
full-screen-keys-all = Every key goes to the customer, also Alt+Tab and Super. { $keys } brings the keyboard back
full-screen-keys-most = Keys go to the customer, but those your own desktop keeps, such as Alt+Tab. { $keys } brings the keyboard back
full-screen-keys-none = The keyboard is here. Click into the picture to use it there

## Keys to send

keys-ctrl-alt-delete = Ctrl+Alt+Del
keys-ctrl-shift-escape = Ctrl+Shift+Esc
keys-alt-tab = Alt+Tab
keys-alt-f4 = Alt+F4
keys-super = Super
keys-super-l = Super+L
keys-print-screen = Print Screen
keys-f1 = F1
keys-f11 = F11
keys-ctrl-alt-f1 = Ctrl+Alt+F1

## Status strip

strip-path = Path
strip-direct = Direct
strip-relayed = Relayed
strip-unknown = Connected
strip-silent = Nothing heard
strip-no-link = Not connected
strip-round-trip = To the customer's computer and back
strip-round-trip-value = Round trip { $value } ms
strip-latency-value = Delay { $value } ms
strip-millis = { $value } ms
strip-seconds = { $value } s
strip-rate = Picture data
strip-kilobits = { $value } kbit/s
strip-megabits = { $value } Mbit/s
strip-updates = Pictures per second
strip-per-second = { $value } fps
strip-latency = From their screen to this one
strip-exact-opens = Exactness; opens into where the time goes
latency-none = No picture was timed yet
latency-capture = Read their screen
latency-compare = Find what changed
latency-encode = Encode
latency-network = Network
latency-decode = Decode
latency-present = Put on this screen
latency-total = All of it
latency-clock = Clock offset { $offset } ± { $error }
latency-clock-help = How far their clock is ahead of this one. Each counts from the start of its own program. What is wrong here is wrong in the network's share
strip-exact-yes = Exact
strip-exact-no = Refining
strip-sas = Check number { $code }
strip-sas-help = The customer's window shows the same number. If both read the same over the telephone, nobody is in between

## Settings

settings-title = Settings
settings-theme = Theme
settings-theme-system = As the system
settings-theme-light = Light
settings-theme-dark = Dark
settings-language = Language
settings-language-system = As the system
settings-language-pseudo = Pseudo-language for tests
settings-attention = When a customer waits or writes
settings-sounds = Play a sound
settings-notifications = Show a notification
settings-keyboard = Keyboard of new sessions
settings-keyboard-help = “Layout here” types what your keyboard types. “Layout there” presses the same keys on the customer's keyboard

## Change password

password-title = Change password
password-current = Present password
password-new = New password
password-again = New password once more
password-new-short = At least ten characters
password-again-different = The two are not the same
password-help = You are signed out everywhere else
password-change = Change
password-asking = The gateway changes the password
password-changed = The password was changed

## Shortcuts

shortcuts-title = Shortcuts
shortcut-next-tab = Next tab
shortcut-previous-tab = Previous tab
shortcut-close-tab = Close tab
shortcut-mine = Show my sessions
shortcut-queue = Show the queue
shortcut-fold-list = Session list
shortcut-release = Take the keyboard back from the customer's desktop
shortcut-next-monitor = Next monitor, after the last one all
shortcut-send-ctrl-alt-delete = Send Ctrl+Alt+Del
shortcut-keyboard = Keyboard layout here or there
shortcut-theme = Light or dark theme
shortcut-reply = Write a reply
shortcut-help = Shortcuts

## Attention

call-waiting = { $name } is waiting
call-message = { $name } wrote
note-message = { $name }: { $text }

## Command palette

palette-title = Commands
palette-field = What do you want to do?
palette-nothing = No command has these letters
palette-tab = Go to { $name }
palette-zoom = Size of the picture: { $size }
palette-monitor = Monitor: { $name }
palette-chat = Chat: { $place }
palette-sort = Sort sessions: { $column }
palette-send-keys = Send keys: { $keys }
palette-theme-system = Theme as the system
palette-quit = Quit Farhand

## Questions before something that cannot be taken back

confirm-customer = The customer
confirm-close-title = Close the session?
confirm-close-text = { $name } is told that the session is over. All access to their computer ends, and the session cannot be opened again
confirm-close-button = Close session
confirm-code-title = Withdraw the code?
confirm-code-text = PIN and link of { $name } stop working, and the session leaves the list
confirm-code-button = Withdraw code
confirm-tab-title = Close the tab?
confirm-tab-text = { $name }: you no longer see or control this computer. The session stays open; you find it under “Mine” and can open it again
confirm-tab-button = Close tab
confirm-quit-title = Quit Farhand?
confirm-quit-text = { $count ->
    [one] A session is still open. Quitting ends your view and control of that computer; the session stays open until you or the customer closes it
   *[other] { $count } sessions are still open. Quitting ends your view and control of those computers; the sessions stay open until you or the customers close them
}
confirm-quit-button = Quit
confirm-sign-out-title = Sign out?
confirm-sign-out-text = { $count ->
    [one] A session is still open. Signing out ends your view and control of that computer; the session stays open until you or the customer closes it
   *[other] { $count } sessions are still open. Signing out ends your view and control of those computers; the sessions stay open until you or the customers close them
}
