### Wörter der Konsole.

app-name = Farhand

## Anmeldung

sign-in-subtitle = Konsole für Techniker
sign-in-gateway = Adresse des Gateways
sign-in-trust = Vertrauenswert
sign-in-trust-help = Der Wert, den Ihr Gateway beim Einrichten ausgegeben hat. Er beweist, dass es Ihr Gateway ist und kein anderes
sign-in-trust-malformed = Das ist kein Vertrauenswert. Kopieren Sie alles, was das Gateway ausgegeben hat: 52 Buchstaben und Ziffern
sign-in-email = E-Mail
sign-in-password = Passwort
sign-in-password-show = Passwort zeigen
sign-in-password-hide = Passwort verbergen
sign-in-stay = Angemeldet bleiben
sign-in-own-certificate = Das Gateway hat ein eigenes Zertifikat
sign-in-button = Anmelden
sign-in-waiting = { $gateway } prüft Ihre Anmeldung
sign-in-waiting-remembered = Anmeldung mit der aufbewahrten Kennung
sign-in-signed-out = Sie sind abgemeldet
sign-in-signed-out-here = Sie sind hier abgemeldet, aber das Gateway hat nicht erfahren, dass es überall gelten sollte. { $why }
sign-in-try-again = Noch einmal versuchen
sign-in-token-alone = FARHAND_TOKEN ist gesetzt, aber nichts sagt, für welches Gateway. Setzen Sie auch FARHAND_GATEWAY
sign-in-kept-elsewhere = Der Schlüsselbund des Systems ist nicht benutzbar. Die Anmeldung liegt in einer Datei, die nur Sie lesen können: { $place }

## Kopfzeile und Hinweise

header-theme-light = Helles Design
header-theme-dark = Dunkles Design
account-password = Passwort ändern…
account-sign-out = Abmelden
account-sign-out-everywhere = Überall abmelden
banner-retry = Nächster Versuch in { $time }
banner-trying = Neuer Versuch läuft

## Werkzeugleiste

toolbar-new-session = Neue Sitzung…
toolbar-start = Starten
toolbar-hold = Halten
toolbar-resume = Fortsetzen
toolbar-close = Sitzung beenden…
toolbar-session = für { $name }

## Warum etwas nicht geht

refusal-nothing-selected = Wählen Sie zuerst eine Sitzung in der Liste
refusal-code-only = Der Kunde hat den Code noch nicht benutzt
refusal-connecting = Der Kunde startet noch das Applet
refusal-already-active = Die Sitzung ist schon aktiv
refusal-not-active = Die Sitzung ist nicht aktiv
refusal-not-on-hold = Die Sitzung wird nicht gehalten
refusal-away = Der Computer des Kunden ist jetzt nicht erreichbar
refusal-over = Die Sitzung ist beendet
refusal-not-lead = Ein anderer Techniker leitet diese Sitzung
refusal-permission = Ihrer Gruppe fehlt das Recht „{ $permission }“
refusal-too-many-tabs = Zehn Sitzungen sind offen. Schließen Sie zuerst einen Reiter
refusal-maximum = Sie haben so viele aktive Sitzungen wie erlaubt
refusal-no-gateway = Das Gateway ist nicht erreichbar

## Sitzungsliste

list-kind = Welche Sitzungen
list-mine = Meine { $count }
list-queue = Warteliste { $count }
list-filter = Sitzungen filtern
list-width = Breite der Sitzungsliste
list-fold = Sitzungsliste einklappen
list-unfold = Sitzungsliste zeigen
list-column-name = Name
list-column-status = Zustand
list-column-time = Zeit
list-column-technician = Techniker
list-column-platform = System
list-column-device = Gerät
list-code = PIN
list-code-left = noch { $time }
list-code-expired = PIN abgelaufen
list-nameless = Ohne Namen
list-loading = Sitzungen werden geholt
list-loading-text = Das Gateway wird nach der Liste gefragt
list-no-match = Keine Sitzung passt
list-no-match-text = Leeren Sie den Filter, um alle Sitzungen zu sehen
list-empty-mine = Keine Sitzungen
list-empty-mine-text = Erstellen Sie eine Sitzung und geben Sie dem Kunden die PIN
list-empty-queue = Niemand wartet
list-empty-queue-text = Kunden, die auf irgendeinen Techniker warten, erscheinen hier
dialog-close = Dialog schließen

