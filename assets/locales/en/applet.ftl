### Words of the customer's applet.

applet-window-title = Farhand
applet-header-name = Support
applet-banner-gateway = The line to the support server is down. What was started goes on; it comes back by itself
applet-banner-dismiss = Dismiss
applet-progress-gateway = Asking the support server about this code…

applet-code-title = Enter the code your technician gave you
applet-code-label = Code
applet-code-help = Six to nine digits, or paste the link you were sent
applet-code-shape = A code has six to nine digits and no letters, such as 427 901 358. A link is pasted whole
applet-code-incomplete = Type all digits of the code first
applet-code-no-gateway = Type the address of the support server first
applet-code-connect = Connect
applet-code-connection = Connection
applet-code-gateway = Address of the support server
applet-code-gateway-help = For example https://support.example.org
applet-code-trust = Trust value
applet-code-trust-help = Only for a server with its own certificate. Your technician can read it to you
applet-code-safety = Nobody sees your screen until you allow it

applet-terms-title = Before we begin
applet-terms-accept = Accept
applet-terms-decline = Decline and leave
applet-terms-scroll = Read to the end first

applet-waiting-title = Waiting for { $name }
applet-waiting-text = Your technician will be with you soon. Please keep this window open
applet-waiting-minutes = About { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
} to go
applet-waiting-advance = Allowed in advance on this computer: { $what }

applet-consent-who = { $name }, { $organisation }, asks to
applet-consent-also = Also: { $what }
applet-consent-allow = Allow
applet-consent-view-only = Only let them see my screen
applet-consent-read-first = Read the question first
applet-consent-read-all = Read everything that is asked first
applet-consent-below = More below
applet-consent-refuse = Don’t allow
applet-consent-until = Without an answer this counts as “Don’t allow” in less than { $seconds } s

applet-session-with = You are talking to { $name }, { $organisation }
applet-session-hold = { $name }, { $organisation }, will be back in a moment
applet-session-apart = { $name }, { $organisation }, is not connected at the moment
applet-session-nothing = Nobody sees your screen
applet-session-sees = Sees your screen
applet-session-controls = Sees your screen and uses mouse and keyboard
applet-session-may = Allowed: { $what }
applet-session-sas = { $count ->
    [one] Check number { $digits }: your technician sees the same
   *[other] Check numbers { $digits }: each of your technician's programs shows one of them
}
applet-session-locked = Your screen is locked. The technician sees nothing until you unlock it
applet-session-conversation = Conversation
applet-session-message = Message
applet-session-message-hint = Write a message
applet-session-message-hint-hold = Read when the technician is back
applet-session-send = Send
applet-session-kept = Messages are kept by { $organisation }
applet-session-stop = STOP
applet-session-stop-nothing = Nothing is allowed right now
applet-session-stop-tip = Takes back everything you allowed. Pause/Break or Ctrl+Alt+Shift+X does the same from anywhere
applet-session-stop-tip-no-key = Takes back everything you allowed
applet-session-unguarded = The Pause key cannot be heard just now, so nobody can use your mouse and keyboard. STOP in this window still works.
applet-session-you = You
applet-session-end = End session…
applet-session-end-sure = End the session with your technician?
applet-session-end-yes = End session
applet-session-end-no = Keep it open

applet-may-control = see and control
applet-may-control-only = control mouse and keyboard
applet-may-view = see your screen
applet-may-files = files
applet-may-restart = restart
applet-may-commands = scripts and commands
applet-may-system = programs and services
applet-may-sign-in = administrator’s sign-in
applet-may-record = recording
applet-may-lock-out = lock and darken your screen
applet-may-clipboard = clipboard
applet-may-sound = sound and voice
applet-may-web = web pages
applet-may-details = details of this computer
applet-may-draw = drawing and showing
applet-may-chat = chat
applet-may-more = { $what } and { $count } more

applet-bar-title = Farhand is sharing this screen
applet-bar-sees = { $name }, { $organisation }, sees your screen{ $others ->
    [0] {""}
   *[other] {" "}(+{ $others })
}
applet-bar-controls = { $name }, { $organisation }, controls your computer{ $others ->
    [0] {""}
   *[other] {" "}(+{ $others })
}

applet-end-title = The session is over
applet-end-access-gone = All access to this computer is gone
applet-end-done = What was done
applet-end-nothing = Nothing was done on this computer
applet-end-receipt = Save receipt
applet-end-saved = Saved as { $path }
applet-end-close = Close
applet-end-unsaved = The receipt of this session is not saved yet
applet-end-close-unsaved = Close without it

applet-receipt-title = Receipt of your support session { $number }
applet-receipt-organisation = Organisation: { $organisation }
applet-receipt-technician = Technician: { $name }
applet-receipt-times = Times are those of this computer, with their distance from UTC
applet-receipt-left-out = { $count } earlier lines are left out here; the chain has them
applet-receipt-chain = For checking: the same as recorded, line by line

applet-log-consent-in-advance = Allowed in advance: { $what }
applet-log-consent-asked = { $name } asked for: { $what }
applet-log-consent-allowed = You allowed { $name }: { $what }
applet-log-consent-allowed-in-advance = Allowed in advance for { $name }: { $what }
applet-log-consent-refused = You did not allow { $name }: { $what }
applet-log-consent-timed-out = No answer, so not allowed: { $what }
applet-log-consent-withdrawn = { $name } no longer asks for: { $what }
applet-log-grant-revoked = Everything was taken back
applet-log-view-started = { $name } sees your screen
applet-log-view-ended = { $name } no longer sees your screen
applet-log-control-started = { $name } uses mouse and keyboard
applet-log-control-ended = { $name } no longer uses mouse and keyboard
applet-log-terms-accepted = You accepted the terms
applet-log-terms-declined = You declined the terms
applet-log-session-ended-here = You ended the session
applet-log-link-up = { $name } is connected
applet-log-link-down = { $name } is not connected
applet-log-link-slowed = { $name } sent more than allowed and was slowed down
applet-log-stop-key-unavailable = The Pause key cannot be heard; mouse and keyboard are yours alone
applet-log-stop-key-heard = The Pause key is heard again
applet-log-refused = { $name } tried something that is not allowed now, so nothing happened
applet-log-refused-control = { $name } tried to use mouse and keyboard. That is not allowed now, so nothing happened
applet-log-refused-view = { $name } tried to see your screen. That is not allowed now, so nothing happened
applet-log-refused-what = { $name } tried something that is not allowed now, so nothing happened: { $what }
applet-log-refused-question = { $name } wanted to ask you for something. You were not asked, and nothing happened
applet-log-refused-own-window = { $name } tried to use this window. Only you can, so nothing happened
applet-log-refused-priority = { $name } tried to use mouse and keyboard while you did. Yours went first
applet-log-refused-stop-key = { $name } pressed the stop key. Only you can, so nothing happened
applet-log-refused-late = An earlier connection of a technician is no longer valid and was turned away
applet-log-refused-stranger = Somebody who does not belong to this session tried to connect and was turned away
applet-log-refused-repeated = The same was tried again, and again nothing happened
applet-log-said = { $name }: { $text }
