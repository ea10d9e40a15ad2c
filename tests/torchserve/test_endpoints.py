import pytest

from resay.errors import SettingsError
from resay.torchserve.endpoints import BULK_LANES, DEFAULT_ENDPOINTS, ENDPOINTS, chosen_endpoints
from resay.torchserve.subject import Subject


def test_the_choice_has_the_order_of_the_table_and_no_name_twice() -> None:
    assert chosen_endpoints(["sample", "encode", "sample"]) == ("encode", "sample")
    assert chosen_endpoints(ENDPOINTS) == tuple(ENDPOINTS)


def test_an_unknown_endpoint_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"one of: encode, .*got 'paraphrases' \(did you mean 'paraphrase'"):
        chosen_endpoints(["encode", "paraphrases"])


def test_no_endpoint_is_refused() -> None:
    with pytest.raises(SettingsError, match="no endpoint to serve; choose among: encode, "):
        chosen_endpoints([])


PRIOR = {"prior": {"kind": "normal"}}
REFUSALS = {
    "a model exported before": ({}, {"sample": "no_prior"}),
    "a variational one": (PRIOR, {}),
    "a language model": (
        {"reads_sentence": False},
        {"paraphrase": "no_latent_space", "decode": "no_latent_space", "interpolate": "no_latent_space"},
    ),
}


@pytest.mark.parametrize("model", REFUSALS)
def test_what_a_model_has_to_refuse(make_card, model: str) -> None:
    latent_space, refusals = REFUSALS[model]
    card = make_card(**latent_space)
    found = {name: endpoint.refusal(card) for name, endpoint in ENDPOINTS.items()}
    assert {name: code for name, code in found.items() if code} == refusals


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_empty_reply_is_a_problem_of_every_endpoint(subject: Subject, endpoint: str) -> None:
    for reply in ({}, {"data": []}, {"data": [{"index": 0, "error": {"code": "x", "message": "y"}}]}):
        (problem,) = ENDPOINTS[endpoint].problems(reply, subject)
        assert problem.startswith(f"{ENDPOINTS[endpoint].bulk_of or endpoint}: the reply ")


def test_the_way_of_large_requests_is_served_where_it_is_named_alone() -> None:
    assert BULK_LANES == {"encode": "encode_bulk"}
    assert set(DEFAULT_ENDPOINTS) == set(ENDPOINTS) - {"encode_bulk"}
    assert chosen_endpoints(["encode_bulk", "encode"]) == ("encode", "encode_bulk")