## Arbeitsbereich

work-empty = Keine Sitzung ist offen
work-empty-text = Öffnen Sie eine Sitzung der Liste mit einem Doppelklick, oder erstellen Sie eine neue
session-desktop = Bildschirm
session-chat-width = Breite des Chats
session-chat-height = Höhe des Chats
session-close-tab = Reiter schließen
session-close-tab-of = Reiter von { $name } schließen
session-ended-text = Der Zugriff auf den Computer des Kunden ist beendet
session-link-ended = Die Verbindung ist beendet
session-connect-again = Wieder verbinden

## Chat

chat-title = Chat
chat-place = Wo der Chat ist
chat-place-leading = Vor dem Bildschirm
chat-place-trailing = Nach dem Bildschirm
chat-place-below = Unter dem Bildschirm
chat-place-window = In einem eigenen Fenster
chat-empty = Noch wurde nichts gesagt
chat-reply = Antworten
chat-hint = An { $name } schreiben
chat-send = Senden
chat-customer = Kunde
chat-system = Farhand
chat-closed-over = Das Gespräch ist beendet
chat-closed-state = Der Chat ist offen, solange die Sitzung wartet oder aktiv ist
chat-closed-link = Der Chat öffnet sich, sobald die Verbindung steht
capability-list-more = { $names } und { $count } weitere
event-status = Die Sitzung ist jetzt: { $status }
event-consent-asked = { $who } hat gefragt: { $what }
event-consent-allowed = { $who } hat erlaubt: { $what }
event-consent-in-advance = Auf dem Computer des Kunden im Voraus erlaubt: { $what }
event-consent-refused = { $who } hat nicht erlaubt: { $what }
event-consent-timed-out = { $who } hat nicht rechtzeitig geantwortet: { $what }
event-consent-withdrawn = Eine Frage ist nicht mehr offen: { $what }
event-consent-revoked = { $who } hat jeden Zugriff zurückgenommen
event-view-started = { $who } sieht den Bildschirm
event-view-ended = { $who } sieht den Bildschirm nicht mehr
event-control-started = { $who } steuert Maus und Tastatur
event-control-ended = { $who } steuert Maus und Tastatur nicht mehr
event-link-up = { $who } ist verbunden
event-link-down = { $who } ist nicht mehr verbunden

## Sitzung erstellen

new-session-title = Sitzung erstellen
new-session-name = Name des Kunden
new-session-name-help = Steht in der Liste und im Reiter; darf leer bleiben
new-session-auto-start = Von selbst starten, wenn der Kunde kommt
new-session-create = Erstellen
new-session-creating = Das Gateway macht einen Code
new-session-way = Wie der Kunde den Code bekommt
new-session-pin = PIN
new-session-link = Link
new-session-email = E-Mail
new-session-address = Sie lässt sich auch unter { $address } eingeben
new-session-left = Gilt noch { $time }
new-session-joined = Der Kunde ist da
new-session-expired = Der Code ist abgelaufen. Erstellen Sie eine neue Sitzung
new-session-elsewhere = Diese PIN wurde dort gezeigt, wo die Sitzung erstellt wurde. Beenden Sie die Sitzung und erstellen Sie eine neue
new-session-copy-pin = PIN kopieren
new-session-pin-copied = PIN kopiert
new-session-copy-link = Link kopieren
new-session-link-copied = Link kopiert
new-session-qr = QR-Code des Links
new-session-mail-subject = Betreff
new-session-mail-text = Nachricht
new-session-mail-sender = Wer die Nachricht sendet
new-session-mail-program = Mit dem Standard-Mailprogramm dieses Computers senden
new-session-mail-gateway = Vom Gateway senden lassen
new-session-mail-to = An
new-session-mail-to-help = Eine E-Mail-Adresse
new-session-mail-to-wrong = Das ist keine einzelne E-Mail-Adresse wie name@firma.example
new-session-mail-send = Link senden
new-session-mail-sending = Das Gateway sendet die Nachricht
new-session-mail-sent = An { $address } gesendet
new-session-mail-copy = Nachricht kopieren
new-session-mail-copied = Nachricht kopiert
new-session-mail-failed = Kein Mailprogramm hat sich geöffnet. Kopieren Sie die Nachricht und senden Sie sie selbst

