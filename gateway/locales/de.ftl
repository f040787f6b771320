page-footer = Sie sind auf { $host }. Geben Sie Ihre PIN nur auf einer Seite ein, die Ihnen der Techniker genannt hat.
page-language = Sprache

pin-title = PIN eingeben
pin-heading = Geben Sie die PIN ein, die Ihnen der Techniker genannt hat
pin-label = PIN, sechs bis neun Ziffern
pin-go = Weiter
pin-next = Danach laden Sie ein kleines Programm herunter. Es fragt Sie, bevor jemand Ihren Bildschirm sieht, und entfernt sich am Ende der Sitzung selbst.

link-title = Sitzung beginnen
link-heading = Beginnen Sie Ihre Support-Sitzung
link-no-script = Dieser Link braucht JavaScript, weil sein Code Ihren Browser nie von selbst verlässt. Lassen Sie sich stattdessen die PIN geben.
link-no-script-go = PIN eingeben
link-other = Der Link funktioniert nicht?
link-other-go = Stattdessen die PIN eingeben

ready-title = Herunterladen
ready-heading = Ihre PIN ist richtig
ready-download = Für { $system } herunterladen
ready-after = Öffnen Sie das Programm, sobald es da ist. Es fragt Sie, bevor jemand Ihren Bildschirm sieht.
ready-linux = Machen Sie das Programm unter Linux zuerst ausführbar: in seinen Eigenschaften, oder in einem Terminal in seinem Ordner mit chmod +x und seinem Namen. Öffnen Sie es dann, oder geben Sie ./ und seinen Namen ein.
ready-installed = Schon installiert?
ready-open = Farhand öffnen
ready-others = Für einen anderen Computer:
ready-none = Für { $system } gibt es auf diesem Gateway kein Programm. Bitte sagen Sie es dem Techniker.
ready-none-unknown = Für diese Art von Gerät gibt es kein Programm. Öffnen Sie diese Seite auf einem Computer oder sagen Sie es dem Techniker.
ready-empty = Auf diesem Gateway gibt es noch kein Programm zum Herunterladen. Bitte sagen Sie es dem Techniker.

problem-again = PIN eingeben
problem-malformed = Eine PIN hat sechs bis neun Ziffern.
problem-unknown = Unter dieser PIN wartet keine Sitzung. Prüfen Sie die Ziffern mit dem Techniker.
problem-expired-heading = Diese PIN ist abgelaufen
problem-expired = Lassen Sie sich vom Techniker eine neue geben.
problem-used-heading = Diese PIN wird schon verwendet
problem-used = Eine PIN beginnt genau eine Sitzung. Waren Sie es nicht selbst, sagen Sie es sofort dem Techniker und lassen Sie sich eine neue geben.
problem-limited-heading = Zu viele falsche PINs
problem-limited = Aus Ihrem Netz kamen zu viele falsche PINs. Warten Sie zehn Minuten und versuchen Sie es noch einmal.
problem-proof = Gerade werden viele falsche PINs ausprobiert. Schalten Sie JavaScript ein und versuchen Sie es noch einmal, oder warten Sie ein paar Minuten.
problem-other-heading = Das hat nicht geklappt
problem-other = Das Gateway konnte die PIN nicht prüfen. Versuchen Sie es gleich noch einmal.
problem-download-heading = Kein Programm für Ihr System
problem-not-found-heading = Diese Seite gibt es nicht
problem-not-found = Vielleicht ist die Adresse unvollständig. Öffnen Sie den Link noch einmal oder geben Sie die PIN ein.

script-checking-pin = Die PIN wird geprüft…
script-checking-link = Der Link wird geprüft…
script-proving = Gerade werden viele falsche PINs ausprobiert. Ihr Browser beweist, dass Sie nicht raten; das dauert ein paar Sekunden…
script-link-heading = Dieser Link funktioniert nicht
script-unknown = Unter dieser PIN oder diesem Link wartet keine Sitzung. Prüfen Sie sie mit dem Techniker.
script-expired = Diese PIN oder dieser Link ist abgelaufen. Lassen Sie sich vom Techniker etwas Neues geben.
script-used = Diese PIN oder dieser Link wird schon verwendet. Waren Sie es nicht selbst, sagen Sie es sofort dem Techniker und lassen Sie sich etwas Neues geben.
script-link-expired = Dieser Link ist abgelaufen. Lassen Sie sich vom Techniker einen neuen Link geben.
script-link-used = Dieser Link wird schon verwendet. Waren Sie es nicht selbst, sagen Sie es sofort dem Techniker und lassen Sie sich einen neuen Link geben.
script-malformed = Eine PIN hat sechs bis neun Ziffern.
script-limited = Aus Ihrem Netz kamen zu viele falsche PINs. Warten Sie zehn Minuten und versuchen Sie es noch einmal.
script-other = Das Gateway hat nicht geantwortet. Versuchen Sie es gleich noch einmal.
