from collections import Counter

import numpy as np
import pytest

from resay.evaluation.probes.polarity_sentences import (
    folds,
    negation_of,
    opposite_of,
    places_where,
    polarity_sentences,
    synonym_of,
)


def test_there_are_many_and_none_stands_twice():
    texts = [one.text for one in polarity_sentences()]
    assert len(texts) == len(set(texts)) > 2000
    assert not any("{" in text or "  " in text for text in texts)


def test_polarity_is_balanced_in_every_template_and_scale():
    for name in ("template", "scale"):
        counts = Counter((getattr(one, name), one.negated, one.positive) for one in polarity_sentences())
        assert len(set(counts.values())) == 1


def test_no_word_is_of_two_scales():
    sentences = [one for one in polarity_sentences() if one.template == 0 and not one.negated]
    words = [one.text.split()[-2] for one in sentences]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("partner", "same", "other"),
    [
        (negation_of, ("template", "scale", "word", "praising"), ("negated",)),
        (opposite_of, ("template", "scale", "word", "negated"), ("praising",)),
        (synonym_of, ("template", "scale", "praising", "negated", "positive"), ("word",)),
    ],
)
def test_partners_differ_in_one_thing(partner, same, other):
    sentences = polarity_sentences()
    for place, one in enumerate(sentences):
        its = sentences[partner(place)]
        assert partner(partner(place)) == place
        assert all(getattr(one, name) == getattr(its, name) for name in same)
        assert all(getattr(one, name) != getattr(its, name) for name in other)


def test_places_where():
    places = places_where(lambda one: one.template == 1 and one.scale == 0)
    assert [polarity_sentences()[place].template for place in places.tolist()] == [1] * 8


@pytest.mark.parametrize("with_negation", [False, True])
def test_folds_keep_what_they_promise(with_negation):
    sentences = polarity_sentences()
    seen_templates, seen_scales = Counter(), Counter()
    for fold in folds(with_negation=with_negation):
        of = {
            name: [sentences[place] for place in getattr(fold, name)] for name in ("train", "new_words", "known_words")
        }
        templates = {name: {one.template for one in part} for name, part in of.items()}
        scales = {name: {one.scale for one in part} for name, part in of.items()}
        assert not templates["train"] & (templates["new_words"] | templates["known_words"])
        assert not scales["train"] & scales["new_words"]
        assert scales["known_words"] == scales["train"]
        seen_templates.update(templates["new_words"])
        seen_scales.update(scales["new_words"])
        chosen_by, fitted = (
            [sentences[place] for place in fold.train[mask].tolist()] for mask in (fold.validation, fold.fitted)
        )
        assert chosen_by
        assert fitted
        assert not {one.template for one in chosen_by} & {one.template for one in fitted}
        assert not {one.scale for one in chosen_by} & {one.scale for one in fitted}
        for part in (*of.values(), chosen_by, fitted):
            assert np.mean([one.positive for one in part]) == 0.5
            assert any(one.negated for one in part) == with_negation
    assert set(seen_templates.values()) == set(seen_scales.values()) == {1}
    assert len(seen_templates) == len({one.template for one in sentences})
    assert len(seen_scales) == len({one.scale for one in sentences})
