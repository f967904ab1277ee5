"""The words of the sample cards: (text, author, site, reach) of quotes, (text, owner, minutes) of steps."""

from __future__ import annotations

from buzzguard.model import Language

QUOTES: dict[Language, tuple[tuple[str, str, str, int], ...]] = {
    "en": (
        (
            "My Lumio K2 got so hot it melted the shelf. Nobody answers at support. Do NOT leave it on.",
            "@nadia_k",
            "reddit.com",
            41_200,
        ),
        (
            "Third person on my street with a smoking K2. How is this thing still on sale?",
            "@tomwrites",
            "bsky.app",
            12_900,
        ),
        (
            "We measured 118 °C on the housing of the @lumio K2. Teardown with photos tonight.",
            "Bench & Solder",
            "mastodon.social",
            88_000,
        ),
        (
            "Asked Lumio for a refund, got a *voucher*. For a lamp that burns. #boycottlumio",
            "@petra.l",
            "bsky.app",
            2_300,
        ),
        ("Lumio K2: owners report overheating, company silent", "The Evening Wire", "eveningwire.example", 640_000),
    ),
    "fr": (
        (
            "Ma Lumio K2 a tellement chauffé que l’étagère a fondu. Le SAV ne répond pas. Ne la laissez PAS allumée.",
            "@nadia_k",
            "reddit.com",
            41_200,
        ),
        (
            "Troisième voisin avec une K2 qui fume. Comment ce truc est-il encore en vente ?",
            "@tomecrit",
            "bsky.app",
            12_900,
        ),
        (
            "118 °C mesurés sur le boîtier de la @lumio K2. Démontage en photos ce soir.",
            "Le Fer à souder",
            "mastodon.social",
            88_000,
        ),
        (
            "Remboursement demandé à Lumio : on m’offre un *bon d’achat*. Pour une lampe qui brûle. #boycottlumio",
            "@petra.l",
            "bsky.app",
            2_300,
        ),
        (
            "Lumio K2 : des clients signalent une surchauffe, l’entreprise se tait",
            "Le Soir numérique",
            "soirnumerique.example",
            640_000,
        ),
    ),
}

STEPS: dict[Language, tuple[tuple[str, str, int], ...]] = {
    "en": (
        (
            "Read the five top mentions and write the facts down: what, where, since when, how many.",
            "communications",
            10,
        ),
        ("Call product safety: is a danger for people possible? If so, propose to raise to red.", "communications", 15),
        (
            "Publish a holding statement where the talk is: we know, we are checking, next word at a named hour.",
            "spokesperson",
            60,
        ),
        ("Answer in the open those who were harmed; take them to customer care one by one.", "customer care", 90),
        ("Stop planned campaigns and scheduled posts of the brand.", "marketing", 30),
        ("Write down who decided what, when.", "communications", 120),
    ),
    "fr": (
        (
            "Lire les cinq mentions principales et noter les faits : quoi, où, depuis quand, combien.",
            "communication",
            10,
        ),
        (
            "Appeler la sécurité produit : un danger pour les personnes est-il possible ? Si oui, proposer le rouge.",
            "communication",
            15,
        ),
        (
            "Publier un message d’attente là où l’on parle : on sait, on vérifie, prochain point à telle heure.",
            "porte-parole",
            60,
        ),
        (
            "Répondre publiquement aux personnes touchées ; les confier une par une au service client.",
            "service client",
            90,
        ),
        ("Suspendre les campagnes et les publications programmées de la marque.", "marketing", 30),
        ("Noter qui a décidé quoi, et quand.", "communication", 120),
    ),
}

NEVER: dict[Language, tuple[str, ...]] = {
    "en": ("Delete comments or threaten their authors.", "Joke, blame the customer or say “no comment”."),
    "fr": (
        "Supprimer des commentaires ou menacer leurs auteurs.",
        "Ironiser, accuser le client ou dire « sans commentaire ».",
    ),
}
