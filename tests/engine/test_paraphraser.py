from dataclasses import replace

import numpy as np
import pytest

from resay.engine import ParaphraseItem, ParaphraseOptions
from resay.engine.batching import FEWEST_ROWS
from resay.engine.choosing import finish_reason
from resay.engine.decoding import Hypothesis
from resay.engine.scores import novelty, score, similarity
from resay.errors import RequestError

SENTENCES = [
    f"the {thing} {what}"
    for thing in ("soup", "waiter", "hotel")
    for what in ("was great!", "was very good.", "is small and clean.", "was n't nice at all.")
]
TEXTS = ["The soup was great!", "the hotel is small and clean.", "Our room cost 80 dollars.", "bread"]


def one(paraphraser, text, **options):
    return paraphraser.paraphrase([ParaphraseItem(text, ParaphraseOptions(**options))])[0]


def test_scores_are_what_they_say(paraphraser):
    encoder, text = paraphraser.encoder, TEXTS[0]
    tokens = encoder.preparer.tokenizer.encode(text).tokens
    result = one(paraphraser, text)
    assert result.finish_reason == "complete"
    assert len(result.candidates) == 5
    for candidate in result.candidates:
        source, found = encoder.encode([text, candidate.text])
        found_tokens = encoder.preparer.tokenizer.encode(candidate.text).tokens
        assert candidate.similarity == pytest.approx(similarity(source, found), abs=1e-5)
        assert candidate.novelty == pytest.approx(novelty(tokens, found_tokens))
        assert candidate.score == pytest.approx(score(candidate.similarity, candidate.novelty, candidate.log_prob))
    scores = [candidate.score for candidate in result.candidates]
    assert scores == sorted(scores, reverse=True)


def test_the_source_is_no_candidate_unless_allowed(paraphraser):
    # Greedy decoding says most of what the model has learnt by heart again.
    num_copies = 0
    for text in SENTENCES:
        allowed = one(paraphraser, text, num_candidates=1, strategy="greedy", allow_identity=True)
        refused = one(paraphraser, text, num_candidates=1, strategy="greedy")
        assert len(allowed.candidates) == 1
        assert len(refused.candidates) == 1 - refused.filtered["copy"]
        if refused.filtered["copy"]:
            assert allowed.candidates[0].novelty < 0.3
            assert refused.finish_reason == "fewer_than_n"
            num_copies += 1
    assert num_copies > len(SENTENCES) / 3


def test_no_text_depends_on_the_others(paraphraser):
    options = [
        ParaphraseOptions(),
        ParaphraseOptions(num_candidates=1, strategy="greedy"),
        ParaphraseOptions(num_candidates=9, min_similarity=0.5),
        ParaphraseOptions(num_candidates=3, strategy="beam", num_beams=3, max_new_tokens=4),
        *(ParaphraseOptions(strategy=strategy, seed=7) for strategy in ("beam", "sample", "latent", "mixed")),
    ]
    items = [ParaphraseItem(text, option) for text in TEXTS for option in options]
    alone = [paraphraser.paraphrase([item])[0] for item in items]
    order = np.random.default_rng(0).permutation(len(items))
    together = paraphraser.paraphrase([items[index] for index in order])
    for index, found in zip(order, together, strict=True):
        expected = alone[index]
        assert found.finish_reason == expected.finish_reason
        assert found.filtered == expected.filtered
        assert [item.text for item in found.candidates] == [item.text for item in expected.candidates]
        for one_item, other in zip(found.candidates, expected.candidates, strict=True):
            assert one_item.score == pytest.approx(other.score, abs=1e-5)


def test_everything_is_kept_or_counted(paraphraser):
    for text in TEXTS:
        result = one(paraphraser, text, num_candidates=64, num_beams=64, strategy="beam")
        assert len(result.candidates) + sum(result.filtered.values()) == 64
        assert result.finish_reason == ("complete" if len(result.candidates) == 64 else "fewer_than_n")


def test_min_similarity(paraphraser):
    everything = one(paraphraser, TEXTS[0], num_candidates=64)
    some = one(paraphraser, TEXTS[0], num_candidates=64, min_similarity=0.9)
    assert some.candidates == [item for item in everything.candidates if item.similarity >= 0.9]
    assert some.filtered["low_similarity"] == len(everything.candidates) - len(some.candidates) > 0
    assert some.finish_reason == "fewer_than_n"


def test_numbers_come_back(paraphraser):
    result = one(paraphraser, "The soup took 7 minutes in 12 cases.")
    assert result.candidates
    for candidate in result.candidates:
        assert candidate.text.index("7") < candidate.text.index("12")


