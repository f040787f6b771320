# The public pages for customers. Keys read page-element; those of `script-` are handed to the scripts.
page-footer = You are on { $host }. Only give your PIN on a page your technician named.
page-language = Language

pin-title = Type your PIN
pin-heading = Type the PIN your technician gave you
pin-label = PIN, six to nine digits
pin-go = Go on
pin-next = Next, you download a small program. It asks you before anybody sees your screen, and it removes itself when the session ends.

link-title = Start your session
link-heading = Start your support session
link-no-script = This link needs JavaScript, because its code never leaves your browser by itself. Ask your technician for the PIN instead.
link-no-script-go = Type the PIN
link-other = Does the link not work?
link-other-go = Type the PIN instead

ready-title = Download
ready-heading = Your PIN is right
ready-download = Download for { $system }
ready-after = Open the program when it has arrived. It asks you before anybody sees your screen.
ready-linux = On Linux, make the program executable first: in its properties, or in a terminal in its folder by chmod +x and its name. Then open it, or type ./ and its name.
ready-installed = Already installed?
ready-open = Open Farhand
ready-others = For another computer:
ready-none = There is no program for { $system } on this gateway. Please tell your technician.
ready-none-unknown = There is no program for this kind of device. Open this page on a computer, or tell your technician.
ready-empty = There is no program for download on this gateway yet. Please tell your technician.

problem-again = Type a PIN
problem-malformed = A PIN has six to nine digits.
problem-unknown = No session waits under this PIN. Check the digits with your technician.
problem-expired-heading = This PIN has expired
problem-expired = Ask your technician for a new one.
problem-used-heading = This PIN is already in use
problem-used = A PIN starts one session. If it was not you, tell your technician at once and ask for a new one.
problem-limited-heading = Too many wrong PINs
problem-limited = Too many wrong PINs came from your network. Wait ten minutes and try again.
problem-proof = Many wrong PINs are being tried just now. Switch JavaScript on and try again, or wait a few minutes.
problem-other-heading = This did not work
problem-other = The gateway could not check the PIN. Try again in a moment.
problem-download-heading = No download for your system
problem-not-found-heading = There is no such page
problem-not-found = The address may have been cut off. Open the link again, or type the PIN.

script-checking-pin = Checking the PIN…
script-checking-link = Checking the link…
script-proving = Many wrong PINs are being tried just now. Your browser is proving that you are not guessing; this takes a few seconds…
script-link-heading = This link does not work
script-unknown = No session waits under this PIN or link. Check it with your technician.
script-expired = This PIN or link has expired. Ask your technician for a new one.
script-used = This PIN or link is already in use. If it was not you, tell your technician at once and ask for a new one.
script-link-expired = This link has expired. Ask your technician for a new link.
script-link-used = This link is already in use. If it was not you, tell your technician at once and ask for a new link.
script-malformed = A PIN has six to nine digits.
script-limited = Too many wrong PINs came from your network. Wait ten minutes and try again.
script-other = The gateway did not answer. Try again in a moment.
