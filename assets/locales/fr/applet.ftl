### Mots de l’applet du client.

applet-window-title = Farhand
applet-header-name = Assistance
applet-banner-gateway = La ligne vers le serveur d’assistance est coupée. Ce qui est commencé continue ; elle revient d’elle-même
applet-banner-dismiss = Masquer
applet-progress-gateway = Vérification du code auprès du serveur d’assistance…

applet-code-title = Entrez le code que votre technicien vous a donné
applet-code-label = Code
applet-code-help = Six à neuf chiffres, ou collez le lien que vous avez reçu
applet-code-shape = Un code a six à neuf chiffres et aucune lettre, par exemple 427 901 358. Un lien se colle en entier
applet-code-incomplete = Entrez d’abord tous les chiffres du code
applet-code-no-gateway = Entrez d’abord l’adresse du serveur d’assistance
applet-code-connect = Se connecter
applet-code-connection = Connexion
applet-code-gateway = Adresse du serveur d’assistance
applet-code-gateway-help = Par exemple https://support.example.org
applet-code-trust = Valeur de confiance
applet-code-trust-help = Seulement pour un serveur avec son propre certificat. Votre technicien peut vous la lire
applet-code-safety = Personne ne voit votre écran sans votre accord

applet-terms-title = Avant de commencer
applet-terms-accept = Accepter
applet-terms-decline = Refuser et quitter
applet-terms-scroll = Lisez d’abord jusqu’à la fin

applet-waiting-title = En attente de { $name }
applet-waiting-text = Votre technicien arrive bientôt. Gardez cette fenêtre ouverte, s’il vous plaît
applet-waiting-minutes = Encore environ { $minutes ->
    [one] une minute
   *[other] { $minutes } minutes
}
applet-waiting-advance = Autorisé d’avance sur cet ordinateur : { $what }

applet-consent-who = { $name }, { $organisation }, demande à
applet-consent-also = De plus : { $what }
applet-consent-allow = Autoriser
applet-consent-view-only = Montrer seulement mon écran
applet-consent-read-first = Lisez d’abord la question
applet-consent-read-all = Lisez d’abord tout ce qui est demandé
applet-consent-below = La suite est plus bas
applet-consent-refuse = Ne pas autoriser
applet-consent-until = Sans réponse, cela vaut « Ne pas autoriser » dans moins de { $seconds } s

applet-session-with = Vous parlez avec { $name }, { $organisation }
applet-session-hold = { $name }, { $organisation }, revient dans un instant
applet-session-apart = { $name }, { $organisation }, n’est pas connecté pour l’instant
applet-session-nothing = Personne ne voit votre écran
applet-session-sees = Voit votre écran
applet-session-controls = Voit votre écran et utilise la souris et le clavier
applet-session-may = Autorisé : { $what }
applet-session-sas = { $count ->
    [one] Numéro de contrôle { $digits } : votre technicien voit le même
   *[other] Numéros de contrôle { $digits } : chaque programme de votre technicien en affiche un
}
applet-session-locked = Votre écran est verrouillé. Le technicien ne voit rien tant que vous ne le déverrouillez pas
applet-session-conversation = Conversation
applet-session-message = Message
applet-session-message-hint = Écrivez un message
applet-session-message-hint-hold = Lu au retour du technicien
applet-session-send = Envoyer
applet-session-kept = Les messages sont conservés par { $organisation }
applet-session-stop = STOP
applet-session-stop-nothing = Rien n’est autorisé en ce moment
applet-session-stop-tip = Retire tout ce que vous avez autorisé. Pause/Attn ou Ctrl+Alt+Maj+X fait de même partout
applet-session-stop-tip-no-key = Retire tout ce que vous avez autorisé
applet-session-unguarded = La touche Pause n’est pas entendue pour le moment : personne ne peut utiliser votre souris ni votre clavier. STOP dans cette fenêtre fonctionne toujours.
applet-session-you = Vous
applet-session-end = Terminer la session…
applet-session-end-sure = Terminer la session avec votre technicien ?
applet-session-end-yes = Terminer la session
applet-session-end-no = La garder ouverte

applet-may-control = voir et contrôler
applet-may-control-only = contrôler la souris et le clavier
applet-may-view = voir votre écran
applet-may-files = fichiers
applet-may-restart = redémarrage
applet-may-commands = scripts et commandes
applet-may-system = programmes et services
applet-may-sign-in = connexion d’administrateur
applet-may-record = enregistrement
applet-may-lock-out = verrouiller et assombrir l’écran
applet-may-clipboard = presse-papiers
applet-may-sound = son et voix
applet-may-web = pages web
applet-may-details = détails de cet ordinateur
applet-may-draw = dessiner et montrer
applet-may-chat = discussion
applet-may-more = { $what } et { $count } autres

