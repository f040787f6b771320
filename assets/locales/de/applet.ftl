### Wörter des Kunden-Applets.

applet-window-title = Farhand
applet-header-name = Hilfe
applet-banner-gateway = Die Leitung zum Hilfe-Server ist unterbrochen. Was begonnen ist, läuft weiter; sie kommt von selbst wieder
applet-banner-dismiss = Ausblenden
applet-progress-gateway = Der Hilfe-Server prüft den Code…

applet-code-title = Geben Sie den Code Ihres Technikers ein
applet-code-label = Code
applet-code-help = Sechs bis neun Ziffern, oder fügen Sie den erhaltenen Link ein
applet-code-shape = Ein Code hat sechs bis neun Ziffern und keine Buchstaben, etwa 427 901 358. Ein Link wird ganz eingefügt
applet-code-incomplete = Geben Sie zuerst alle Ziffern des Codes ein
applet-code-no-gateway = Geben Sie zuerst die Adresse des Hilfe-Servers ein
applet-code-connect = Verbinden
applet-code-connection = Verbindung
applet-code-gateway = Adresse des Hilfe-Servers
applet-code-gateway-help = Zum Beispiel https://support.example.org
applet-code-trust = Vertrauenswert
applet-code-trust-help = Nur für einen Server mit eigenem Zertifikat. Ihr Techniker kann ihn Ihnen vorlesen
applet-code-safety = Niemand sieht Ihren Bildschirm, bevor Sie es erlauben

applet-terms-title = Bevor wir anfangen
applet-terms-accept = Zustimmen
applet-terms-decline = Ablehnen und gehen
applet-terms-scroll = Lesen Sie zuerst bis zum Ende

applet-waiting-title = Warten auf { $name }
applet-waiting-text = Ihr Techniker ist bald bei Ihnen. Bitte lassen Sie dieses Fenster offen
applet-waiting-minutes = Noch etwa { $minutes ->
    [one] eine Minute
   *[other] { $minutes } Minuten
}
applet-waiting-advance = Auf diesem Computer im Voraus erlaubt: { $what }

applet-consent-who = { $name }, { $organisation }, möchte
applet-consent-also = Außerdem: { $what }
applet-consent-allow = Erlauben
applet-consent-view-only = Nur meinen Bildschirm zeigen
applet-consent-read-first = Lesen Sie zuerst die Frage
applet-consent-read-all = Lesen Sie zuerst alles, worum gebeten wird
applet-consent-below = Weiter unten steht mehr
applet-consent-refuse = Nicht erlauben
applet-consent-until = Ohne Antwort gilt in weniger als { $seconds } s „Nicht erlauben“

applet-session-with = Sie sprechen mit { $name }, { $organisation }
applet-session-hold = { $name }, { $organisation }, ist gleich wieder da
applet-session-apart = { $name }, { $organisation }, ist gerade nicht verbunden
applet-session-nothing = Niemand sieht Ihren Bildschirm
applet-session-sees = Sieht Ihren Bildschirm
applet-session-controls = Sieht Ihren Bildschirm und benutzt Maus und Tastatur
applet-session-may = Erlaubt: { $what }
applet-session-sas = { $count ->
    [one] Prüfzahl { $digits }: Ihr Techniker sieht dieselbe
   *[other] Prüfzahlen { $digits }: jedes Programm Ihres Technikers zeigt eine davon
}
applet-session-locked = Ihr Bildschirm ist gesperrt. Der Techniker sieht nichts, bis Sie ihn entsperren
applet-session-conversation = Gespräch
applet-session-message = Nachricht
applet-session-message-hint = Schreiben Sie eine Nachricht
applet-session-message-hint-hold = Wird nach der Pause gelesen
applet-session-send = Senden
applet-session-kept = Nachrichten werden von { $organisation } aufbewahrt
applet-session-stop = STOPP
applet-session-stop-nothing = Im Moment ist nichts erlaubt
applet-session-stop-tip = Nimmt alles zurück, was Sie erlaubt haben. Pause/Untbr oder Strg+Alt+Umschalt+X tut es von überall
applet-session-stop-tip-no-key = Nimmt alles zurück, was Sie erlaubt haben
applet-session-unguarded = Die Pause-Taste wird gerade nicht gehört, deshalb kann niemand Maus und Tastatur benutzen. STOPP in diesem Fenster wirkt weiterhin.
applet-session-you = Sie
applet-session-end = Sitzung beenden…
applet-session-end-sure = Die Sitzung mit Ihrem Techniker beenden?
applet-session-end-yes = Sitzung beenden
applet-session-end-no = Offen lassen

