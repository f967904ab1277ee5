"""A made set of namesakes: sentences that name a brand, and sentences that name something else in the same letters."""

from __future__ import annotations

from typing import Final

_ORANGE: Final = (
    """
    Orange en panne depuis ce matin, plus de réseau à Lyon
    Encore une facture Orange incompréhensible, 20 euros de trop
    Le service client d'Orange me balade depuis trois semaines
    Résilier chez Orange, un parcours du combattant
    Ma box Orange redémarre toute seule, la fibre coupe sans arrêt
    Orange augmente ses forfaits mobiles en janvier
    Fuite de données chez Orange : des milliers de clients concernés
    Le technicien Orange n'est jamais venu, rendez-vous raté pour la fibre
    Orange ou Free pour un forfait 5G ?
    Panne nationale : les abonnés Orange privés de numéros d'urgence
    La livebox d'Orange ne capte plus le wifi à l'étage
    Orange poursuivi par l'Arcep pour ses retards de déploiement de la fibre
    Merci à la boutique Orange de Nantes, conseiller au top
    Arnaque au faux conseiller Orange par téléphone
    Orange supprime des emplois dans ses centres d'appels
    L'appli Orange et moi bug, impossible de payer ma facture mobile
    Trois heures d'attente au téléphone avec Orange pour un numéro bloqué
    L'opérateur Orange annonce un chiffre d'affaires en hausse
    Orange me facture un abonnement que j'ai résilié
    Débit ridicule sur la 4G Orange dans le train
    """,
    """
    Une orange pressée chaque matin, plein de vitamines
    Gâteau à l'orange et au chocolat, la recette de mamie
    Météo : vigilance orange aux orages dans le Gard
    Elle portait une robe orange magnifique au mariage
    Le jus d'orange du supermarché est trop sucré
    Canard à l'orange pour le dîner de dimanche
    Vigilance orange crues et inondations dans six départements
    Le feu est passé au orange, il a accéléré quand même
    Salade de carottes à l'orange et à la cannelle
    Le ciel orange au coucher du soleil sur la plage
    Le festival d'Orange et son théâtre antique cet été
    Confiture d'orange amère, trois kilos de fruits
    La ville d'Orange dans le Vaucluse vote dimanche
    Peindre le salon en orange, bonne idée déco ?
    Alerte orange canicule, buvez de l'eau
    Le maillot orange des Pays-Bas en finale
    Zeste d'orange dans la pâte, un délice
    Un chat roux, presque orange, dort sur le canapé
    Les oranges d'Espagne arrivent sur le marché, fruits juteux
    Météo France place le Rhône en orange pour la neige
    """,
)
_LECLERC: Final = (
    """
    Rappel de fromages vendus chez Leclerc pour listeria
    Leclerc baisse le prix de l'essence ce week-end
    Le drive Leclerc a encore oublié la moitié de ma commande
    Michel-Édouard Leclerc s'exprime sur l'inflation des prix
    Caisses automatiques en panne au Leclerc de Rennes
    Promo sur le café chez Leclerc, tickets de caisse faux
    Les salariés du magasin Leclerc en grève samedi
    Viande avariée au rayon boucherie du Leclerc
    Leclerc épinglé pour de fausses promotions en magasin
    Carte de fidélité Leclerc : mes bons ont disparu
    Le Leclerc de Brest refuse de rembourser un produit périmé
    Steaks hachés contaminés : Leclerc rappelle un lot
    Ma commande en ligne Leclerc annulée sans explication, pas de remboursement
    Les prix chez Leclerc comparés à ceux de Lidl et Carrefour
    File d'attente interminable aux caisses du supermarché Leclerc
    Leclerc retire un jouet dangereux de ses rayons
    Bon accueil au rayon poisson de mon Leclerc
    Publicité mensongère : l'enseigne Leclerc condamnée
    Chez Leclerc le litre de lait a encore augmenté
    Centre commercial Leclerc évacué après une alerte
    """,
    """
    Leclerc en pole position à Monaco, quel tour
    Charles Leclerc sort de piste au troisième virage
    La Ferrari de Leclerc abandonne sur casse moteur
    Leclerc et Hamilton chez Ferrari, quel duo de pilotes
    Podium pour Leclerc au Grand Prix d'Italie
    Verstappen double Leclerc dans le dernier tour
    La place du Général Leclerc est fermée à la circulation
    Le char Leclerc, fleuron de l'armée française
    Collision avenue du Maréchal Leclerc, deux blessés
    La division Leclerc a libéré Paris en août 1944
    Leclerc furieux contre la stratégie pneus de son écurie
    Des chars Leclerc en exercice militaire en Roumanie
    Qualifications : Leclerc devance Norris d'un dixième
    Le pilote monégasque Leclerc prolonge son contrat
    Rue Leclerc coupée pour travaux jusqu'en mars
    Hommage au général Leclerc et à la 2e DB
    Leclerc pénalisé de cinq places sur la grille de départ
    F1 : Leclerc signe le meilleur temps des essais
    Un soldat blessé dans un char Leclerc
    Victoire de Leclerc à Monza devant les tifosi
    """,
)
_APPLE: Final = (
    """
    Apple sued over slowing down old iPhones
    My Apple watch stopped charging after the update
    Apple store refused to replace my cracked screen
    New iPhone overheats, Apple says nothing
    Apple raises subscription prices again
    The latest Apple update drained my battery
    Apple support kept me waiting for two hours on chat
    Apple fined by the EU over app store rules
    My MacBook died after a year, thanks Apple
    Apple pay charged my card twice
    Apple recalls chargers over fire risk
    Apple shares fall after weak iPhone sales
    Locked out of my Apple account, no help from support
    Siri got worse, does Apple even test its software
    Apple removes an app from the store without warning
    AirPods broke in a month, Apple refuses a refund
    Apple unveils a new laptop with a faster chip
    Privacy complaint against Apple for tracking users
    The new Apple headset is too expensive
    Workers at an Apple supplier factory go on strike
    """,
    """
    Grandma's apple pie with cinnamon and butter
    An apple a day keeps the doctor away
    Picking apples in the orchard with the kids
    Apple crumble recipe with oats and brown sugar
    The apple harvest is late because of the frost
    Fresh apple juice from the farmers market
    My daughter is the apple of my eye
    Apple cider vinegar for your hair, does it work
    Baked apple with honey and walnuts for dessert
    The old apple tree in our garden fell in the storm
    Peel the apple, slice it and add lemon juice
    New York, the big apple, under snow
    Green apple flavoured candy is the best
    The worm in my apple ruined lunch
    Apple sauce goes well with roast pork
    We planted three apple trees and a pear tree
    A glass of hot apple cider by the fire
    The bad apple spoils the barrel, as they say
    Caramel apple stand at the county fair
    Sweet or sour apples for a tart
    """,
)
_SHELL: Final = (
    """
    Shell reports record profits while fuel prices soar
    Oil spill off Nigeria, Shell blamed again
    Protesters block a Shell petrol station in London
    Shell cuts jobs in its wind energy division
    Shell to pay damages to farmers after pipeline leak
    My Shell card was charged twice at the pump
    Court orders Shell to cut carbon emissions
    Shell drops its climate target, investors angry
    Filling up at Shell costs five pounds more than last week
    Shell accused of greenwashing in its adverts
    The Shell refinery fire sent black smoke over the town
    Shell loyalty app lost all my fuel points
    Contaminated petrol at a Shell station broke my engine
    Shell wins tax relief for North Sea drilling
    Activists disrupt the Shell shareholders meeting
    Shell sells its onshore oil business
    Greenpeace occupies a Shell platform at sea
    Shell energy overcharged us on the gas bill
    Shell chief executive paid ten million
    Gas leak at a Shell plant, workers evacuated
    """,
    """
    I found a beautiful shell on the beach this morning
    The turtle hid inside its shell
    Write a shell script to rename all the files
    Crack the egg shell and whisk the yolk
    She came out of her shell at the party
    My bash shell prompt shows the git branch
    A pearl in an oyster shell, what luck
    The snail left its empty shell in the garden
    Shell shock among the soldiers of the first world war
    Run the command in a shell with root rights
    Kids collecting shells in the sand by the sea
    The artillery shell hit an empty house
    The taco shell broke in my hand
    Remote shell vulnerability in the server software
    Sea shells by the shore make a nice necklace
    Hermit crabs move to a bigger shell
    Pasta shells stuffed with ricotta and spinach
    Use the python shell to test your function
    The nut shell is too hard to crack
    Zsh is my favourite shell on Linux
    """,
)


def _lines(block: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in block.strip().splitlines())


NAMESAKES: Final = {
    name: (_lines(ours), _lines(others))
    for name, (ours, others) in {"orange": _ORANGE, "leclerc": _LECLERC, "apple": _APPLE, "shell": _SHELL}.items()
}
"""By brand: what is about it, what is not."""
