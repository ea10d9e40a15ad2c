import pytest

from resay.engine import RawRequest
from resay.engine.body import read_body
from resay.engine.items import parse_texts
from resay.engine.limits import ModelBounds, RequestLimits
from resay.engine.options import KNOB_OF_OPTION
from resay.engine.requests import EncodeRequest, ParaphraseRequest
from resay.engine.strategies import STRATEGIES
from resay.errors import RequestError

LIMITS = RequestLimits(max_body_bytes=10_000, max_items=4, max_characters=50)
BOUNDS = ModelBounds(max_length=12, max_new_tokens=13, embedding_size=10)


def parse(body, model=ParaphraseRequest):
    request = RawRequest(body, "application/json")
    return parse_texts(read_body(request, LIMITS.max_body_bytes), model, LIMITS, BOUNDS)


def refuse(body, model=ParaphraseRequest):
    with pytest.raises(RequestError) as caught:
        parse(body, model)
    error = caught.value
    return error.status, error.code, error.path, str(error)


def test_all_forms_of_a_body():
    assert parse("a b").items == ["a b"]
    assert not parse("a b").is_list
    assert parse(["a", "b"]).items == ["a", "b"]
    assert parse(["a"]).is_list
    assert not parse({"inputs": "a"}).is_list
    assert parse({"inputs": ["a"]}).is_list


def test_defaults():
    fields = parse("a").fields
    assert (fields.n, fields.strategy, fields.min_similarity, fields.allow_identity) == (5, "mixed", 0, False)
    assert (fields.diversity, fields.seed, fields.protect) == (0.5, 0, [])
    assert all(getattr(fields, name) is None for name in KNOB_OF_OPTION)
    assert fields.return_scores
    encode = parse("a", EncodeRequest).fields
    assert (encode.normalize, encode.truncate, encode.encoding_format) == (True, True, "float")


@pytest.mark.parametrize("body", [5, 2.5, True, None])
def test_neither_text_nor_list_nor_object(body):
    status, code, path, message = refuse(body)
    assert (status, code, path) == (422, "wrong_type", "")
    assert "must be a text, a list of texts or an object" in message


@pytest.mark.parametrize("body", [[], {"inputs": []}])
def test_no_inputs(body):
    assert refuse(body)[:3] == (422, "no_inputs", "inputs")


@pytest.mark.parametrize("inputs", [5, None, {"a": "b"}, True])
def test_inputs_of_the_wrong_type(inputs):
    assert refuse({"inputs": inputs})[:3] == (422, "wrong_type", "inputs")


def test_missing_inputs():
    assert refuse({"n": 2})[:3] == (422, "missing_field", "inputs")
    assert refuse({})[:3] == (422, "missing_field", "inputs")


def test_an_unknown_field_is_named_with_the_known_ones():
    status, code, path, message = refuse({"inputs": "a", "num_beam": 3})
    assert (status, code, path) == (422, "unknown_field", "num_beam")
    for name in ParaphraseRequest.model_fields:
        assert name in message
    assert "did you mean 'num_beams'" in message
    assert refuse({"inputs": "a", "n": 1}, EncodeRequest)[1] == "unknown_field"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("n", 0, "out_of_range"),
        ("n", 51, "out_of_range"),
        ("n", 10**400, "out_of_range"),
        ("n", 2.0, "wrong_type"),
        ("n", "2", "wrong_type"),
        ("n", True, "wrong_type"),
        ("n", None, "wrong_type"),
        ("strategy", "samples", "not_allowed"),
        ("strategy", 1, "wrong_type"),
        ("num_beams", 65, "out_of_range"),
        ("min_similarity", 1.5, "out_of_range"),
        ("min_similarity", -0.1, "out_of_range"),
        ("min_similarity", float("nan"), "out_of_range"),
        ("min_similarity", "0.5", "wrong_type"),
        ("allow_identity", 1, "wrong_type"),
        ("max_new_tokens", 0, "out_of_range"),
        ("max_new_tokens", 14, "out_of_range"),
        ("return_scores", "yes", "wrong_type"),
        ("diversity", 1.01, "out_of_range"),
        ("diversity", "0.5", "wrong_type"),
        ("diversity", None, "wrong_type"),
        ("seed", -1, "out_of_range"),
        ("seed", 2**63, "out_of_range"),
        ("seed", 1.0, "wrong_type"),
        ("protect", "soup", "wrong_type"),
        ("protect", ["a"] * 33, "out_of_range"),
        ("num_beam_groups", 0, "out_of_range"),
        ("diversity_penalty", -1, "out_of_range"),
        ("source_copy_penalty", float("inf"), "out_of_range"),
        ("\ud83d" * 200, 0, "unknown_field"),
    ],
)
def test_values_that_are_not_allowed(field, value, code):
    status, found, path, message = refuse({"inputs": "a", field: value})
    assert (status, found) == (422, code)
    assert path == (field if field.isascii() else path)
    assert len(message) < 400
    message.encode()


