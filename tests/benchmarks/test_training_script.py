"""benchmarks/training.py at a size that takes seconds, and the pieces its figures rest on."""

import numpy as np
import pytest

SIZES = "--vocabulary 80 --hidden 8 --word-vector-size 6 --batch-size 4 --batches 3 --sentences 60 --repetitions 3"


@pytest.fixture(scope="module")
def written(run_script, read_rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    printed = run_script("training.py", *SIZES.split(), "--out", folder / "training.csv")
    names = ("training.csv", "training-products.csv", "training-profile.csv")
    return printed, [read_rows(folder / name) for name in names]


def test_every_variant_has_a_row(written):
    _, (rows, _, _) = written
    found = [(row["loss"], row["variant"]) for row in rows]
    variants = ("published", "padded", "bucketed", "resay")
    assert found == [(loss, variant) for loss in ("ce", "soft-label") for variant in variants]


def test_rates_and_shares_fit_each_other(written):
    _, (rows, _, _) = written
    for row in rows:
        reached = float(row["sentences_per_cpu_s"])
        assert 0 < float(row["cpu_q25"]) <= reached <= float(row["cpu_q75"])
        assert float(row["sentences_per_wall_s"]) > 0
        share = reached / float(row["bound_sentences_per_s"])
        assert float(row["share_of_bound"]) == pytest.approx(share, abs=1e-3)
        assert (row["sentences_a_round"], row["vocab_size"]) == ("12", "80")


def test_products_and_profile_are_written(written):
    printed, (_, products, profile) = written
    assert len(products) == 12
    assert all(float(product["mm"]) > 0 for product in products)
    assert {row["loss"] for row in profile} == {"ce", "soft-label"}
    assert 0 < sum(float(row["share"]) for row in profile if row["loss"] == "ce") <= 1.001
    assert "torch.mm" in printed


@pytest.fixture
def prepared(helpers, tmp_path):
    from synthetic_corpus import make_prepared
    from training_case import TrainingCase

    case = TrainingCase(
        threads=1,
        allocator="default",
        losses=("ce",),
        variants=("resay",),
        vocab_size=80,
        hidden_size=8,
        word_vector_size=6,
        batch_size=4,
        max_length=15,
        num_batches=6,
        num_sentences=60,
        repetitions=3,
        seconds=1.0,
        seed=0,
    )
    return case, make_prepared(case, tmp_path)


def test_corpus_has_the_vocabulary_asked_for(prepared):
    case, made = prepared
    assert made.tokenizer.vocab_size == case.vocab_size
    assert made.train.report.num_unknown == 0
    assert made.has_vector.sum() == case.vocab_size - 5


def test_both_batchings_hold_the_same_sentences(prepared):
    from synthetic_corpus import make_round

    case, made = prepared
    batches = make_round(made.train, case)
    assert sorted(np.concatenate(batches.bucketed)) == sorted(np.concatenate(batches.shuffled))
    spans = [np.ptp(made.train.lengths[batch]) for batch in batches.bucketed]
    assert max(spans) < np.ptp(made.train.lengths)


def test_bound_counts_the_operations_of_the_output_layer(prepared):
    from matrix_products import Rate, bound, step_products

    case, _ = prepared
    output = [product for product in step_products(case, 9.0) if product.name.startswith("output")]
    once = 2 * case.batch_size * 10 * case.hidden_size * case.vocab_size
    assert sum(product.operations for product in output) == pytest.approx(3 * once)
    rates = [Rate(product, mm=1.0, onednn=2.0) for product in output]
    assert bound(rates, case, "mm") == pytest.approx(case.batch_size / (3e-9 * once))
    assert bound(rates, case, "best") == pytest.approx(2 * bound(rates, case, "mm"))
