import pytest

from resay.vectors import inflection_pairs
from resay.vectors.inflections import base_forms, regular_forms

FORMS = {
    "burrito": "burritos",
    "tomato": "tomatoes",
    "dish": "dishes",
    "fry": "fries fried frying",
    "stay": "stays stayed staying",
    "order": "orders ordered ordering",
    "serve": "serves served serving",
    "stop": "stops stopped stopping",
    "quit": "quits quitted quitting",
    "fix": "fixes fixed fixing",
    "wait": "waits waited waiting",
    "agree": "agreed agreeing",
    "tie": "ties tied tying",
    "nice": "nicest",
    "fresh": "freshest",
    "big": "biggest",
    "easy": "easiest",
}


@pytest.mark.parametrize("base", FORMS)
def test_regular_forms(base):
    assert set(FORMS[base].split()) <= set(regular_forms(base))


@pytest.mark.parametrize(
    ("base", "form"),
    [
        ("wait", "waiter"),  # another word
        ("hop", "hoped"),  # of "hope"
        ("car", "cared"),
        ("see", "seed"),
        ("bee", "being"),
        ("for", "forest"),
        ("the", "thing"),  # a function word
        ("will", "willing"),
        ("b", "bed"),
        ("$5", "$5s"),
        ("café", "cafés"),  # no rules but English ones
    ],
)
def test_what_only_looks_like_a_form(base, form):
    assert form not in set(regular_forms(base))
    assert base_forms([base, form]) == [base, form]


def test_comparatives_count_beside_their_superlative():
    assert base_forms(["fresh", "fresher", "freshest"]) == ["fresh"] * 3
    assert base_forms(["easy", "easier", "easiest", "busy", "busier"]) == ["easy"] * 3 + ["busy", "busier"]


def test_lemmas_go_before_rules():
    vocabulary = [
        "Good",
        "better",
        "amazing",
        "amaze",
        "amazed",
        "tacos",
        "taco",
        "felt",
        "feel",
        "feelings",
        "feeling",
    ]
    lemmas = {"better": "good", "amazing": "amazing", "felt": "feel", "feeling": "feel"}
    assert base_forms(vocabulary, lemmas) == [
        *("good", "good", "amazing", "amaze", "amaze", "taco", "taco", "feel", "feel", "feel", "feel")
    ]


def test_of_two_bases_the_first_one_counts():
    assert base_forms(["fix", "fixed", "fixe"]) == ["fix", "fix", "fixe"]


def test_pairs_are_all_words_of_one_base():
    vocabulary = ["loved", "soup", "love", "loves", "soups", "lover", "Soup"]
    assert inflection_pairs(vocabulary).tolist() == [[0, 2], [0, 3], [1, 4], [1, 6], [2, 3], [4, 6]]
    assert inflection_pairs(vocabulary, {"lover": "love"}).tolist()[2] == [0, 5]
    assert inflection_pairs(["soup", "bread"]).shape == (0, 2)