@pytest.mark.parametrize(
    ("span", "code"), [(5, "wrong_type"), ("  ", "out_of_range"), ("", "out_of_range"), ("x" * 201, "out_of_range")]
)
def test_spans_that_cannot_be_protected(span, code):
    status, found, path, message = refuse({"inputs": "a", "protect": ["a", span]})
    assert (status, found, path) == (422, code, "protect[1]")
    assert "x" * 50 not in message


@pytest.mark.parametrize(
    ("strategy", "option", "readers"),
    [
        ("beam", "temperature", "sample, mixed"),
        ("sample", "diversity_penalty", "diverse-beam, mixed"),
        ("greedy", "num_beams", "beam, diverse-beam, sample, latent, mixed"),
        ("diverse-beam", "latent_noise", "latent, mixed"),
    ],
)
def test_an_option_that_would_change_nothing_is_refused(strategy, option, readers):
    status, code, path, message = refuse({"inputs": "a", "strategy": strategy, option: 1})
    assert (status, code, path) == (422, "not_allowed", option)
    assert f"{option} is not read by the strategy {strategy}; it is by: {readers}" in message


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_option_of_every_strategy_is_taken(strategy):
    for option in STRATEGIES[strategy].options:
        assert getattr(parse({"inputs": "a", "strategy": strategy, option: 1}).fields, option) == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("dimensions", 11, "out_of_range"),
        ("dimensions", 0, "out_of_range"),
        ("encoding_format", "f16", "not_allowed"),
        ("normalize", "true", "wrong_type"),
        ("truncate", None, "wrong_type"),
    ],
)
def test_values_that_are_not_allowed_for_encode(field, value, code):
    assert refuse({"inputs": "a", field: value}, EncodeRequest)[:3] == (422, code, field)


def test_bounds_of_the_model_are_named():
    assert "1 to 13" in refuse({"inputs": "a", "max_new_tokens": 14})[3]
    assert "1 to 10" in refuse({"inputs": "a", "dimensions": 11}, EncodeRequest)[3]
    assert parse({"inputs": "a", "max_new_tokens": 13}).fields.max_new_tokens == 13


def test_greedy_finds_one():
    assert parse({"inputs": "a", "strategy": "greedy"}).fields.n == 1
    status, code, path, message = refuse({"inputs": "a", "strategy": "greedy", "n": 2})
    assert (status, code, path) == (422, "out_of_range", "n")
    assert "greedy" in message
    assert "use beam" in message


def test_too_many_items():
    status, code, path, message = refuse(["a"] * 5)
    assert (status, code, path) == (413, "too_many_items", "inputs")
    assert "5 texts" in message
    assert "at most 4" in message


def test_a_bad_item_is_its_own_affair():
    items = parse(["a", 5, "b" * 51, None]).items
    assert items[0] == "a"
    assert [error.code for error in items[1:]] == ["wrong_type", "too_long", "wrong_type"]
    assert "51 characters" in str(items[2])
    assert "at most 50" in str(items[2])
    assert "got null" in str(items[3])