## Bildschirm

desktop-picture = Bildschirm von { $name }
desktop-view = Ansehen
desktop-control = Steuern
desktop-zoom = Größe des Bildes
desktop-fit = Einpassen
desktop-fit-help = Alles davon, und scharf: es wächst in ganzen Vielfachen
desktop-stretch = Ausfüllen
desktop-stretch-help = Alles davon, so groß der Platz es zulässt
desktop-actual = 1:1
desktop-actual-help = Ein Pixel dort ist ein Pixel hier
desktop-percent = { $value } %
desktop-zoom-in = Bild größer
desktop-zoom-out = Bild kleiner
desktop-full-screen = Vollbild
desktop-send-keys = Tasten senden
desktop-monitors = Monitore
desktop-monitors-all = Alle Monitore
desktop-monitor = { $name } · { $size } · { $scale }
desktop-quality = Qualität
desktop-quality-named = Qualität: { $name }
desktop-quality-automatic = Automatisch
desktop-quality-automatic-help = So gut, wie die Verbindung es zulässt
desktop-quality-low = Wenig Bandbreite
desktop-quality-low-help = Für eine Verbindung, die auch andere brauchen: höchstens 1 Mbit/s und 15 Bilder je Sekunde
desktop-quality-very-low = Sehr wenig Bandbreite
desktop-quality-very-low-help = Für eine schwache Verbindung: höchstens 128 kbit/s und 5 Bilder je Sekunde. Große Änderungen sind erst grob, dann genau, vom Zeiger aus
desktop-quality-modem = Modem
desktop-quality-modem-help = Für die schwächsten Verbindungen: höchstens 28 kbit/s und 2 Bilder je Sekunde. Große Änderungen sind erst grob, dann genau, vom Zeiger aus
desktop-keyboard = Tastatur
desktop-keyboard-here = Belegung hier
desktop-keyboard-there = Belegung dort
desktop-refresh = Bild neu holen
desktop-more = Mehr Werkzeuge
desktop-not-viewing = Sehen Sie zuerst den Bildschirm an
desktop-not-controlling = Übernehmen Sie zuerst die Steuerung
desktop-no-link = Die Verbindung zum Kunden steht noch nicht
desktop-asking-short = Der Kunde wird gefragt
desktop-asking = Warten, dass { $name } erlaubt: { $what }
desktop-asking-unnamed = Warten auf die Antwort von { $name }
desktop-refused = { $name } hat nicht erlaubt: { $what }
desktop-refused-unnamed = { $name } hat nicht erlaubt, was gefragt war
desktop-timed-out = { $name } hat nicht rechtzeitig geantwortet: { $what }
desktop-timed-out-unnamed = { $name } hat nicht rechtzeitig geantwortet
desktop-wait = Wieder in { $time }
desktop-ask-again = Noch einmal fragen
desktop-ask-again-in = Noch einmal fragen in { $time }
desktop-stopped = { $name } hat jeden Zugriff gestoppt. Die Sitzung ist noch offen
desktop-stalled = Vom Computer des Kunden kommt nichts mehr
desktop-stalled-text = Zuletzt um { $time }; die Verbindung bleibt bestehen, und das Bild geht weiter, wenn er antwortet
kiosk-waiting = Die Sitzung öffnet sich, sobald der Kunde da ist
desktop-ended = Die Verbindung ist beendet
desktop-on-hold = Die Sitzung wird gehalten
desktop-on-hold-text = Setzen Sie sie fort, um den Bildschirm wieder zu sehen
desktop-opening = Die Sitzung wird geöffnet
desktop-opening-text = Das Gateway stellt ein Ticket aus
desktop-connecting = Verbindung zum Computer des Kunden
desktop-connecting-text = Das dauert meist ein paar Sekunden
console-link-ticket = Das Gateway stellt ein Ticket aus
console-link-dialling = Der Computer des Kunden muss antworten
console-link-welcome = Der Computer des Kunden prüft das Ticket
desktop-locked = Der Bildschirm des Kunden ist gesperrt
desktop-locked-text = Das Bild kommt wieder, wenn der Kunde ihn entsperrt
desktop-unavailable = Der Bildschirm kann nicht gezeigt werden
desktop-waiting-picture = Warten auf das Bild
desktop-waiting-picture-text = Der Computer des Kunden sendet das erste Bild
desktop-not-seen = Sie sehen diesen Bildschirm nicht
desktop-not-seen-text = Wählen Sie Ansehen oder Steuern. Der Kunde wird gefragt, wenn er es nicht schon erlaubt hat
full-screen-leave = Vollbild verlassen
full-screen-keys-all = Jede Taste geht zum Kunden, auch Alt+Tab und Super. { $keys } holt die Tastatur zurück
full-screen-keys-most = Tasten gehen zum Kunden, außer denen, die Ihre Arbeitsfläche behält, etwa Alt+Tab. { $keys } holt die Tastatur zurück
full-screen-keys-none = Die Tastatur ist hier. Klicken Sie in das Bild, um sie dort zu benutzen

