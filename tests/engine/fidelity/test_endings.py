import pytest


@pytest.mark.parametrize(
    ("source", "hypothesis", "candidate"),
    [
        ("Great food", "nice food .", "Nice food"),
        ("Great food", "nice food !", "Nice food!"),
        ("Great food,", "nice food .", "Nice food"),
        ("Great food.", "nice food", "Nice food."),
        ("Great food.", "nice food !", "Nice food!"),
        ("Great food!", "nice food .", "Nice food."),
        ("Great food!!!", "nice food", "Nice food!"),
        ("Great food...", "nice food", "Nice food..."),
        ("Great food?", "nice food .", "Nice food?"),
        ("Great food?", "nice food !", "Nice food?"),
        ("Great food?", "nice food", "Nice food?"),
        ("Great food.", "nice food ?", "Nice food?"),
        ('"Great food."', "nice food", "Nice food."),
        ("Great (food).", "nice ( food )", "Nice (food.)"),
        ("Great food (!)", "nice food", "Nice food!"),
        ("Great before 8 a.m.", "nice before _num_ a.m.", "Nice before 8 a.m."),
        ("It was great. Great food", "it was nice . nice food .", "It was nice. Nice food"),
        ("food", ".", "empty"),
        ("!", ".", "."),
        ("Go to www.x.com.", "go to food", "Go to www.x.com."),
    ],
)
def test_a_candidate_ends_as_its_source(said, source, hypothesis, candidate):
    assert said(source, hypothesis) == candidate


def test_what_was_cut_off_gets_no_final_mark(said):
    assert said("Great food.", "nice food at the", stop="length") == "Nice food at the"
    assert said("Great food", "nice food .", stop="length") == "Nice food"


@pytest.mark.parametrize(
    ("protect", "hypothesis", "candidate"),
    [
        (["great!"], "the food was great ! it was", "The food was great! It was!"),
        (["great!"], "food is great !", "Food is great!"),
        (["food was"], "great food was", "Great food was!"),
    ],
)
def test_a_protected_ending(said, protect, hypothesis, candidate):
    assert said("The food was great!", hypothesis, *protect) == candidate


def test_a_protected_mark_stays(said):
    assert said("Great. Food", "food great .", "Great.") == "Food Great."
    assert said("Great. Food?", "food great .", "Great.") == "Food Great."
    assert said("Great. Food", "food great .", ".") == "Food great."


@pytest.mark.parametrize(
    ("source", "hypothesis", "candidate"),
    [
        ("the food was a lovely dinner", "the food was a awesome dinner", "the food was an awesome dinner"),
        ("the food was an awful dinner", "the food was an lovely dinner", "the food was a lovely dinner"),
        ("It was a Zorbq", "it was an order", "It was a Zorbq"),
        ("It was an Otorbq", "it was a pizza", "It was an Otorbq"),
        ("it was a awesome dinner", "it was a awesome lunch", "it was a awesome lunch"),
        ("it was a 8", "it was a _num_", "it was a 8"),
    ],
)
def test_articles_fit_what_follows(said, source, hypothesis, candidate):
    assert said(source, hypothesis) == candidate


def test_a_protected_article_stays(said):
    assert said("It was an. Pizza!", "it was an pizza !", "an") == "It was an pizza!"


@pytest.mark.parametrize(
    ("source", "hypothesis", "candidate"),
    [
        ("i like the food in phoenix", "i had lunch . it was great", "i had lunch. it was great"),
        ("I like the food", "it was great . i like phoenix", "It was great. I like phoenix"),
        ("I HAD A LOVELY DINNER AT ZORBQ", "i had a nice lunch at pizza", "I HAD A NICE LUNCH AT ZORBQ"),
        ("the food at Phoenix", "phoenix food", "Phoenix food"),
        ("my iPhone was great", "my phone was nice", "My iPhone was nice"),
        ("I had dinner, zorbq was great", "zorbq was", "lost_span"),
        ("it was Zorbq", "food it was", "Food it was Zorbq"),
        ("zorbq Food was great", "pizza food was awesome", "zorbq Food was awesome"),
    ],
)
def test_capitals(said, source, hypothesis, candidate):
    assert said(source, hypothesis) == candidate
