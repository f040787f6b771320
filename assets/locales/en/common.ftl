### Words that console and applet share.
### A family of keys such as state-… is looked up by a code; its members are complete on purpose.

## Buttons

button-cancel = Cancel
button-close = Close
button-settings = Settings

## Times and sizes

duration-seconds = { $seconds } s
duration-minutes = { $minutes } min
duration-hours = { $hours } h { $minutes } min
duration-days = { $days } d
size-decimal-mark = .
size-bytes = { $value } B
size-kilobytes = { $value } kB
size-megabytes = { $value } MB
size-gigabytes = { $value } GB
size-terabytes = { $value } TB

## States of a session (STM-01 to STM-18)

state-connecting = Connecting
state-waiting = Waiting
state-active = Active
state-on-hold = On hold
state-transferring = Transferring
state-rebooting = Rebooting
state-reconnecting = Reconnecting
state-offline = Offline
state-transferred = Transferred
state-closed-by-customer = Closed by customer
state-closed-by-waiting-customer = Closed by waiting customer
state-closed-by-technician = Closed by technician
state-declined-by-customer = Declined by customer
state-timed-out = Timed out
state-timed-out-closed-by-technician = Timed out: closed by technician
state-aborted = Aborted: technician deleted or disabled
state-disconnected = Disconnected
state-rebooted = Rebooted

## States of a technician (GLO-97 to GLO-100)

presence-logged-out = Logged out
presence-available = Available
presence-busy = Busy
presence-away = Away

## What a technician can do in a session, as a technician reads it

capability-view = View the screen
capability-control = Control mouse and keyboard
capability-chat = Chat
capability-clipboard = Clipboard
capability-send-files = Send files
capability-receive-files = Receive files
capability-manage-files = Manage files
capability-system-info = System information
capability-reboot = Reboot
capability-scripts = Run scripts
capability-urls = Send web addresses
capability-record = Record the screen
capability-command-line = Command line
capability-manage-system = Processes and services
capability-remote-sound = Hear the device
capability-voice-call = Voice call
capability-whiteboard = Whiteboard
capability-block-input = Block the customer's input
capability-blank-screen = Blank the customer's screen
capability-credentials = Ask for an administrator's sign-in
capability-share-screen = Share own screen

## The same as the customer is asked: "Ada Kern, ACME, asks to:"

consent-view = See your screen
consent-control = See and control your screen, mouse and keyboard
consent-chat = Chat with you
consent-clipboard = Share the clipboard with you
consent-send-files = Put files on your computer
consent-receive-files = Fetch files from your computer
consent-manage-files = Look at, move and delete your files
consent-system-info = See details of your computer
consent-reboot = Restart your computer
consent-scripts = Run scripts on your computer
consent-urls = Open web pages on your computer
consent-record = Record your screen
consent-command-line = Run commands on your computer
consent-manage-system = Stop programs and services on your computer
consent-remote-sound = Hear your computer's sound
consent-voice-call = Speak with you
consent-whiteboard = Draw on your screen
consent-block-input = Lock your mouse and keyboard for a while
consent-blank-screen = Turn your screen dark for a while
consent-credentials = Ask for an administrator's sign-in
consent-share-screen = Show you their screen

## Rights of a technician group (ORG-80 to ORG-110)

permission-chat = Chat
permission-chat-toggle = Switch the customer's chat on and off
permission-remote-control = Remote control
permission-desktop-viewing = Desktop viewing
permission-send-files = Send files
permission-receive-files = Receive files
permission-file-manager-tab = File manager
permission-manage-files = Manage files
permission-send-urls = Send web addresses
permission-view-system-info = View system information
permission-reboot = Reboot
permission-record-sessions = Record sessions
permission-start-private-sessions = Start private sessions
permission-single-prompt = Ask the customer once for everything
permission-transfer-sessions = Transfer sessions
permission-hold-sessions = Hold sessions
permission-request-credentials = Ask for an administrator's sign-in
permission-clipboard-sync = Clipboard
permission-deploy-calling-card = Deploy the Calling Card
permission-screen-sharing = Share own screen
permission-invite-collaborators = Invite technicians
permission-invite-external = Invite external technicians
permission-edit-queue-fields = Edit fields of waiting sessions
permission-deploy-scripts = Run scripts
permission-run-embedded-script = Run the embedded script
permission-unattended-access = Unattended access
permission-lan-connect = Connect over the local network
permission-mobile-settings = Settings of phones and tablets
permission-quick-fix = Quick fixes
permission-classic-mobile-view = Classic view of phones
permission-camera-session = Camera sessions
permission-command-line = Command line
permission-manage-system = Processes and services
permission-remote-sound = Remote sound
permission-voice-call = Voice calls
permission-whiteboard = Whiteboard
permission-block-input = Block the customer's input
permission-blank-screen = Blank the customer's screen

