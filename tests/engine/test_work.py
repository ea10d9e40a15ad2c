"""What a batch costs is recorded for whoever looks, and for nobody else."""

from resay.engine import RawRequest
from resay.engine.work import count, observed_work, timed


def test_stages_and_counts_of_a_batch(encode_service):
    with observed_work() as work:
        encode_service.respond([RawRequest("good food"), RawRequest(b"[1]", "application/json")])
    assert set(work.seconds) == {"parse", "tokenize", "compute", "serialize"}
    assert all(seconds > 0 for seconds in work.seconds.values())
    assert work.counts["requests"] == 2
    assert work.counts["texts"] == 1
    assert work.counts["padded_tokens"] == work.counts["tokens"] == 2


def test_padding_is_counted(encode_service):
    with observed_work() as work:
        encode_service.respond([RawRequest(["good food", "the good food"])])
    assert work.counts["tokens"] == 5
    assert work.counts["padded_tokens"] == 6


def test_candidates_and_what_was_filtered_are_counted(paraphrase_service):
    with observed_work() as work:
        paraphrase_service.respond([RawRequest({"inputs": "good food", "n": 2})])
    assert work.counts["candidates"] <= 2
    assert any(name.startswith("filtered.") for name in work.counts)


def test_nothing_is_recorded_outside():
    with observed_work() as work:
        pass
    count("texts", 3)
    with timed("compute"):
        pass
    assert not work.seconds
    assert not work.counts


def test_items_that_failed_in_an_answer_are_counted_by_code(encode_service):
    with observed_work() as work:
        encode_service.respond([RawRequest(["good", " ", 5, "food"]), RawRequest(" ")])
    failed = {name: number for name, number in work.counts.items() if name.startswith("failed.")}
    # The request of one text has a status of its own.
    assert failed == {"failed.empty_text": 1, "failed.wrong_type": 1}
