"""Questions that need no tool: one function for each kind, and how often each is asked."""

from collections.abc import Callable
from random import Random
from string import ascii_lowercase

from scripts.embedded.training.chances import chance, drawn
from scripts.embedded.training.corpus import (
    CHINESE,
    CHINESE_CITIES,
    ENGLISH,
    FACTS,
    PHRASES,
    QUESTIONS,
    Turn,
)
from scripts.embedded.training.wording import capitalized, in_chinese, in_english, made_up_text

type Pairs = list[tuple[str, str]]


def any_turn(random: Random) -> Turn:
    return drawn(KINDS, random)(random)


def repetition(random: Random) -> Turn:
    text = made_up_text(random) if chance(0.8, random) else _chinese_text(random)
    if chance(0.4, random):
        text = capitalized(text)
    return Turn(random.choice(QUESTIONS["repeat"]).format(text), "I repeat the text.", text)


def _chinese_text(random: Random) -> str:
    return (
        random.choice(CHINESE_CITIES) + random.choice(PHRASES["chinese_nouns"]) + random.choice(["", "很好", "在这里"])
    )


def _english_topic(random: Random) -> Turn:
    topic = random.choice(ENGLISH)
    return Turn(in_english(random.choice(topic.questions), random), topic.thought, topic.answer)


def _chinese_topic(random: Random) -> Turn:
    topic = random.choice(CHINESE)
    return Turn(in_chinese(random.choice(topic.questions), random), topic.thought, topic.answer)


def _capital(random: Random) -> Turn:
    country, capital, chinese_country, chinese_capital = random.choice(FACTS["capitals"])
    if chance(0.6, random):
        question = in_english(random.choice(QUESTIONS["capital"]).format(country), random)
        return Turn(question, f"The question is about {country}.", f"The capital of {country} is {capital}.")
    question = in_chinese(random.choice(QUESTIONS["capital_in_chinese"]).format(chinese_country), random)
    return Turn(question, f"问题是关于{chinese_country}的。", f"{chinese_country}的首都是{chinese_capital}。")


def _translation(random: Random) -> Turn:
    english, chinese = random.choice(FACTS["words"])
    if chance(0.5, random):
        question = in_english(random.choice(QUESTIONS["translate"]).format(english), random)
        return Turn(question, "A word to translate.", chinese)
    question = in_chinese(random.choice(QUESTIONS["translate_from_chinese"]).format(chinese), random)
    return Turn(question, "翻译一个词。", english)


def _sum(random: Random) -> Turn:
    left, right = random.randrange(11), random.randrange(11)
    minus = chance(0.25, random)
    if minus:
        left, right = max(left, right), min(left, right)
    sign, result = ("-", left - right) if minus else ("+", left + right)
    question = _sum_question(left, sign, right, random)
    return Turn(question, f"{left} {sign} {right} = {result}", f"{result}")


def _sum_question(left: int, sign: str, right: int, random: Random) -> str:
    space = random.choice([" ", " ", ""])
    written = f"{left}{space}{sign}{space}{right}"
    if chance(0.3, random):
        question = random.choice(QUESTIONS["sum_in_chinese"]).format(written)
        return in_chinese(question, random) if chance(0.5, random) else question
    if chance(0.2, random):
        written = f"{left} {'plus' if sign == '+' else 'minus'} {right}"
    patterns = [*QUESTIONS["sum"], "add: {}" if sign == "+" else "{}"]
    question = random.choice(patterns).format(written) + random.choice(["", "?", ""])
    return capitalized(question) if chance(0.3, random) else question


def _opposite(random: Random) -> Turn:
    word, opposite = random.choice(FACTS["opposites"])
    # "old" is the opposite of two words.
    if chance(0.5, random) and opposite != "old":
        word, opposite = opposite, word
    return Turn(in_english(random.choice(QUESTIONS["opposite"]).format(word), random), "An opposite.", opposite)


def _animal_sound(random: Random) -> Turn:
    animal, sound = random.choice(FACTS["animal_sounds"])
    question = in_english(random.choice(QUESTIONS["animal_sound"]).format(animal), random)
    return Turn(question, "An animal sound.", f"The {animal} says {sound}.")


def _kind(random: Random) -> Turn:
    kinds: dict[str, list[str]] = FACTS["kinds"]
    kind = random.choice(list(kinds))
    yes = chance(0.5, random)
    thing = random.choice(kinds[kind] if yes else kinds[random.choice([other for other in kinds if other != kind])])
    named = thing if kind == "color" or thing[0].isupper() or thing in kinds["color"] else _with_article(thing)
    question = in_english(random.choice(QUESTIONS["kind"]).format(named, _with_article(kind)), random)
    return Turn(question, f"Check if {thing} is {_with_article(kind)}.", "Yes" if yes else "No")


def _with_article(noun: str) -> str:
    return ("an " if noun[0].lower() in "aeiou" else "a ") + noun


def _sentiment(random: Random) -> Turn:
    in_english_words = not chance(0.25, random)
    text, label = _english_opinion(random) if in_english_words else random.choice(CHINESE_OPINIONS)
    if chance(0.5, random) and in_english_words:
        text = capitalized(text) + random.choice([".", "!", ""])
    question = random.choice(QUESTIONS["sentiment"]).format(text)
    return Turn(capitalized(question) if chance(0.4, random) else question, f"The text sounds {label}.", label)


def _english_opinion(random: Random) -> tuple[str, str]:
    label = random.choice(list(FACTS["sentiments"]))
    return random.choice(FACTS["sentiments"][label]), label


def _opinions(sentiments: dict[str, list[str]]) -> Pairs:
    return [(text, label) for label, texts in sentiments.items() for text in texts]


CHINESE_OPINIONS = _opinions(FACTS["chinese_sentiments"])


def _unknown(random: Random) -> Turn:
    if chance(0.65, random):
        return Turn(in_english(_unknown_question(random), random), "I do not know this.", DO_NOT_KNOW["english"])
    nouns = PHRASES["chinese_nouns"]
    pattern = random.choice(QUESTIONS["unknown_in_chinese"])
    question = pattern.format(noun=random.choice(nouns), other=random.choice(nouns))
    return Turn(in_chinese(question, random), "我不知道这个。", DO_NOT_KNOW["chinese"])


def _unknown_question(random: Random) -> str:
    question = random.choice(QUESTIONS["unknown"]).format(
        adjective=random.choice(PHRASES["adjectives"]),
        noun=random.choice(PHRASES["nouns"]),
        other=random.choice(PHRASES["nouns"]),
        verb=random.choice(PHRASES["verbs"]),
        number=random.randrange(12, 2030),
        small_number=random.randrange(12, 99),
    )
    return _typed_at_random(random) if chance(0.15, random) else question


def _typed_at_random(random: Random) -> str:
    letters = (random.choice(ascii_lowercase + "   ") for _ in range(random.randrange(4, 24)))
    return "".join(letters).strip() or "zzz"


DO_NOT_KNOW: dict[str, str] = PHRASES["do_not_know"]
KINDS: list[tuple[float, Callable[[Random], Turn]]] = [
    (0.34, _english_topic),
    (0.52, _chinese_topic),
    (0.60, _capital),
    (0.66, _translation),
    (0.72, _sum),
    (0.76, _opposite),
    (0.78, _animal_sound),
    (0.83, _kind),
    (0.92, _sentiment),
    (1.00, _unknown),
]
