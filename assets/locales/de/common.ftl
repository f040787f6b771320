### Wörter, die Konsole und Applet teilen.

## Knöpfe

button-cancel = Abbrechen
button-close = Schließen
button-settings = Einstellungen

## Zeiten und Größen

duration-seconds = { $seconds } s
duration-minutes = { $minutes } min
duration-hours = { $hours } h { $minutes } min
duration-days = { $days } T
size-decimal-mark = ,
size-bytes = { $value } B
size-kilobytes = { $value } kB
size-megabytes = { $value } MB
size-gigabytes = { $value } GB
size-terabytes = { $value } TB

## Zustände einer Sitzung

state-connecting = Verbindet
state-waiting = Wartet
state-active = Aktiv
state-on-hold = Gehalten
state-transferring = Wird übergeben
state-rebooting = Startet neu
state-reconnecting = Verbindet neu
state-offline = Offline
state-transferred = Übergeben
state-closed-by-customer = Vom Kunden beendet
state-closed-by-waiting-customer = Vom wartenden Kunden beendet
state-closed-by-technician = Vom Techniker beendet
state-declined-by-customer = Vom Kunden abgelehnt
state-timed-out = Zeit abgelaufen
state-timed-out-closed-by-technician = Zeit abgelaufen: vom Techniker geschlossen
state-aborted = Abgebrochen: Techniker gelöscht oder gesperrt
state-disconnected = Getrennt
state-rebooted = Neu gestartet

## Zustände eines Technikers

presence-logged-out = Abgemeldet
presence-available = Verfügbar
presence-busy = Beschäftigt
presence-away = Abwesend

## Was ein Techniker in einer Sitzung tun kann

capability-view = Bildschirm sehen
capability-control = Maus und Tastatur steuern
capability-chat = Chat
capability-clipboard = Zwischenablage
capability-send-files = Dateien senden
capability-receive-files = Dateien empfangen
capability-manage-files = Dateien verwalten
capability-system-info = Systeminformationen
capability-reboot = Neu starten
capability-scripts = Skripte ausführen
capability-urls = Webadressen senden
capability-record = Bildschirm aufzeichnen
capability-command-line = Befehlszeile
capability-manage-system = Prozesse und Dienste
capability-remote-sound = Gerät hören
capability-voice-call = Sprachanruf
capability-whiteboard = Zeichnen
capability-block-input = Eingaben des Kunden sperren
capability-blank-screen = Bildschirm des Kunden verdunkeln
capability-credentials = Nach einer Administratoranmeldung fragen
capability-share-screen = Eigenen Bildschirm zeigen

## Dasselbe, wie der Kunde gefragt wird

consent-view = Ihren Bildschirm sehen
consent-control = Ihren Bildschirm sehen und Maus und Tastatur steuern
consent-chat = Mit Ihnen chatten
consent-clipboard = Die Zwischenablage mit Ihnen teilen
consent-send-files = Dateien auf Ihren Computer legen
consent-receive-files = Dateien von Ihrem Computer holen
consent-manage-files = Ihre Dateien ansehen, verschieben und löschen
consent-system-info = Angaben zu Ihrem Computer sehen
consent-reboot = Ihren Computer neu starten
consent-scripts = Skripte auf Ihrem Computer ausführen
consent-urls = Webseiten auf Ihrem Computer öffnen
consent-record = Ihren Bildschirm aufzeichnen
consent-command-line = Befehle auf Ihrem Computer ausführen
consent-manage-system = Programme und Dienste auf Ihrem Computer beenden
consent-remote-sound = Den Ton Ihres Computers hören
consent-voice-call = Mit Ihnen sprechen
consent-whiteboard = Auf Ihrem Bildschirm zeichnen
consent-block-input = Maus und Tastatur für eine Weile sperren
consent-blank-screen = Ihren Bildschirm für eine Weile verdunkeln
consent-credentials = Nach einer Administratoranmeldung fragen
consent-share-screen = Ihnen den eigenen Bildschirm zeigen

## Rechte einer Technikergruppe

permission-chat = Chat
permission-chat-toggle = Chat des Kunden ein- und ausschalten
permission-remote-control = Fernsteuerung
permission-desktop-viewing = Bildschirm ansehen
permission-send-files = Dateien senden
permission-receive-files = Dateien empfangen
permission-file-manager-tab = Dateimanager
permission-manage-files = Dateien verwalten
permission-send-urls = Webadressen senden
permission-view-system-info = Systeminformationen ansehen
permission-reboot = Neu starten
permission-record-sessions = Sitzungen aufzeichnen
permission-start-private-sessions = Private Sitzungen beginnen
permission-single-prompt = Den Kunden einmal für alles fragen
permission-transfer-sessions = Sitzungen übergeben
permission-hold-sessions = Sitzungen halten
permission-request-credentials = Nach einer Administratoranmeldung fragen
permission-clipboard-sync = Zwischenablage
permission-deploy-calling-card = Calling Card verteilen
permission-screen-sharing = Eigenen Bildschirm zeigen
permission-invite-collaborators = Techniker einladen
permission-invite-external = Externe Techniker einladen
permission-edit-queue-fields = Felder wartender Sitzungen ändern
permission-deploy-scripts = Skripte ausführen
permission-run-embedded-script = Eingebettetes Skript ausführen
permission-unattended-access = Unbeaufsichtigter Zugriff
permission-lan-connect = Verbindung im lokalen Netz
permission-mobile-settings = Einstellungen von Telefonen und Tablets
permission-quick-fix = Schnelle Reparaturen
permission-classic-mobile-view = Klassische Telefonansicht
permission-camera-session = Kamerasitzungen
permission-command-line = Befehlszeile
permission-manage-system = Prozesse und Dienste
permission-remote-sound = Ton des Geräts
permission-voice-call = Sprachanrufe
permission-whiteboard = Zeichnen
permission-block-input = Eingaben des Kunden sperren
permission-blank-screen = Bildschirm des Kunden verdunkeln

