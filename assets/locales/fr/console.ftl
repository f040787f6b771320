### Mots de la console.

app-name = Farhand

## Connexion

sign-in-subtitle = Console du technicien
sign-in-gateway = Adresse de la passerelle
sign-in-trust = Valeur de confiance
sign-in-trust-help = La valeur que votre passerelle a affichée à son installation. Elle prouve que c’est bien votre passerelle et aucune autre
sign-in-trust-malformed = Ce n’est pas une valeur de confiance. Copiez tout ce que la passerelle a affiché : 52 lettres et chiffres
sign-in-email = E-mail
sign-in-password = Mot de passe
sign-in-password-show = Montrer le mot de passe
sign-in-password-hide = Cacher le mot de passe
sign-in-stay = Rester connecté
sign-in-own-certificate = La passerelle a son propre certificat
sign-in-button = Se connecter
sign-in-waiting = { $gateway } vérifie votre connexion
sign-in-waiting-remembered = Connexion avec l’identification conservée
sign-in-signed-out = Vous êtes déconnecté
sign-in-signed-out-here = Vous êtes déconnecté ici, mais la passerelle n’a pas appris que c’était partout. { $why }
sign-in-try-again = Réessayer
sign-in-token-alone = FARHAND_TOKEN est défini, mais rien ne dit pour quelle passerelle. Définissez aussi FARHAND_GATEWAY
sign-in-kept-elsewhere = Le trousseau du système n’est pas utilisable. L’identification est gardée dans un fichier que vous seul pouvez lire : { $place }

## En-tête et bandeaux

header-theme-light = Thème clair
header-theme-dark = Thème sombre
account-password = Changer le mot de passe…
account-sign-out = Se déconnecter
account-sign-out-everywhere = Se déconnecter partout
banner-retry = Prochain essai dans { $time }
banner-trying = Nouvel essai en cours

## Barre d’outils

toolbar-new-session = Nouvelle session…
toolbar-start = Démarrer
toolbar-hold = Suspendre
toolbar-resume = Reprendre
toolbar-close = Fermer la session…
toolbar-session = pour { $name }

## Pourquoi quelque chose n’est pas possible

refusal-nothing-selected = Choisissez d’abord une session dans la liste
refusal-code-only = Le client n’a pas encore utilisé le code
refusal-connecting = Le client démarre encore l’applet
refusal-already-active = La session est déjà active
refusal-not-active = La session n’est pas active
refusal-not-on-hold = La session n’est pas suspendue
refusal-away = L’ordinateur du client est injoignable en ce moment
refusal-over = La session est terminée
refusal-not-lead = Un autre technicien est responsable de cette session
refusal-permission = Votre groupe n’a pas le droit « { $permission } »
refusal-too-many-tabs = Dix sessions sont ouvertes. Fermez d’abord un onglet
refusal-maximum = Vous avez autant de sessions actives que permis
refusal-no-gateway = La passerelle est injoignable

## Liste des sessions

list-kind = Quelles sessions
list-mine = Les miennes { $count }
list-queue = File { $count }
list-filter = Filtrer les sessions
list-width = Largeur de la liste des sessions
list-fold = Replier la liste des sessions
list-unfold = Afficher la liste des sessions
list-column-name = Nom
list-column-status = État
list-column-time = Durée
list-column-technician = Technicien
list-column-platform = Système
list-column-device = Appareil
list-code = PIN
list-code-left = encore { $time }
list-code-expired = PIN expiré
list-nameless = Sans nom
list-loading = Chargement des sessions
list-loading-text = La liste est demandée à la passerelle
list-no-match = Aucune session ne correspond
list-no-match-text = Effacez le filtre pour voir toutes les sessions
list-empty-mine = Aucune session
list-empty-mine-text = Créez une session et donnez son PIN au client
list-empty-queue = Personne n’attend
list-empty-queue-text = Les clients qui attendent un technicien apparaissent ici
dialog-close = Fermer la boîte de dialogue

## Espace de travail

work-empty = Aucune session n’est ouverte
work-empty-text = Ouvrez une session de la liste par un double clic, ou créez-en une
session-desktop = Bureau
session-chat-width = Largeur de la discussion
session-chat-height = Hauteur de la discussion
session-close-tab = Fermer l’onglet
session-close-tab-of = Fermer l’onglet de { $name }
session-ended-text = L’accès à l’ordinateur du client a pris fin
session-link-ended = La liaison a pris fin
session-connect-again = Se reconnecter

## Discussion