applet-may-control = sehen und steuern
applet-may-control-only = Maus und Tastatur steuern
applet-may-view = Bildschirm sehen
applet-may-files = Dateien
applet-may-restart = Neustart
applet-may-commands = Skripte und Befehle
applet-may-system = Programme und Dienste
applet-may-sign-in = Anmeldung als Administrator
applet-may-record = Aufzeichnung
applet-may-lock-out = Bildschirm sperren und verdunkeln
applet-may-clipboard = Zwischenablage
applet-may-sound = Ton und Sprache
applet-may-web = Webseiten
applet-may-details = Angaben zu diesem Computer
applet-may-draw = zeichnen und zeigen
applet-may-chat = Chat
applet-may-more = { $what } und { $count } weitere

applet-bar-title = Farhand zeigt diesen Bildschirm
applet-bar-sees = { $name }, { $organisation }, sieht Ihren Bildschirm{ $others ->
    [0] {""}
   *[other] {" "}(+{ $others })
}
applet-bar-controls = { $name }, { $organisation }, steuert Ihren Computer{ $others ->
    [0] {""}
   *[other] {" "}(+{ $others })
}

applet-end-title = Die Sitzung ist beendet
applet-end-access-gone = Niemand hat mehr Zugriff auf diesen Computer
applet-end-done = Was getan wurde
applet-end-nothing = Auf diesem Computer wurde nichts getan
applet-end-receipt = Beleg speichern
applet-end-saved = Gespeichert als { $path }
applet-end-close = Schließen
applet-end-unsaved = Der Beleg dieser Sitzung ist noch nicht gespeichert
applet-end-close-unsaved = Ohne Beleg schließen

applet-receipt-title = Beleg Ihrer Support-Sitzung { $number }
applet-receipt-organisation = Organisation: { $organisation }
applet-receipt-technician = Techniker: { $name }
applet-receipt-times = Die Zeiten sind die dieses Computers, mit ihrem Abstand von UTC
applet-receipt-left-out = { $count } frühere Zeilen fehlen hier; die Kette enthält sie
applet-receipt-chain = Zum Nachprüfen: dasselbe, wie es aufgezeichnet wurde, Zeile für Zeile

applet-log-consent-in-advance = Im Voraus erlaubt: { $what }
applet-log-consent-asked = { $name } hat gefragt: { $what }
applet-log-consent-allowed = Sie haben { $name } erlaubt: { $what }
applet-log-consent-allowed-in-advance = Im Voraus erlaubt für { $name }: { $what }
applet-log-consent-refused = Sie haben { $name } nicht erlaubt: { $what }
applet-log-consent-timed-out = Keine Antwort, also nicht erlaubt: { $what }
applet-log-consent-withdrawn = { $name } fragt nicht mehr nach: { $what }
applet-log-grant-revoked = Alles wurde zurückgenommen
applet-log-view-started = { $name } sieht Ihren Bildschirm
applet-log-view-ended = { $name } sieht Ihren Bildschirm nicht mehr
applet-log-control-started = { $name } benutzt Maus und Tastatur
applet-log-control-ended = { $name } benutzt Maus und Tastatur nicht mehr
applet-log-terms-accepted = Sie haben den Bedingungen zugestimmt
applet-log-terms-declined = Sie haben die Bedingungen abgelehnt
applet-log-session-ended-here = Sie haben die Sitzung beendet
applet-log-link-up = { $name } ist verbunden
applet-log-link-down = { $name } ist nicht verbunden
applet-log-link-slowed = { $name } hat mehr gesendet als erlaubt und wurde gebremst
applet-log-stop-key-unavailable = Die Pause-Taste wird nicht gehört; Maus und Tastatur gehören nur Ihnen
applet-log-stop-key-heard = Die Pause-Taste wird wieder gehört
applet-log-refused = { $name } hat etwas versucht, das gerade nicht erlaubt ist; es ist nichts geschehen
applet-log-refused-control = { $name } wollte Maus und Tastatur benutzen. Das ist gerade nicht erlaubt, es ist nichts geschehen
applet-log-refused-view = { $name } wollte Ihren Bildschirm sehen. Das ist gerade nicht erlaubt, es ist nichts geschehen
applet-log-refused-what = { $name } hat etwas versucht, das gerade nicht erlaubt ist; es ist nichts geschehen: { $what }
applet-log-refused-question = { $name } wollte Sie um etwas bitten. Sie wurden nicht gefragt, es ist nichts geschehen
applet-log-refused-own-window = { $name } wollte dieses Fenster bedienen. Das können nur Sie, es ist nichts geschehen
applet-log-refused-priority = { $name } wollte Maus und Tastatur benutzen, während Sie es taten. Ihre Hände gingen vor
applet-log-refused-stop-key = { $name } hat die Stopptaste gedrückt. Das können nur Sie, es ist nichts geschehen
applet-log-refused-late = Eine frühere Verbindung eines Technikers gilt nicht mehr und wurde abgewiesen
applet-log-refused-stranger = Jemand, der nicht zu dieser Sitzung gehört, wollte sich verbinden und wurde abgewiesen
applet-log-refused-repeated = Dasselbe wurde noch einmal versucht; auch dann ist nichts geschehen
applet-log-said = { $name }: { $text }
