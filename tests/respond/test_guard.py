"""What a playbook may not ask for."""

from __future__ import annotations

import pytest

from buzzguard.respond.guard import forbidden_act


@pytest.mark.parametrize(
    "step",
    [
        "Delete the negative comments on Facebook.",
        "Hide critical posts until the morning",
        "Ask the platform to take down the video",
        "Censor reviews that mention the recall",
        "Threaten the author with a lawsuit",
        "Sue the authors",
        "Bury the thread; post positive reviews from fake accounts",
        "Do not answer, and delete the comments.",
        "Block critical users for a week",
        "Ban the followers who insist",
        "Have our lawyer send a legal letter to the customer",
        "Send them a cease-and-desist",
        "Take legal action against the reviewer",
        "Bloquer les internautes les plus virulents",
        "Bannir les auteurs",
        "Bloquez les commentaires sous la publication",
        "Envoyer au client une mise en demeure",
        "Préparer une mise en demeure du client",
        "Mettre en demeure l’auteur",
        "Porter plainte contre les internautes",
        "Supprimer les commentaires négatifs.",
        "Masquez les avis à une étoile",
        "Faire retirer la vidéo par la plateforme",
        "Effacer discrètement les messages les plus durs",
        "Menacer l’auteur de poursuites",
        "Poursuivre en justice les auteurs",
        "Acheter des avis positifs",
        "Ne pas répondre, puis supprimer les commentaires.",
    ],
)
def test_acts_that_delete_threaten_or_hide_are_found(step: str) -> None:
    assert forbidden_act(step)


@pytest.mark.parametrize(
    "step",
    [
        "Never delete comments.",
        "Do not hide or remove criticism; answer it.",
        "Answer rather than delete comments",
        "Block the sale of the batch, and the compromised account",
        "Ask legal what the cease of payments means",
        "Bloquer le lot en entrepôt et les comptes compromis",
        "Ne bannir ni bloquer aucun auteur",
        "Lire la mise en demeure reçue et noter son délai",
        "Remove the product from the shelves",
        "Read the reviews. Take notes.",
        "Report threats against employees to the police",
        "Pause scheduled posts",
        "Say what we do not hide: the number of complaints",
        "Ne jamais supprimer de commentaires.",
        "Ne supprimez aucun message : répondez.",
        "Répondre plutôt que de masquer les critiques",
        "Retirer le produit des rayons",
        "Signaler les menaces contre les salariés",
        "Noter les critiques et les avis, sans effacer les messages",
        "",
    ],
)
def test_acts_that_answer_in_the_open_pass(step: str) -> None:
    assert forbidden_act(step) == ""
