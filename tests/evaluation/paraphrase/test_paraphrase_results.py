"""The table: what is measured once is not measured again, and what was kept can be compared."""

import csv

import numpy as np
import pytest

from resay.errors import CorpusError
from resay.evaluation.paraphrase import Produced, compare_all, correlations, draw_frontier
from resay.evaluation.paraphrase.correlation import pearson, pearson_within
from resay.evaluation.paraphrase.experiment import Experiment, System, sample_sentences
from resay.evaluation.paraphrase.measuring import save_arrays
from resay.evaluation.paraphrase.results import find_row, read_rows, write_row
from resay.evaluation.paraphrase.systems import arrays_path, system_names


def written(table):
    with table.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_row_is_found_by_what_it_depends_on(row, tmp_path):
    table = tmp_path / "folder" / "table.csv"
    assert read_rows(table) == []
    write_row(table, row(dial="0.5"))
    rows = read_rows(table)
    assert find_row(rows, row(dial="0.5", commit="another")) is rows[0]
    for changed in ("model_sha256", "sentences_sha256", "n", "seed", "judge", "num_sentences", "strategy", "dial"):
        assert find_row(rows, row(dial="0.5") | {changed: "9"}) is None


def test_later_measurement_takes_the_place_of_the_former(row, tmp_path):
    table = tmp_path / "table.csv"
    for one in (row(dial="0.5"), row(dial="0"), row(dial="0.5", model_sha256="new", similarity=0.7, extra=None)):
        write_row(table, one)
    assert [(one["dial"], one["model_sha256"], one["extra"]) for one in written(table)] == [
        ("0", "sha of m", ""),
        ("0.5", "new", ""),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_another_table_is_left_alone(row, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("run,loss\nx,ce\n")
    with pytest.raises(CorpusError, match=r"table.csv: is no table of paraphrasing"):
        write_row(table, row())
    assert table.read_text() == "run,loss\nx,ce\n"


@pytest.fixture
def experiment(judge, opposites, tmp_path):
    sentences = ["the soup was good .", "the bread was bad ."]
    return Experiment(sentences, judge, opposites, 2, 0, tmp_path / "table.csv", tmp_path / "scratch", "abc")


PRODUCED = Produced([["the broth was good .", "the soup was bad ."], []], [[0.9, 0.4], []], num_refused=1)


def test_measured_row(experiment, counted):
    pytest.importorskip("sacrebleu")
    found = experiment.run(System("m", "0123456789abcdef", "ce"), "sample", 0.25, counted(PRODUCED))
    (row,) = written(experiment.table)
    assert {name: str(value) for name, value in found.items()} == row
    assert row["similarity"] == "0.8"
    assert (row["num_delivered"], row["all_delivered"], row["num_refused"]) == ("1.0", "0.5", "1")
    assert row["meaning_flips"] == "0.5"
    assert (row["dial"], row["model_sha256"], row["commit"]) == ("0.25", "0123456789ab", "abc")
    assert not any(word in experiment.table.read_text() for word in ("soup", "broth", "bread"))


def test_killed_run_goes_on_where_it_was(experiment, counted, judge):
    pytest.importorskip("sacrebleu")
    system, make = System("m", "sha", "ce"), counted(PRODUCED)
    assert experiment.run(system, "sample", 0.0, make)

    def killed():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        experiment.run(system, "sample", 0.5, killed)
    assert experiment.run(system, "sample", 0.0, make) is None
    assert (make.calls, judge.asked) == (1, 1)
    assert experiment.run(system, "sample", 0.5, make)
    assert experiment.run(System("m", "trained anew", "ce"), "sample", 0.0, make)
    assert experiment.run(system, "sample", 0.5, make, again=True)
    assert make.calls == 4
    assert [row["dial"] for row in written(experiment.table)] == ["0", "0.5"]


def test_sample_is_the_same_at_every_call(tmp_path):
    file = tmp_path / "dev.txt"
    file.write_text("".join(f"sentence {number}\n" for number in [*range(50), 7]))
    one = sample_sentences(file, 20)
    assert one == sample_sentences(file, 20)
    assert len(set(one)) == 20
    assert one == sorted(one, key=lambda line: int(line.split()[1]))
    assert len(sample_sentences(file, 50)) == 50
    with pytest.raises(CorpusError, match="has 50 distinct sentences, fewer than 51"):
        sample_sentences(file, 51)


def keep(scratch, row, **arrays):
    save_arrays(arrays_path(scratch, row), {name: np.array(values) for name, values in arrays.items()})


def test_losses_are_compared_with_cross_entropy_and_word_replacement(row, tmp_path):
    rows = []
    for model, loss, strategy, height in (
        ("a", "ce", "sample", 0.8),
        ("a", "ce", "beam", 0.7),
        ("b", "soft-label", "sample", 0.9),
        ("synonyms", "", "synonyms", 0.85),
    ):
        for dial in (0.0, 0.5, 1.0):
            one = row(model, strategy, f"{dial:g}", loss=loss, novelty=dial, similarity=height - dial / 2)
            keep(tmp_path, one, novelty=[dial] * 4, similarity=[height - dial / 2] * 4)
            rows.append(one)
    rows.append(row("parrot", "parrot", "", loss="", novelty=0, similarity=1))
    found = {(one.strategy, one.system, one.other): one.advantage for one in compare_all(rows, tmp_path)}
    expected = {
        ("sample", "soft-label", "ce"): 0.1,
        ("sample", "soft-label", "synonyms"): 0.05,
        ("sample", "ce", "synonyms"): -0.05,
        ("beam", "ce", "synonyms"): -0.15,
    }
    assert {key: one.height for key, one in found.items()} == pytest.approx(expected, abs=1e-6)
    assert all(one.low == pytest.approx(one.high, abs=1e-6) for one in found.values())
    from_means = {(one.strategy, one.system, one.other): one for one in compare_all(rows, None)}
    assert from_means["sample", "soft-label", "ce"].advantage.height == pytest.approx(0.1)
    assert "+0.1000  novelty 0.25-0.75" in str(from_means["sample", "soft-label", "ce"])
    for one in rows[:3]:
        one["sentences_sha256"] = "others"
    assert {key[0] for key in expected} == {"sample", "beam"}
    assert {(one.strategy, one.other) for one in compare_all(rows, tmp_path)} == {
        ("sample", "synonyms"),
        ("beam", "synonyms"),
    }


def test_curves_of_which_one_is_not_kept_are_compared_by_means(row, tmp_path):
    rows = [
        row(model, "sample", f"{dial:g}", loss=loss, novelty=dial, similarity=height)
        for model, loss, height in (("a", "ce", 0.5), ("b", "weighted-ce", 0.7))
        for dial in (0.0, 1.0)
    ]
    for one in rows[:2]:
        keep(tmp_path, one, novelty=[one["novelty"]] * 4, similarity=[0.5] * 4)
    (found,) = compare_all(rows, tmp_path)
    assert found.advantage.height == pytest.approx(0.2)
    assert np.isnan(found.advantage.low)


def test_frontiers_that_do_not_meet_are_said_to(row):
    rows = [
        row(model, "sample", dial, loss=loss, novelty=novelty)
        for model, loss, novelties in (("a", "ce", (0.1, 0.2)), ("b", "weighted-sim", (0.4, 0.6)))
        for dial, novelty in zip("01", novelties, strict=True)
    ]
    (found,) = compare_all(rows, None)
    assert str(found).endswith("not comparable: one ends at novelty 0.20, the other begins at 0.40")


def test_names_tell_systems_apart(row):
    rows = [row("a"), row("b"), row("c", loss="soft-label", options="N=3"), row("parrot", loss="")]
    assert system_names(rows) == {"a": "ce (a)", "b": "ce (b)", "c": "soft-label N=3", "parrot": "parrot"}


def test_correlation_within_inputs_leaves_out_how_hard_they_are():
    own = np.array([0.1, 0.2, 0.8, 0.9, np.nan])
    judged = np.array([0.2, 0.1, 0.9, 0.8, 0.5])
    assert pearson(own, judged) > 0.9
    assert pearson_within(own, judged, np.array([0, 0, 1, 1, 1])) == pytest.approx(-1)
    assert np.isnan(pearson(own, np.full(5, 0.5)))


def test_correlations_are_read_from_what_was_kept(row, tmp_path):
    one, other = row(dial="0"), row(dial="1")
    shared = {"pair_embedding": [0.3, 0.1], "pair_latent": [0.1, 0.3]}
    keep(tmp_path, one, pair_own=[0.1, 0.3], pair_judge=[0.2, 0.6], pair_input=[0, 0], **shared)
    keep(tmp_path, other, novelty=[0.1])
    found = correlations([one, other], tmp_path)
    assert found["ce"]["own"] == pytest.approx((1, 1))
    assert found["ce"]["embedding"] == pytest.approx((-1, -1))
    assert correlations([other], tmp_path) == {}


def test_plot_is_drawn_from_the_table_alone(row, tmp_path):
    pytest.importorskip("matplotlib")
    table = tmp_path / "table.csv"
    for dial in ("0", "0.5", "1"):
        write_row(table, row("a", "sample", dial, novelty=float(dial) / 2, similarity=1 - float(dial) / 2))
        write_row(table, row("b", "beam", dial, loss="brand-new", self_bleu=None))
        write_row(table, row("synonyms", "synonyms", dial, loss=""))
    write_row(table, row("random", "random", "", loss="", similarity=0.01))
    draw_frontier(read_rows(table), tmp_path / "folder" / "plot.png")
    assert (tmp_path / "folder" / "plot.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(CorpusError, match="no model's row"):
        draw_frontier([row("parrot", "parrot", "")], tmp_path / "plot.png")