@pytest.mark.parametrize(
    ("text", "code", "parts"),
    [
        ("  ", "empty_text", ["2 characters"]),
        ("soup " * 13, "too_long", ["has 13 tokens", "at most 12"]),
        ("soup " * 200, "too_long", ["has at least 76 tokens", "at most 12"]),
        ("quixotic zephyrs", "no_known_words", ["2 words"]),
        ("quixotic zephyrs !", "no_known_words", ["2 words"]),
    ],
)
def test_a_text_that_cannot_be_paraphrased_fails_alone(paraphraser, text, code, parts):
    items = [ParaphraseItem(each, ParaphraseOptions()) for each in ["The soup was great!", text, "bread"]]
    first, failed, last = paraphraser.paraphrase(items)
    assert isinstance(failed, RequestError)
    assert (failed.status, failed.code) == (422, code)
    assert all(part in str(failed) for part in parts)
    assert first.candidates
    assert last.candidates


def test_punctuation_alone_is_no_error(paraphraser):
    assert not isinstance(one(paraphraser, "!"), RequestError)


def test_greedy_gives_at_most_one(paraphraser):
    result = one(paraphraser, "our soup is nice", num_candidates=1, strategy="greedy")
    assert len(result.candidates) + sum(result.filtered.values()) == 1


def test_a_length_that_is_never_enough(paraphraser):
    result = one(paraphraser, TEXTS[0], max_new_tokens=2, num_candidates=2)
    assert all(len(candidate.text.split()) <= 2 for candidate in result.candidates)
    assert result.finish_reason in {"max_new_tokens", "complete", "fewer_than_n"}


def test_nothing_is_begun_after_the_deadline(paraphraser, slow):
    items = [ParaphraseItem(text, ParaphraseOptions(deadline=0.0)) for text in TEXTS]
    results = replace(paraphraser, step=slow).paraphrase(items)
    assert {(error.status, error.code) for error in results} == {(504, "deadline")}
    assert slow.num_rows == []


@pytest.mark.parametrize(("strategy", "num_candidates"), [("beam", 5), ("greedy", 1)])
def test_a_deadline_leaves_only_what_was_whole(paraphraser, slow, strategy, num_candidates):
    """However many steps it allows: an error, or candidates that it found as they would be without it."""
    options = {"strategy": strategy, "num_candidates": num_candidates, "max_new_tokens": 13, "allow_identity": True}
    whole = {candidate.text for candidate in one(paraphraser, TEXTS[0], **options).candidates}
    reasons = []
    for num_steps in range(1, 14):
        slow.seconds = 0
        result = one(replace(paraphraser, step=slow), TEXTS[0], deadline=float(num_steps), **options)
        assert slow.seconds <= num_steps
        if isinstance(result, RequestError):
            assert (result.status, result.code) == (504, "deadline")
        else:
            assert result.candidates
        reasons.append("error" if isinstance(result, RequestError) else result.finish_reason)
    assert reasons[0] == "error"
    assert reasons == sorted(reasons, key=["error", "deadline", "complete", "fewer_than_n"].index)
    assert {candidate.text for candidate in result.candidates} == whole


@pytest.mark.parametrize(
    ("has_all", "stops", "expected"),
    [
        (True, ["end", "length"], "complete"),
        (False, ["end", "length"], "fewer_than_n"),
        (False, ["length"], "max_new_tokens"),
        (True, ["length"], "complete"),
        (False, [], "fewer_than_n"),
        (False, ["end", "deadline"], "deadline"),
        (True, ["deadline"], "complete"),
    ],
)
def test_finish_reasons(has_all, stops, expected):
    assert finish_reason(has_all, [Hypothesis((), -1.0, stop) for stop in stops]) == expected


def test_sources_and_drafts_are_encoded_in_batches(paraphraser):
    calls = []

    class Counting:
        def run(self, output_names, input_feed):
            calls.append(len(input_feed["lengths"]))
            return paraphraser.encoder.session.run(output_names, input_feed)

        def get_providers(self):
            return []

    encoder = type(paraphraser.encoder)(paraphraser.encoder.preparer, Counting(), paraphraser.encoder.embedding_size)
    counted = replace(paraphraser, encoder=encoder)
    counted.paraphrase([ParaphraseItem(text, ParaphraseOptions()) for text in TEXTS])
    assert calls[0] == len(TEXTS)
    *full, _ = calls[1:]
    assert all(num_rows >= FEWEST_ROWS for num_rows in full)