chat-title = Discussion
chat-place = Emplacement de la discussion
chat-place-leading = Avant le bureau
chat-place-trailing = Après le bureau
chat-place-below = Sous le bureau
chat-place-window = Dans sa propre fenêtre
chat-empty = Rien n’a encore été dit
chat-reply = Répondre
chat-hint = Écrire à { $name }
chat-send = Envoyer
chat-customer = Client
chat-system = Farhand
chat-closed-over = La conversation est terminée
chat-closed-state = La discussion est ouverte tant que la session est en attente ou active
chat-closed-link = La discussion s’ouvre dès que la liaison est établie
capability-list-more = { $names } et { $count } autres
event-status = La session est maintenant : { $status }
event-consent-asked = { $who } a demandé : { $what }
event-consent-allowed = { $who } a autorisé : { $what }
event-consent-in-advance = Autorisé d’avance sur l’ordinateur du client : { $what }
event-consent-refused = { $who } n’a pas autorisé : { $what }
event-consent-timed-out = { $who } n’a pas répondu à temps : { $what }
event-consent-withdrawn = Une demande n’est plus en attente : { $what }
event-consent-revoked = { $who } a retiré tous les accès
event-view-started = { $who } voit l’écran
event-view-ended = { $who } ne voit plus l’écran
event-control-started = { $who } commande la souris et le clavier
event-control-ended = { $who } ne commande plus la souris et le clavier
event-link-up = { $who } est connecté
event-link-down = { $who } n’est plus connecté

## Créer une session

new-session-title = Créer une session
new-session-name = Nom du client
new-session-name-help = Affiché dans la liste et l’onglet ; peut rester vide
new-session-auto-start = Démarrer automatiquement à l’arrivée du client
new-session-create = Créer
new-session-creating = La passerelle prépare un code
new-session-way = Comment le client reçoit le code
new-session-pin = PIN
new-session-link = Lien
new-session-email = E-mail
new-session-address = On peut aussi le saisir sur { $address }
new-session-left = Valable encore { $time }
new-session-joined = Le client est arrivé
new-session-expired = Le code a expiré. Créez une nouvelle session
new-session-elsewhere = Ce PIN a été affiché là où la session a été créée. Fermez la session et créez-en une nouvelle
new-session-copy-pin = Copier le PIN
new-session-pin-copied = PIN copié
new-session-copy-link = Copier le lien
new-session-link-copied = Lien copié
new-session-qr = Code QR du lien
new-session-mail-subject = Objet
new-session-mail-text = Message
new-session-mail-sender = Qui envoie le message
new-session-mail-program = Envoyer avec la messagerie par défaut de cet ordinateur
new-session-mail-gateway = Faire envoyer par la passerelle
new-session-mail-to = À
new-session-mail-to-help = Une adresse e-mail
new-session-mail-to-wrong = Ce n’est pas une adresse e-mail unique, comme nom@entreprise.example
new-session-mail-send = Envoyer le lien
new-session-mail-sending = La passerelle envoie le message
new-session-mail-sent = Envoyé à { $address }
new-session-mail-copy = Copier le message
new-session-mail-copied = Message copié
new-session-mail-failed = Aucune messagerie ne s’est ouverte. Copiez le message et envoyez-le vous-même

## Bureau

