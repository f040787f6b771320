page-footer = Vous êtes sur { $host }. Ne donnez votre PIN que sur une page que votre technicien vous a indiquée.
page-language = Langue

pin-title = Saisir le PIN
pin-heading = Saisissez le PIN que votre technicien vous a donné
pin-label = PIN, six à neuf chiffres
pin-go = Continuer
pin-next = Vous téléchargerez ensuite un petit programme. Il vous demande votre accord avant que quelqu’un ne voie votre écran, et il se supprime à la fin de la session.

link-title = Démarrer la session
link-heading = Démarrez votre session d’assistance
link-no-script = Ce lien a besoin de JavaScript, car son code ne quitte jamais votre navigateur de lui-même. Demandez plutôt le PIN à votre technicien.
link-no-script-go = Saisir le PIN
link-other = Le lien ne fonctionne pas ?
link-other-go = Saisir plutôt le PIN

ready-title = Téléchargement
ready-heading = Votre PIN est correct
ready-download = Télécharger pour { $system }
ready-after = Ouvrez le programme une fois téléchargé. Il vous demande votre accord avant que quelqu’un ne voie votre écran.
ready-linux = Sous Linux, rendez d’abord le programme exécutable : dans ses propriétés, ou dans un terminal ouvert dans son dossier avec chmod +x et son nom. Ouvrez-le ensuite, ou tapez ./ et son nom.
ready-installed = Déjà installé ?
ready-open = Ouvrir Farhand
ready-others = Pour un autre ordinateur :
ready-none = Il n’y a pas de programme pour { $system } sur cette passerelle. Signalez-le à votre technicien.
ready-none-unknown = Il n’y a pas de programme pour ce type d’appareil. Ouvrez cette page sur un ordinateur, ou prévenez votre technicien.
ready-empty = Il n’y a pas encore de programme à télécharger sur cette passerelle. Signalez-le à votre technicien.

problem-again = Saisir un PIN
problem-malformed = Un PIN comporte six à neuf chiffres.
problem-unknown = Aucune session n’attend sous ce PIN. Vérifiez les chiffres avec votre technicien.
problem-expired-heading = Ce PIN a expiré
problem-expired = Demandez-en un nouveau à votre technicien.
problem-used-heading = Ce PIN est déjà utilisé
problem-used = Un PIN ouvre une seule session. Si ce n’était pas vous, prévenez tout de suite votre technicien et demandez-en un nouveau.
problem-limited-heading = Trop de PIN erronés
problem-limited = Trop de PIN erronés sont venus de votre réseau. Attendez dix minutes et réessayez.
problem-proof = De nombreux PIN erronés sont essayés en ce moment. Activez JavaScript et réessayez, ou attendez quelques minutes.
problem-other-heading = Cela n’a pas fonctionné
problem-other = La passerelle n’a pas pu vérifier le PIN. Réessayez dans un instant.
problem-download-heading = Aucun téléchargement pour votre système
problem-not-found-heading = Cette page n’existe pas
problem-not-found = L’adresse a peut-être été coupée. Ouvrez à nouveau le lien, ou saisissez le PIN.

script-checking-pin = Vérification du PIN…
script-checking-link = Vérification du lien…
script-proving = De nombreux PIN erronés sont essayés en ce moment. Votre navigateur prouve que vous ne devinez pas ; cela prend quelques secondes…
script-link-heading = Ce lien ne fonctionne pas
script-unknown = Aucune session n’attend sous ce PIN ou ce lien. Vérifiez-le avec votre technicien.
script-expired = Ce PIN ou ce lien a expiré. Demandez-en un nouveau à votre technicien.
script-used = Ce PIN ou ce lien est déjà utilisé. Si ce n’était pas vous, prévenez tout de suite votre technicien et demandez-en un nouveau.
script-link-expired = Ce lien a expiré. Demandez un nouveau lien à votre technicien.
script-link-used = Ce lien est déjà utilisé. Si ce n’était pas vous, prévenez tout de suite votre technicien et demandez-lui un nouveau lien.
script-malformed = Un PIN comporte six à neuf chiffres.
script-limited = Trop de PIN erronés sont venus de votre réseau. Attendez dix minutes et réessayez.
script-other = La passerelle n’a pas répondu. Réessayez dans un instant.
