import pytest


@pytest.mark.parametrize(
    ("source", "hypothesis", "candidate"),
    [
        # A content word in the slot's position.
        ("The Zorbq was great", "the food was awesome", "The Zorbq was awesome"),
        ("We like Zorbq", "we like pizza .", "We like Zorbq"),
        ("Zorbq was great.", "pizza was nice .", "Zorbq was nice."),
        ("I had dinner at Zorbq in Phoenix.", "i had lunch at restaurant in los .", "I had lunch at Zorbq in Phoenix."),
        # Said word for word, wherever it is.
        ("I like Phoenix and New York", "new york and phoenix are nice", "New York and Phoenix nice"),
        ("The food in Phoenix was great.", "phoenix food was nice .", "Phoenix food was nice."),
        ("The food in Phoenix was great", "phoenix food in phoenix", "Phoenix food in Phoenix"),
        # A name of several words takes several.
        ("Dinner in New York was great", "lunch in los angeles was great", "Lunch in New York was great"),
        ("Dinner in New York was great", "lunch in new pizza was great", "Lunch in New York was great"),
        ("Dinner in New York was great", "lunch in york was great", "Lunch in New York was great"),
        # Between its neighbours: put there, or in the place of a function word or a word of the source.
        ("The Zorbq food was great", "the food was awesome", "The Zorbq food was awesome"),
        ("Lovely dinner at Zorbq and tea", "nice dinner at this and tea", "Nice dinner at Zorbq and tea"),
        ("Dr. Zorbq is the best!", "dr. 's is the best !", "Dr. Zorbq is the best!"),
        ("We had lunch at Zorbq and tea", "we had dinner at lunch and tea", "We had dinner at Zorbq and tea"),
        ("Food at Zorbq", "pizza at", "Pizza at Zorbq"),
        ("The Zorbq was great", "the was n't great", "The Zorbq wasn't great"),
        # No place.
        ("The Zorbq was great", "it was awesome", "lost_span"),
        ("The Zorbq is great", "the not is great", "lost_span"),
        ("The Zorbq was great", "the n't was great", "lost_span"),
        ("The food at Zorbq was great", "the food was really", "lost_span"),
        ("Zorbq and Flimp were great", "the pizza was great", "lost_span"),
        # A clitic clings to what was put before it.
        ("Zorbq is nice", "food 's nice", "Zorbq's nice"),
    ],
)
def test_unknown_words_and_names(said, source, hypothesis, candidate):
    assert said(source, hypothesis) == candidate


@pytest.mark.parametrize(
    ("source", "protect", "hypothesis", "candidate"),
    [
        ("the pad see ew was great", ["pad see ew"], "the mat tried it was awesome", "the pad see ew was awesome"),
        ("My iPhone was great", ["iPhone"], "my tea was awesome", "My iPhone was awesome"),
        ("It was my iPhone", ["iPhone"], "iphone was mine", "lost_span"),
        ("It was my phone", ["phone"], "phone was it", "phone was it"),
        ("The food is NOT worth it.", ["NOT worth"], "the food is not nice", "The food is NOT worth."),
        ("The food is not worth it.", ["not"], "the food is worth it", "The food is not worth it."),
        ("The food is not great.", ["not"], "the food was awful", "lost_span"),
        ("We did not like it.", ["not"], "they did not like it", "They did not like it."),
        ("Food; was  great", ["; was  great"], "pizza ; was great .", "Pizza; was  great"),
        ("The food was great!", ["!"], "the food was awesome .", "The food was awesome!"),
        ("the food was great 😀", ["😀"], "the food was awesome !", "the food was awesome! 😀"),
        ("the pizza was great", ["pizza"], "the food was awesome", "the pizza was awesome"),
        ("food , food", ["food"], "food , tea", "food, food"),
        ("food , food", ["food"], "food", "lost_span"),
        ("\u0301 food", ["\u0301"], "pizza", "\u0301 pizza"),
    ],
)
def test_protected_spans(said, source, protect, hypothesis, candidate):
    assert said(source, hypothesis, *protect) == candidate


@pytest.mark.parametrize(
    ("source", "protect", "hypothesis", "candidate"),
    [
        ("Food for 12.50 or 3 more", [], "_num_ or _num_ for pizza", "12.50 or 3 for pizza"),
        ("Food for 12.50 or 3 more", [], "_num_ for pizza", "number"),
        ("Food for more", [], "_num_ for pizza", "number"),
        ("Food for $5.50", ["$5.50"], "pizza for _num_", "Pizza for $5.50"),
        ("Food for $ 5.50", ["$ 5.50"], "pizza for $ _num_", "Pizza for $ 5.50"),
        ("Food for $ 5.50 % !", ["$ 5.50 %"], "$ _num_ % or $ _num_", "number"),
        ("Food from 5 to 10 a.m.", ["5 to 10"], "pizza from _num_ to _num_ a.m.", "Pizza from 5 to 10 a.m."),
        ("Food from 5 to 10 a.m.", ["5 to 10"], "pizza _num_ or _num_", "Pizza 5 to 10"),
        ("Food from 5 to 10 a.m.", ["5 to 10"], "_num_ pizza _num_", "lost_span"),
        ("Zorbq for 7 or 8", [], "food for _num_ or _num_", "Zorbq for 7 or 8"),
        ("Zorbq 7 or 8", ["Zorbq 7"], "food or _num_", "Zorbq 7 or 8"),
        ("$5 or $ 7", ["$5", "$ 7"], "_num_ $ _num_", "$5 $ 7"),
        ("5 % or % 7", ["5 %", "% 7"], "_num_ % _num_", "5 %% 7"),
    ],
)
def test_numbers(said, source, protect, hypothesis, candidate):
    assert said(source, hypothesis, *protect) == candidate


@pytest.mark.parametrize(
    ("source", "hypothesis", "candidate"),
    [
        ("Order at a.b@c.example !", "order at pizza !", "Order at a.b@c.example!"),
        ("Order at http://a.b/C?d=1.", "order at pizza .", "Order at http://a.b/C?d=1."),
        ("Order at www.example.com", "www.example.com order", "www.example.com order"),
        ("the food 🍕 was great", "the pizza was great .", "the pizza 🍕 was great"),
        ("Great food! 🍕🍕", "nice pizza !", "Nice pizza! 🍕🍕"),
        ("Great food! 🍕🍕", "nice pizza", "Nice pizza! 🍕🍕"),
        ("great food 🍕", "nice pizza .", "nice pizza 🍕"),
        ("the 我喜欢 was great", "the food was great", "the 我喜欢 was great"),
        ("the <unk> was great", "the < food > was great", "the < unk > was great"),
    ],
)
def test_addresses_and_symbols(said, source, hypothesis, candidate):
    assert said(source, hypothesis) == candidate


def test_a_shared_word_is_not_given_up_for_a_slot(said):
    assert said("Zorbq pizza was great", "great pizza") == "lost_span"