desktop-picture = Bureau de { $name }
desktop-view = Voir
desktop-control = Commander
desktop-zoom = Taille de l’image
desktop-fit = Ajuster
desktop-fit-help = En entier et nette : elle grandit par multiples entiers
desktop-stretch = Étirer
desktop-stretch-help = En entier, aussi grande que la place le permet
desktop-actual = 1:1
desktop-actual-help = Un pixel là-bas est un pixel ici
desktop-percent = { $value } %
desktop-zoom-in = Agrandir l’image
desktop-zoom-out = Réduire l’image
desktop-full-screen = Plein écran
desktop-send-keys = Envoyer des touches
desktop-monitors = Écrans
desktop-monitors-all = Tous les écrans
desktop-monitor = { $name } · { $size } · { $scale }
desktop-quality = Qualité
desktop-quality-named = Qualité : { $name }
desktop-quality-automatic = Automatique
desktop-quality-automatic-help = Aussi bonne que la liaison le permet
desktop-quality-low = Bas débit
desktop-quality-low-help = Pour une liaison dont d’autres ont aussi besoin : au plus 1 Mbit/s et 15 images par seconde
desktop-quality-very-low = Très bas débit
desktop-quality-very-low-help = Pour une liaison faible : au plus 128 kbit/s et 5 images par seconde. Les grands changements sont d’abord grossiers, puis exacts, à partir du pointeur
desktop-quality-modem = Modem
desktop-quality-modem-help = Pour les liaisons les plus faibles : au plus 28 kbit/s et 2 images par seconde. Les grands changements sont d’abord grossiers, puis exacts, à partir du pointeur
desktop-keyboard = Clavier
desktop-keyboard-here = Disposition d’ici
desktop-keyboard-there = Disposition de là-bas
desktop-refresh = Rafraîchir l’image
desktop-more = Autres outils
desktop-not-viewing = Affichez d’abord l’écran
desktop-not-controlling = Prenez d’abord la commande
desktop-no-link = La liaison avec le client n’est pas encore établie
desktop-asking-short = La question est posée au client
desktop-asking = En attente de l’accord de { $name } pour : { $what }
desktop-asking-unnamed = En attente de la réponse de { $name }
desktop-refused = { $name } n’a pas autorisé : { $what }
desktop-refused-unnamed = { $name } n’a pas autorisé ce qui était demandé
desktop-timed-out = { $name } n’a pas répondu à temps : { $what }
desktop-timed-out-unnamed = { $name } n’a pas répondu à temps
desktop-wait = À nouveau dans { $time }
desktop-ask-again = Redemander
desktop-ask-again-in = Redemander dans { $time }
desktop-stopped = { $name } a coupé tous les accès. La session reste ouverte
desktop-stalled = L’ordinateur du client ne répond plus
desktop-stalled-text = Dernier signe à { $time } ; la liaison est conservée, et l’image reprend quand il répond
kiosk-waiting = La session s’ouvre dès que le client est là
desktop-ended = La liaison a pris fin
desktop-on-hold = La session est suspendue
desktop-on-hold-text = Reprenez-la pour revoir l’écran
desktop-opening = Ouverture de la session
desktop-opening-text = La passerelle doit émettre un ticket
desktop-connecting = Connexion à l’ordinateur du client
desktop-connecting-text = Cela prend d’habitude quelques secondes
console-link-ticket = La passerelle doit émettre un ticket
console-link-dialling = L’ordinateur du client doit répondre
console-link-welcome = L’ordinateur du client vérifie le ticket
desktop-locked = L’écran du client est verrouillé
desktop-locked-text = L’image revient quand le client le déverrouille
desktop-unavailable = L’écran ne peut pas être montré
desktop-waiting-picture = En attente de l’image
desktop-waiting-picture-text = L’ordinateur du client envoie la première image
desktop-not-seen = Vous ne voyez pas cet écran
desktop-not-seen-text = Choisissez Voir ou Commander. Le client est interrogé s’il ne l’a pas déjà permis
full-screen-leave = Quitter le plein écran
full-screen-keys-all = Chaque touche va au client, Alt+Tab et Super aussi. { $keys } reprend le clavier
full-screen-keys-most = Les touches vont au client, sauf celles que garde votre bureau, comme Alt+Tab. { $keys } reprend le clavier
full-screen-keys-none = Le clavier est ici. Cliquez dans l’image pour l’utiliser là-bas

## Touches à envoyer

keys-ctrl-alt-delete = Ctrl+Alt+Suppr
keys-ctrl-shift-escape = Ctrl+Maj+Échap
keys-alt-tab = Alt+Tab
keys-alt-f4 = Alt+F4
keys-super = Super
keys-super-l = Super+L
keys-print-screen = Impr. écran
keys-f1 = F1
keys-f11 = F11
keys-ctrl-alt-f1 = Ctrl+Alt+F1

## Bande d’état

strip-path = Chemin
strip-direct = Direct
strip-relayed = Relayé
strip-unknown = Connecté
strip-silent = Aucun signe
strip-no-link = Non connecté
strip-round-trip = Jusqu’à l’ordinateur du client et retour
strip-round-trip-value = Aller-retour { $value } ms
strip-latency-value = Délai { $value } ms
strip-millis = { $value } ms
strip-seconds = { $value } s
strip-rate = Données d’image
strip-kilobits = { $value } kbit/s
strip-megabits = { $value } Mbit/s
strip-updates = Images par seconde
strip-per-second = { $value } images/s
strip-latency = De leur écran à celui-ci
strip-exact-opens = Exactitude ; s’ouvre sur le détail du délai
latency-none = Aucune image n’a encore été chronométrée
latency-capture = Lire leur écran
latency-compare = Trouver ce qui a changé
latency-encode = Coder
latency-network = Réseau
latency-decode = Décoder
latency-present = Afficher ici
latency-total = En tout
latency-clock = Décalage des horloges { $offset } ± { $error }
latency-clock-help = L’avance de leur horloge sur celle-ci. Chacune compte depuis le lancement de son programme. Ce qui est faux ici l’est dans la part du réseau
strip-exact-yes = Exact
strip-exact-no = Affinage
strip-sas = Numéro de contrôle { $code }
strip-sas-help = La fenêtre du client montre le même numéro. Si vous lisez tous deux le même au téléphone, personne n’est entre vous

