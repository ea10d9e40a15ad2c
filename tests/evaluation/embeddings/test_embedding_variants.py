"""The table of variants, and what tells one from another."""

import dataclasses

import numpy as np
import pytest

from resay.errors import SettingsError
from resay.evaluation.embeddings import VARIANTS, Ingredients, VariantSystem, choose_variants
from resay.evaluation.embeddings.variant import DEFAULT, LADDER
from resay.evaluation.systems.system import System

TEXTS = ["the soup was good .", "our room seemed cold", "zzyzx 12"]


def test_every_variant_is_held_against_one_that_comes_before():
    names = list(VARIANTS)
    for place, (name, variant) in enumerate(VARIANTS.items()):
        assert variant.text
        assert (variant.base is None) == (place == 0)
        if variant.base is not None:
            assert variant.base in names[:place], name
    ladder = [name for name, one in VARIANTS.items() if one.section == LADDER]
    assert [VARIANTS[name].base for name in ladder] == [None, *ladder[:-1]]
    assert ladder[-1] == DEFAULT


def test_what_a_variant_is_stands_in_the_fields_of_a_dataclass():
    builds = [repr(one.build) for one in VARIANTS.values()]
    assert len(set(builds)) == len(builds)
    assert not any(" at 0x" in one for one in builds)
    assert all(dataclasses.is_dataclass(one.build) for one in VARIANTS.values())


def test_all_without_a_run_or_those_that_are_named(ingredients):
    chosen = choose_variants([], ingredients)
    assert set(VARIANTS) - set(chosen) == {name for name, one in VARIANTS.items() if one.needs_run}
    assert "latent-0.1" not in chosen
    assert choose_variants(["default"], ingredients) == ["default"]
    with pytest.raises(SettingsError, match=r"variant must be one of: .*did you mean 'default'"):
        choose_variants(["defaults"], ingredients)
    with pytest.raises(SettingsError, match="name a run folder with --run"):
        choose_variants(["latent-0.1"], ingredients)


@pytest.mark.parametrize("name", [name for name, one in VARIANTS.items() if not one.needs_run])
def test_each_is_a_system(ingredients, name):
    system = VariantSystem(name, ingredients)
    assert isinstance(system, System)
    assert system.name == name
    vectors = system.embed(TEXTS)
    assert vectors.dtype == np.float32
    assert len(vectors) == 3
    assert np.isfinite(vectors).all()
    np.testing.assert_allclose(system.embed(TEXTS[:1]), vectors[:1], rtol=1e-5, atol=1e-6)


def test_hashes_tell_files_and_variants_apart(ingredients, vectors, text, lemmas):
    hashes = {VariantSystem(name, ingredients).sha256 for name in choose_variants([], ingredients)}
    assert len(hashes) == len(choose_variants([], ingredients))
    assert all(len(one) == 64 for one in hashes)
    same = Ingredients(vectors, [text], lemmas=lemmas)
    assert VariantSystem("default", same).sha256 in hashes
    assert VariantSystem("default", Ingredients(vectors, [text])).sha256 not in hashes
    text.write_text("another text\n", encoding="utf-8")
    assert VariantSystem("default", Ingredients(vectors, [text], lemmas=lemmas)).sha256 not in hashes


def test_counts_of_ones_own_weigh_words(ingredients, vectors, text, lemmas, tmp_path):
    counts = tmp_path / "counts.tsv"
    counts.write_text("soup\t900\nthe\t1\n")
    own = VariantSystem("default", Ingredients(vectors, [text], lemmas=lemmas, word_counts=counts))
    ours, theirs = own.embed(["the soup"]), VariantSystem("default", ingredients).embed(["the soup"])
    assert np.abs(ours - theirs).max() > 0.01
    assert own.sha256 != VariantSystem("default", ingredients).sha256
