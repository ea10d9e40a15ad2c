"""The recipe of docs/latents.md runs as it stands there."""

import re

import numpy as np

from resay.engine.latents.packing import pack_bits


def test_the_recipe_counts_the_bits_that_differ(project):
    text = (project / "docs" / "latents.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    bits = np.random.default_rng(0).integers(0, 2, (30, 50)).astype(np.float32)
    bits[7] = bits[0]
    names = {"reply": {"data": [{"embedding": pack_bits(code)} for code in bits]}}
    exec(recipe, names)
    expected = np.abs(bits - bits[0]).sum(axis=1)
    assert names["codes"].shape == (30, 7)
    np.testing.assert_array_equal(names["distance"], expected)
    assert names["nearest"][:2].tolist() == [0, 7]
    assert len(names["nearest"]) == 10