## Tasten zum Senden

keys-ctrl-alt-delete = Strg+Alt+Entf
keys-ctrl-shift-escape = Strg+Umschalt+Esc
keys-alt-tab = Alt+Tab
keys-alt-f4 = Alt+F4
keys-super = Super
keys-super-l = Super+L
keys-print-screen = Druck
keys-f1 = F1
keys-f11 = F11
keys-ctrl-alt-f1 = Strg+Alt+F1

## Statuszeile

strip-path = Weg
strip-direct = Direkt
strip-relayed = Über Relais
strip-unknown = Verbunden
strip-silent = Nichts zu hören
strip-no-link = Nicht verbunden
strip-round-trip = Zum Rechner des Kunden und zurück
strip-round-trip-value = Hin und zurück { $value } ms
strip-latency-value = Verzögerung { $value } ms
strip-millis = { $value } ms
strip-seconds = { $value } s
strip-rate = Bilddaten
strip-kilobits = { $value } kbit/s
strip-megabits = { $value } Mbit/s
strip-updates = Bilder je Sekunde
strip-per-second = { $value } Bilder/s
strip-latency = Von dort bis auf diesen Bildschirm
strip-exact-opens = Genauigkeit; öffnet, wohin die Zeit geht
latency-none = Noch kein Bild wurde gemessen
latency-capture = Bildschirm lesen
latency-compare = Änderungen finden
latency-encode = Kodieren
latency-network = Netz
latency-decode = Dekodieren
latency-present = Hier zeigen
latency-total = Zusammen
latency-clock = Uhrenversatz { $offset } ± { $error }
latency-clock-help = Wie weit ihre Uhr dieser voraus ist. Jede zählt vom Start ihres eigenen Programms. Was hier falsch ist, ist im Anteil des Netzes falsch
strip-exact-yes = Genau
strip-exact-no = Wird verfeinert
strip-sas = Prüfzahl { $code }
strip-sas-help = Das Fenster des Kunden zeigt dieselbe Zahl. Lesen Sie beide am Telefon dieselbe vor, ist niemand dazwischen

## Einstellungen

settings-title = Einstellungen
settings-theme = Design
settings-theme-system = Wie das System
settings-theme-light = Hell
settings-theme-dark = Dunkel
settings-language = Sprache
settings-language-system = Wie das System
settings-language-pseudo = Pseudosprache für Tests
settings-attention = Wenn ein Kunde wartet oder schreibt
settings-sounds = Einen Ton spielen
settings-notifications = Eine Benachrichtigung zeigen
settings-keyboard = Tastatur neuer Sitzungen
settings-keyboard-help = „Belegung hier“ schreibt, was Ihre Tastatur schreibt. „Belegung dort“ drückt dieselben Tasten auf der Tastatur des Kunden