## Errors, by their stable code: error-area-reason

error-unknown = { $detail } ({ $code })
error-auth-wrong-credentials = E-mail or password is wrong
error-auth-not-signed-in = You are not signed in
error-auth-token-expired = Your sign-in has expired. Sign in again
error-auth-too-many-attempts = Too many attempts to sign in. Wait a few minutes
error-auth-account-disabled = This account is disabled. Ask your administrator
error-auth-weak-password = The password is too weak. Use at least ten characters
error-permission-missing =
    { $permission ->
        [none] Your group does not have the permission for this
       *[other] Your group does not have the permission “{ $permission }”
    }
error-permission-not-granted = The customer did not allow this
error-permission-revoked = The customer has withdrawn the permission
error-consent-too-soon = The customer has not allowed it
error-code-malformed = This is not a code or link. A code has six to nine digits
error-code-unknown = No session is waiting under this code. Check the digits
error-code-expired = This code has expired. Ask your technician for a new one
error-code-used = This code has already been used. Ask your technician for a new one
error-code-too-many-guesses = Too many wrong codes. Wait a few minutes
error-code-proof-of-work = Many wrong codes were tried. Your computer must do a short calculation first
error-session-unknown = There is no such session
error-session-refused-transition = The session does not allow this now
error-session-ended = The session has ended
error-session-maximum-reached = You have as many open sessions as allowed. Close one first
error-session-not-lead = Only the lead technician may do this
error-session-not-eligible = You may not do this in this session
error-session-not-participant = You do not take part in this session
error-session-no-technician = No technician is available at the moment
error-ticket-invalid = The ticket of this session is not valid here
error-ticket-expired = The ticket was not used in time. Start the session again
error-ticket-foreign = The ticket belongs to another session
error-relay-refused = The relay did not admit this computer
error-link-unreachable = The other computer cannot be reached
error-link-lost = The connection was lost
error-link-incompatible = The other side has another version of Farhand
error-link-protocol-violation = The other side sent something that makes no sense. The connection was closed
error-gateway-unreachable = The gateway cannot be reached. Check the address and your network
error-gateway-untrusted = The gateway is not the one it should be. Nothing was sent to it
error-gateway-trust-needed = This gateway uses its own certificate. Enter the trust value it printed
error-gateway-stopping = The gateway is shutting down
error-mail-refused = The mail server did not take the message: { $detail }
error-mail-failed = The message was not sent: { $detail }
error-version-too-old = This program is too old for the gateway. Install the new version
error-request-malformed = The gateway did not understand the request
error-request-too-large = This is larger than allowed
error-request-not-found = The gateway does not have this
error-request-unsupported = The other side does not know this function
error-request-too-many = Too many requests. Wait a moment
error-screen-wayland-unsupported = The screen cannot be shown because this desktop runs Wayland. Chat and files work; for the screen, sign in to an X11 session
error-screen-unavailable = The screen cannot be shown
error-screen-locked = The screen is locked
error-input-unavailable = Mouse and keyboard cannot be controlled on this desktop
error-input-own-window = The Farhand window cannot be controlled from afar
error-input-stop-key = The stop key cannot be pressed from afar
error-input-unguarded = The stop key cannot be heard on this device just now, so it cannot be controlled
error-input-priority = The customer is using mouse or keyboard, and theirs go first; try again in a moment
error-input-off-screen = The place is outside the customer's screen
error-applet-not-running = No applet is running
error-doctor-checks-failed = A check of this machine failed
error-storage-failed = A file could not be read or written: { $detail }
error-internal-error = Something went wrong inside. The log says more
