### Mots communs à la console et à l’applet.

## Boutons

button-cancel = Annuler
button-close = Fermer
button-settings = Réglages

## Durées et tailles

duration-seconds = { $seconds } s
duration-minutes = { $minutes } min
duration-hours = { $hours } h { $minutes } min
duration-days = { $days } j
size-decimal-mark = ,
size-bytes = { $value } o
size-kilobytes = { $value } ko
size-megabytes = { $value } Mo
size-gigabytes = { $value } Go
size-terabytes = { $value } To

## États d’une session

state-connecting = Connexion
state-waiting = En attente
state-active = Active
state-on-hold = Suspendue
state-transferring = En transfert
state-rebooting = Redémarrage
state-reconnecting = Reconnexion
state-offline = Hors ligne
state-transferred = Transférée
state-closed-by-customer = Fermée par le client
state-closed-by-waiting-customer = Fermée par le client en attente
state-closed-by-technician = Fermée par le technicien
state-declined-by-customer = Refusée par le client
state-timed-out = Délai dépassé
state-timed-out-closed-by-technician = Délai dépassé : fermée par le technicien
state-aborted = Abandonnée : technicien supprimé ou désactivé
state-disconnected = Déconnectée
state-rebooted = Redémarrée

## États d’un technicien

presence-logged-out = Déconnecté
presence-available = Disponible
presence-busy = Occupé
presence-away = Absent

## Ce qu’un technicien peut faire pendant une session

capability-view = Voir l’écran
capability-control = Commander la souris et le clavier
capability-chat = Discussion
capability-clipboard = Presse-papiers
capability-send-files = Envoyer des fichiers
capability-receive-files = Recevoir des fichiers
capability-manage-files = Gérer les fichiers
capability-system-info = Informations système
capability-reboot = Redémarrer
capability-scripts = Exécuter des scripts
capability-urls = Envoyer des adresses web
capability-record = Enregistrer l’écran
capability-command-line = Ligne de commande
capability-manage-system = Processus et services
capability-remote-sound = Entendre l’appareil
capability-voice-call = Appel vocal
capability-whiteboard = Tableau blanc
capability-block-input = Bloquer la saisie du client
capability-blank-screen = Noircir l’écran du client
capability-credentials = Demander un identifiant d’administrateur
capability-share-screen = Partager son propre écran

## La même chose, demandée au client

consent-view = Voir votre écran
consent-control = Voir votre écran et commander votre souris et votre clavier
consent-chat = Discuter avec vous
consent-clipboard = Partager le presse-papiers avec vous
consent-send-files = Déposer des fichiers sur votre ordinateur
consent-receive-files = Récupérer des fichiers de votre ordinateur
consent-manage-files = Consulter, déplacer et supprimer vos fichiers
consent-system-info = Voir les caractéristiques de votre ordinateur
consent-reboot = Redémarrer votre ordinateur
consent-scripts = Exécuter des scripts sur votre ordinateur
consent-urls = Ouvrir des pages web sur votre ordinateur
consent-record = Enregistrer votre écran
consent-command-line = Exécuter des commandes sur votre ordinateur
consent-manage-system = Arrêter des programmes et des services de votre ordinateur
consent-remote-sound = Entendre le son de votre ordinateur
consent-voice-call = Parler avec vous
consent-whiteboard = Dessiner sur votre écran
consent-block-input = Bloquer un moment votre souris et votre clavier
consent-blank-screen = Noircir un moment votre écran
consent-credentials = Demander un identifiant d’administrateur
consent-share-screen = Vous montrer son écran

## Droits d’un groupe de techniciens

permission-chat = Discussion
permission-chat-toggle = Activer et désactiver la discussion du client
permission-remote-control = Commande à distance
permission-desktop-viewing = Affichage du bureau
permission-send-files = Envoyer des fichiers
permission-receive-files = Recevoir des fichiers
permission-file-manager-tab = Gestionnaire de fichiers
permission-manage-files = Gérer les fichiers
permission-send-urls = Envoyer des adresses web
permission-view-system-info = Voir les informations système
permission-reboot = Redémarrer
permission-record-sessions = Enregistrer les sessions
permission-start-private-sessions = Ouvrir des sessions privées
permission-single-prompt = Demander tout au client en une fois
permission-transfer-sessions = Transférer des sessions
permission-hold-sessions = Suspendre des sessions
permission-request-credentials = Demander un identifiant d’administrateur
permission-clipboard-sync = Presse-papiers
permission-deploy-calling-card = Installer la Calling Card
permission-screen-sharing = Partager son propre écran
permission-invite-collaborators = Inviter des techniciens
permission-invite-external = Inviter des techniciens externes
permission-edit-queue-fields = Modifier les champs des sessions en attente
permission-deploy-scripts = Exécuter des scripts
permission-run-embedded-script = Exécuter le script intégré
permission-unattended-access = Accès sans présence
permission-lan-connect = Connexion par le réseau local
permission-mobile-settings = Réglages des téléphones et tablettes
permission-quick-fix = Réparations rapides
permission-classic-mobile-view = Affichage classique des téléphones
permission-camera-session = Sessions caméra
permission-command-line = Ligne de commande
permission-manage-system = Processus et services
permission-remote-sound = Son à distance
permission-voice-call = Appels vocaux
permission-whiteboard = Tableau blanc
permission-block-input = Bloquer la saisie du client
permission-blank-screen = Noircir l’écran du client