## Passwort ändern

password-title = Passwort ändern
password-current = Jetziges Passwort
password-new = Neues Passwort
password-again = Neues Passwort noch einmal
password-new-short = Mindestens zehn Zeichen
password-again-different = Die beiden sind nicht gleich
password-help = Sie werden überall sonst abgemeldet
password-change = Ändern
password-asking = Das Gateway ändert das Passwort
password-changed = Das Passwort wurde geändert

## Kurzbefehle

shortcuts-title = Kurzbefehle
shortcut-next-tab = Nächster Reiter
shortcut-previous-tab = Voriger Reiter
shortcut-close-tab = Reiter schließen
shortcut-mine = Meine Sitzungen zeigen
shortcut-queue = Warteliste zeigen
shortcut-fold-list = Sitzungsliste
shortcut-release = Die Tastatur vom Bildschirm des Kunden zurücknehmen
shortcut-next-monitor = Nächster Bildschirm, nach dem letzten alle
shortcut-send-ctrl-alt-delete = Strg+Alt+Entf senden
shortcut-keyboard = Tastenbelegung hier oder dort
shortcut-theme = Helles oder dunkles Design
shortcut-reply = Eine Antwort schreiben
shortcut-help = Kurzbefehle

## Aufmerksamkeit

call-waiting = { $name } wartet
call-message = { $name } hat geschrieben
note-message = { $name }: { $text }

## Befehlspalette

palette-title = Befehle
palette-field = Was möchten Sie tun?
palette-nothing = Kein Befehl hat diese Buchstaben
palette-tab = Zu { $name } gehen
palette-zoom = Größe des Bildes: { $size }
palette-monitor = Bildschirm: { $name }
palette-chat = Chat: { $place }
palette-sort = Sitzungen ordnen: { $column }
palette-send-keys = Tasten senden: { $keys }
palette-theme-system = Design wie das System
palette-quit = Farhand beenden

## Fragen vor etwas, das sich nicht zurücknehmen lässt

confirm-customer = Der Kunde
confirm-close-title = Sitzung beenden?
confirm-close-text = { $name } erfährt, dass die Sitzung beendet ist. Jeder Zugriff auf diesen Computer endet, und die Sitzung lässt sich nicht wieder öffnen
confirm-close-button = Sitzung beenden
confirm-code-title = Code zurückziehen?
confirm-code-text = PIN und Link von { $name } gelten nicht mehr, und die Sitzung verlässt die Liste
confirm-code-button = Code zurückziehen
confirm-tab-title = Reiter schließen?
confirm-tab-text = { $name }: Sie sehen und steuern diesen Computer nicht mehr. Die Sitzung bleibt offen; Sie finden sie unter „Meine“ und können sie wieder öffnen
confirm-tab-button = Reiter schließen
confirm-quit-title = Farhand beenden?
confirm-quit-text = { $count ->
    [one] Eine Sitzung ist noch offen. Beim Beenden sehen und steuern Sie diesen Computer nicht mehr; die Sitzung bleibt offen, bis Sie oder der Kunde sie beenden
   *[other] { $count } Sitzungen sind noch offen. Beim Beenden sehen und steuern Sie diese Computer nicht mehr; die Sitzungen bleiben offen, bis Sie oder die Kunden sie beenden
}
confirm-quit-button = Beenden
confirm-sign-out-title = Abmelden?
confirm-sign-out-text = { $count ->
    [one] Eine Sitzung ist noch offen. Beim Abmelden sehen und steuern Sie diesen Computer nicht mehr; die Sitzung bleibt offen, bis Sie oder der Kunde sie beenden
   *[other] { $count } Sitzungen sind noch offen. Beim Abmelden sehen und steuern Sie diese Computer nicht mehr; die Sitzungen bleiben offen, bis Sie oder die Kunden sie beenden
}