## Fehler

error-unknown = { $detail } ({ $code })
error-auth-wrong-credentials = E-Mail oder Passwort ist falsch
error-auth-not-signed-in = Sie sind nicht angemeldet
error-auth-token-expired = Ihre Anmeldung ist abgelaufen. Melden Sie sich neu an
error-auth-too-many-attempts = Zu viele Anmeldeversuche. Warten Sie einige Minuten
error-auth-account-disabled = Dieses Konto ist gesperrt. Fragen Sie Ihren Administrator
error-auth-weak-password = Das Passwort ist zu schwach. Nehmen Sie mindestens zehn Zeichen
error-permission-missing =
    { $permission ->
        [none] Ihrer Gruppe fehlt das Recht dazu
       *[other] Ihrer Gruppe fehlt das Recht „{ $permission }“
    }
error-permission-not-granted = Der Kunde hat es nicht erlaubt
error-permission-revoked = Der Kunde hat die Erlaubnis zurückgezogen
error-consent-too-soon = Der Kunde hat es nicht erlaubt
error-code-malformed = Das ist kein Code und kein Link. Ein Code hat sechs bis neun Ziffern
error-code-unknown = Unter diesem Code wartet keine Sitzung. Prüfen Sie die Ziffern
error-code-expired = Dieser Code ist abgelaufen. Bitten Sie Ihren Techniker um einen neuen
error-code-used = Dieser Code wurde schon benutzt. Bitten Sie Ihren Techniker um einen neuen
error-code-too-many-guesses = Zu viele falsche Codes. Warten Sie einige Minuten
error-code-proof-of-work = Es wurden viele falsche Codes versucht. Ihr Computer muss erst etwas rechnen
error-session-unknown = Diese Sitzung gibt es nicht
error-session-refused-transition = Die Sitzung lässt das jetzt nicht zu
error-session-ended = Die Sitzung ist beendet
error-session-maximum-reached = Sie haben so viele offene Sitzungen wie erlaubt. Schließen Sie zuerst eine
error-session-not-lead = Das darf nur der leitende Techniker
error-session-not-eligible = Das dürfen Sie in dieser Sitzung nicht
error-session-not-participant = Sie nehmen an dieser Sitzung nicht teil
error-session-no-technician = Im Moment ist kein Techniker verfügbar
error-ticket-invalid = Das Ticket dieser Sitzung gilt hier nicht
error-ticket-expired = Das Ticket wurde nicht rechtzeitig benutzt. Starten Sie die Sitzung neu
error-ticket-foreign = Das Ticket gehört zu einer anderen Sitzung
error-relay-refused = Das Relais hat diesen Computer nicht zugelassen
error-link-unreachable = Der andere Computer ist nicht erreichbar
error-link-lost = Die Verbindung ist abgerissen
error-link-incompatible = Die andere Seite hat eine andere Version von Farhand
error-link-protocol-violation = Die andere Seite hat Unsinn gesendet. Die Verbindung wurde geschlossen
error-gateway-unreachable = Das Gateway ist nicht erreichbar. Prüfen Sie Adresse und Netz
error-gateway-untrusted = Das Gateway ist nicht das, das es sein sollte. Es wurde ihm nichts gesendet
error-gateway-trust-needed = Dieses Gateway hat ein eigenes Zertifikat. Geben Sie den Vertrauenswert ein, den es ausgegeben hat
error-gateway-stopping = Das Gateway wird beendet
error-mail-refused = Der Mailserver hat die Nachricht nicht angenommen: { $detail }
error-mail-failed = Die Nachricht wurde nicht gesendet: { $detail }
error-version-too-old = Dieses Programm ist zu alt für das Gateway. Installieren Sie die neue Version
error-request-malformed = Das Gateway hat die Anfrage nicht verstanden
error-request-too-large = Das ist größer als erlaubt
error-request-not-found = Das Gateway hat das nicht
error-request-unsupported = Die andere Seite kennt diese Funktion nicht
error-request-too-many = Zu viele Anfragen. Warten Sie einen Moment
error-screen-wayland-unsupported = Der Bildschirm kann nicht gezeigt werden, weil dieser Desktop Wayland benutzt. Chat und Dateien gehen; für den Bildschirm melden Sie sich in einer X11-Sitzung an
error-screen-unavailable = Der Bildschirm kann nicht gezeigt werden
error-screen-locked = Der Bildschirm ist gesperrt
error-input-unavailable = Maus und Tastatur lassen sich auf diesem Desktop nicht steuern
error-input-own-window = Das Farhand-Fenster lässt sich nicht aus der Ferne steuern
error-input-stop-key = Die Stopptaste lässt sich nicht aus der Ferne drücken
error-input-unguarded = Die Stopptaste dieses Geräts wird gerade nicht gehört, deshalb lässt es sich nicht steuern
error-input-priority = Der Kunde benutzt gerade Maus oder Tastatur und hat Vorrang; gleich noch einmal versuchen
error-input-off-screen = Die Stelle liegt außerhalb des Bildschirms des Kunden
error-applet-not-running = Es läuft kein Applet
error-doctor-checks-failed = Eine Prüfung dieses Rechners ist fehlgeschlagen
error-storage-failed = Eine Datei ließ sich nicht lesen oder schreiben: { $detail }
error-internal-error = Im Innern ist etwas schiefgegangen. Das Protokoll sagt mehr