## Réglages

settings-title = Réglages
settings-theme = Thème
settings-theme-system = Comme le système
settings-theme-light = Clair
settings-theme-dark = Sombre
settings-language = Langue
settings-language-system = Comme le système
settings-language-pseudo = Pseudo-langue pour les tests
settings-attention = Quand un client attend ou écrit
settings-sounds = Jouer un son
settings-notifications = Afficher une notification
settings-keyboard = Clavier des nouvelles sessions
settings-keyboard-help = « Disposition d’ici » écrit ce que votre clavier écrit. « Disposition de là-bas » presse les mêmes touches sur le clavier du client

## Changer le mot de passe

password-title = Changer le mot de passe
password-current = Mot de passe actuel
password-new = Nouveau mot de passe
password-again = Nouveau mot de passe, encore une fois
password-new-short = Au moins dix caractères
password-again-different = Les deux ne sont pas identiques
password-help = Vous serez déconnecté partout ailleurs
password-change = Changer
password-asking = La passerelle change le mot de passe
password-changed = Le mot de passe a été changé

## Raccourcis

shortcuts-title = Raccourcis
shortcut-next-tab = Onglet suivant
shortcut-previous-tab = Onglet précédent
shortcut-close-tab = Fermer l’onglet
shortcut-mine = Afficher mes sessions
shortcut-queue = Afficher la file
shortcut-fold-list = Liste des sessions
shortcut-release = Reprendre le clavier au bureau du client
shortcut-next-monitor = Écran suivant, après le dernier tous
shortcut-send-ctrl-alt-delete = Envoyer Ctrl+Alt+Suppr
shortcut-keyboard = Disposition du clavier d’ici ou de là-bas
shortcut-theme = Thème clair ou sombre
shortcut-reply = Écrire une réponse
shortcut-help = Raccourcis

## Attention

call-waiting = { $name } attend
call-message = { $name } a écrit
note-message = { $name } : { $text }

## Palette de commandes

palette-title = Commandes
palette-field = Que voulez-vous faire ?
palette-nothing = Aucune commande n’a ces lettres
palette-tab = Aller à { $name }
palette-zoom = Taille de l’image : { $size }
palette-monitor = Écran : { $name }
palette-chat = Discussion : { $place }
palette-sort = Trier les sessions : { $column }
palette-send-keys = Envoyer les touches : { $keys }
palette-theme-system = Thème du système
palette-quit = Quitter Farhand

## Questions avant ce qui ne peut être annulé

confirm-customer = Le client
confirm-close-title = Fermer la session ?
confirm-close-text = { $name } apprend que la session est terminée. Tout accès à son ordinateur prend fin, et la session ne peut être rouverte
confirm-close-button = Fermer la session
confirm-code-title = Retirer le code ?
confirm-code-text = Le PIN et le lien de { $name } ne fonctionnent plus, et la session quitte la liste
confirm-code-button = Retirer le code
confirm-tab-title = Fermer l’onglet ?
confirm-tab-text = { $name } : vous ne voyez ni ne contrôlez plus cet ordinateur. La session reste ouverte ; vous la trouvez sous « Les miennes » et pouvez la rouvrir
confirm-tab-button = Fermer l’onglet
confirm-quit-title = Quitter Farhand ?
confirm-quit-text = { $count ->
    [one] Une session est encore ouverte. En quittant, vous ne voyez ni ne contrôlez plus cet ordinateur ; la session reste ouverte jusqu’à ce que vous ou le client la fermiez
   *[other] { $count } sessions sont encore ouvertes. En quittant, vous ne voyez ni ne contrôlez plus ces ordinateurs ; les sessions restent ouvertes jusqu’à ce que vous ou les clients les fermiez
}
confirm-quit-button = Quitter
confirm-sign-out-title = Se déconnecter ?
confirm-sign-out-text = { $count ->
    [one] Une session est encore ouverte. En vous déconnectant, vous ne voyez ni ne contrôlez plus cet ordinateur ; la session reste ouverte jusqu’à ce que vous ou le client la fermiez
   *[other] { $count } sessions sont encore ouvertes. En vous déconnectant, vous ne voyez ni ne contrôlez plus ces ordinateurs ; les sessions restent ouvertes jusqu’à ce que vous ou les clients les fermiez
}