applet-bar-title = Farhand partage cet écran
applet-bar-sees = { $name }, { $organisation }, voit votre écran{ $others ->
    [0] {""}
   *[other] {" "}(+{ $others })
}
applet-bar-controls = { $name }, { $organisation }, commande votre ordinateur{ $others ->
    [0] {""}
   *[other] {" "}(+{ $others })
}

applet-end-title = La session est terminée
applet-end-access-gone = Plus personne n’a accès à cet ordinateur
applet-end-done = Ce qui a été fait
applet-end-nothing = Rien n’a été fait sur cet ordinateur
applet-end-receipt = Enregistrer le reçu
applet-end-saved = Enregistré sous { $path }
applet-end-close = Fermer
applet-end-unsaved = Le reçu de cette session n’est pas encore enregistré
applet-end-close-unsaved = Fermer sans le reçu

applet-receipt-title = Reçu de votre séance d’assistance { $number }
applet-receipt-organisation = Organisation : { $organisation }
applet-receipt-technician = Technicien : { $name }
applet-receipt-times = Les heures sont celles de cet ordinateur, avec leur écart à UTC
applet-receipt-left-out = { $count } lignes plus anciennes manquent ici ; la chaîne les contient
applet-receipt-chain = Pour vérifier : la même chose telle qu’enregistrée, ligne par ligne

applet-log-consent-in-advance = Autorisé d’avance : { $what }
applet-log-consent-asked = { $name } a demandé : { $what }
applet-log-consent-allowed = Vous avez autorisé { $name } : { $what }
applet-log-consent-allowed-in-advance = Autorisé d’avance pour { $name } : { $what }
applet-log-consent-refused = Vous n’avez pas autorisé { $name } : { $what }
applet-log-consent-timed-out = Sans réponse, donc non autorisé : { $what }
applet-log-consent-withdrawn = { $name } ne demande plus : { $what }
applet-log-grant-revoked = Tout a été retiré
applet-log-view-started = { $name } voit votre écran
applet-log-view-ended = { $name } ne voit plus votre écran
applet-log-control-started = { $name } utilise la souris et le clavier
applet-log-control-ended = { $name } n’utilise plus la souris et le clavier
applet-log-terms-accepted = Vous avez accepté les conditions
applet-log-terms-declined = Vous avez refusé les conditions
applet-log-session-ended-here = Vous avez terminé la session
applet-log-link-up = { $name } est connecté
applet-log-link-down = { $name } n’est pas connecté
applet-log-link-slowed = { $name } a envoyé plus que permis et a été ralenti
applet-log-stop-key-unavailable = La touche Pause n’est pas entendue ; souris et clavier ne sont qu’à vous
applet-log-stop-key-heard = La touche Pause est de nouveau entendue
applet-log-refused = { $name } a tenté quelque chose qui n’est pas autorisé en ce moment ; rien ne s’est passé
applet-log-refused-control = { $name } a voulu utiliser la souris et le clavier. Ce n’est pas autorisé en ce moment, rien ne s’est passé
applet-log-refused-view = { $name } a voulu voir votre écran. Ce n’est pas autorisé en ce moment, rien ne s’est passé
applet-log-refused-what = { $name } a tenté quelque chose qui n’est pas autorisé en ce moment ; rien ne s’est passé : { $what }
applet-log-refused-question = { $name } a voulu vous demander quelque chose. La question ne vous a pas été posée, rien ne s’est passé
applet-log-refused-own-window = { $name } a voulu utiliser cette fenêtre. Vous seul le pouvez, rien ne s’est passé
applet-log-refused-priority = { $name } a voulu utiliser la souris et le clavier en même temps que vous. Les vôtres sont passés d’abord
applet-log-refused-stop-key = { $name } a appuyé sur la touche d’arrêt. Vous seul le pouvez, rien ne s’est passé
applet-log-refused-late = Une connexion antérieure d’un technicien n’est plus valable et a été refusée
applet-log-refused-stranger = Quelqu’un d’étranger à cette session a voulu se connecter et a été refusé
applet-log-refused-repeated = La même chose a été tentée de nouveau, et de nouveau rien ne s’est passé
applet-log-said = { $name } : { $text }