## Erreurs

error-unknown = { $detail } ({ $code })
error-auth-wrong-credentials = L’adresse e-mail ou le mot de passe est faux
error-auth-not-signed-in = Vous n’êtes pas connecté
error-auth-token-expired = Votre connexion a expiré. Connectez-vous à nouveau
error-auth-too-many-attempts = Trop de tentatives de connexion. Attendez quelques minutes
error-auth-account-disabled = Ce compte est désactivé. Adressez-vous à votre administrateur
error-auth-weak-password = Le mot de passe est trop faible. Prenez au moins dix caractères
error-permission-missing =
    { $permission ->
        [none] Votre groupe n’a pas le droit nécessaire
       *[other] Votre groupe n’a pas le droit « { $permission } »
    }
error-permission-not-granted = Le client ne l’a pas autorisé
error-permission-revoked = Le client a retiré l’autorisation
error-consent-too-soon = Le client ne l’a pas autorisé
error-code-malformed = Ce n’est ni un code ni un lien. Un code a six à neuf chiffres
error-code-unknown = Aucune session n’attend sous ce code. Vérifiez les chiffres
error-code-expired = Ce code a expiré. Demandez-en un nouveau à votre technicien
error-code-used = Ce code a déjà servi. Demandez-en un nouveau à votre technicien
error-code-too-many-guesses = Trop de codes faux. Attendez quelques minutes
error-code-proof-of-work = Beaucoup de codes faux ont été essayés. Votre ordinateur doit d’abord faire un court calcul
error-session-unknown = Cette session n’existe pas
error-session-refused-transition = La session ne le permet pas maintenant
error-session-ended = La session est terminée
error-session-maximum-reached = Vous avez autant de sessions ouvertes que permis. Fermez-en une d’abord
error-session-not-lead = Seul le technicien responsable peut le faire
error-session-not-eligible = Vous ne pouvez pas le faire dans cette session
error-session-not-participant = Vous ne participez pas à cette session
error-session-no-technician = Aucun technicien n’est disponible en ce moment
error-ticket-invalid = Le ticket de cette session n’est pas valable ici
error-ticket-expired = Le ticket n’a pas été utilisé à temps. Démarrez la session à nouveau
error-ticket-foreign = Le ticket appartient à une autre session
error-relay-refused = Le relais n’a pas admis cet ordinateur
error-link-unreachable = L’autre ordinateur est injoignable
error-link-lost = La liaison est perdue
error-link-incompatible = L’autre côté a une autre version de Farhand
error-link-protocol-violation = L’autre côté a envoyé quelque chose qui n’a pas de sens. La liaison est fermée
error-gateway-unreachable = La passerelle est injoignable. Vérifiez l’adresse et votre réseau
error-gateway-untrusted = La passerelle n’est pas celle qu’elle devrait être. Rien ne lui a été envoyé
error-gateway-trust-needed = Cette passerelle a son propre certificat. Entrez la valeur de confiance qu’elle a affichée
error-gateway-stopping = La passerelle s’arrête
error-mail-refused = Le serveur de messagerie n’a pas pris le message : { $detail }
error-mail-failed = Le message n’a pas été envoyé : { $detail }
error-version-too-old = Ce programme est trop ancien pour la passerelle. Installez la nouvelle version
error-request-malformed = La passerelle n’a pas compris la demande
error-request-too-large = C’est plus grand que permis
error-request-not-found = La passerelle ne l’a pas
error-request-unsupported = L’autre côté ne connaît pas cette fonction
error-request-too-many = Trop de demandes. Attendez un instant
error-screen-wayland-unsupported = L’écran ne peut pas être montré parce que ce bureau utilise Wayland. La discussion et les fichiers fonctionnent ; pour l’écran, ouvrez une session X11
error-screen-unavailable = L’écran ne peut pas être montré
error-screen-locked = L’écran est verrouillé
error-input-unavailable = La souris et le clavier ne peuvent pas être commandés sur ce bureau
error-input-own-window = La fenêtre de Farhand ne peut pas être commandée à distance
error-input-stop-key = La touche d’arrêt ne peut pas être pressée à distance
error-input-unguarded = La touche d’arrêt de cet appareil n’est pas entendue pour le moment ; il ne peut donc pas être commandé
error-input-priority = Le client utilise la souris ou le clavier et a la priorité ; réessayez dans un instant
error-input-off-screen = L’endroit est en dehors de l’écran du client
error-applet-not-running = Aucune applet n’est en cours d’exécution
error-doctor-checks-failed = Une vérification de cet ordinateur a échoué
error-storage-failed = Un fichier n’a pas pu être lu ou écrit : { $detail }
error-internal-error = Une erreur interne est survenue. Le journal en dit plus
