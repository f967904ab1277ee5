"""Orange or an orange: what tells, what is learned, and what is never dropped."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.config.understanding import AboutSettings, ExampleSettings
from buzzguard.understand.fold import fold
from buzzguard.understand.homonyms import MAX_CLICKS, About, AboutUs, Click
from tests.understand.homonyms import NAMESAKES

OURS, OTHERS = NAMESAKES["orange"]
WORDS = AboutSettings(context=("réseau*", "fibre", "factur*"), against=("jus d'orange", "vigilance", "recett*"))


def clicked(texts: tuple[str, ...], *, ours: bool | None) -> list[Click]:
    return [Click(mention=text, text=fold(text), ours=ours) for text in texts]


def judged(settings: AboutSettings, text: str, clicks: list[Click] | None = None) -> About:
    about = AboutUs(settings)
    for click in clicks or ():
        about.learn(click)
    return about.judge(fold(text), original=text)


def test_words_of_the_settings_tell() -> None:
    ours = judged(WORDS, "Orange : le réseau est en panne, ma facture aussi")
    assert ours.probability > 0.8 and ours.sure and ours.words == ("factur", "reseau")
    other = judged(WORDS, "un jus d’orange, la recette")
    assert other.not_about_us and other.words == ("jus d'orange", "recett")


def test_what_is_unsure_is_kept() -> None:
    both = judged(WORDS, "vigilance sur la fibre Orange")
    nothing = judged(WORDS, "Orange, quelle honte")
    assert not both.sure and not nothing.sure and nothing.probability == 0.5
    assert not both.not_about_us and not nothing.not_about_us


def test_exact_words_are_held_against_the_original() -> None:
    exact = AboutSettings(context=("=Elan",))
    assert judged(exact, "chez Elan").sure and not judged(exact, "mon élan").sure


def test_examples_and_clicks_teach() -> None:
    text = "le jus de fruits orange et sa recette au chocolat, un délice"
    assert not judged(AboutSettings(), text).sure
    examples = AboutSettings(examples=ExampleSettings(ours=OURS, others=OTHERS))
    clicks = [*clicked(OURS, ours=True), *clicked(OTHERS, ours=False)]
    for learned in (judged(examples, text), judged(AboutSettings(), text, clicks)):
        assert learned.not_about_us and "chocolat" in learned.words
    about_us = judged(examples, "facture de mon forfait mobile chez orange, service client en panne")
    assert about_us.sure and about_us.probability > 0.8


def test_one_side_alone_teaches_nothing() -> None:
    assert judged(AboutSettings(), OTHERS[0], clicked(OTHERS, ours=False)) == About(0.5, (), sure=False)


def test_a_few_clicks_never_drop() -> None:
    clicks = [*clicked(OURS[:4], ours=True), *clicked(OTHERS[:20], ours=False)]
    assert not any(judged(AboutSettings(), text, clicks).not_about_us for text in (*OURS, *OTHERS))


def test_a_click_can_be_changed_and_taken_back() -> None:
    clicks = [*clicked(OURS, ours=True), *clicked(OTHERS, ours=False)]
    wrong = clicked(OURS[:3], ours=False)
    mended = [*clicks[3:], *clicked(OURS[:3], ours=True)]
    assert judged(AboutSettings(), OURS[0], [*clicks, *wrong, *clicked(OURS[:3], ours=True)]) == judged(
        AboutSettings(), OURS[0], mended
    )
    taken_back = [*clicks, *clicked((*OURS, *OTHERS), ours=None)]
    assert judged(AboutSettings(), OURS[0], taken_back) == About(0.5, (), sure=False)


def test_old_clicks_are_forgotten() -> None:
    about = AboutUs(AboutSettings())
    for number in range(MAX_CLICKS + 10):
        about.learn(Click(mention=str(number), text=f"word{'abcdefghij'[number % 10]} {number}", ours=number % 2 == 0))
    assert len(about._clicks) == MAX_CLICKS
    assert about.judge("worda").probability > 0.5


def test_sentences_set_aside_are_not_dropped_wrongly() -> None:
    for ours, others in NAMESAKES.values():
        clicks = [*clicked(ours[:15], ours=True), *clicked(others[:15], ours=False)]
        assert not any(judged(AboutSettings(), text, clicks).not_about_us for text in ours[15:])


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([*OURS[:4], *OTHERS[:4]]), st.booleans())), st.text()
)
@settings(deadline=None, max_examples=30)
def test_only_the_last_click_on_each_mention_counts(said: list[tuple[str, str, bool]], text: str) -> None:
    clicks = [Click(mention=mention, text=fold(written), ours=ours) for mention, written, ours in said]
    last = list({click.mention: click for click in clicks}.values())
    for judged_text in (text, OURS[0]):
        one, other = judged(WORDS, judged_text, clicks), judged(WORDS, judged_text, last)
        assert one == other and 0 <= one.probability <= 1
