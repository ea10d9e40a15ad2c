"""The plot: drawn where matplotlib is, a clear word where it is not."""

import builtins

import pytest


def test_missing_matplotlib_is_said(helpers, monkeypatch):
    from loss_plot import load_pyplot

    real = builtins.__import__

    def without(name, *rest):
        if name.split(".")[0] == "matplotlib":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SystemExit, match="pip install matplotlib"):
        load_pyplot()


def test_plot_is_drawn(helpers, tmp_path):
    pytest.importorskip("matplotlib")
    from loss_plot import draw

    shared = {"allocator": "default", "clock": "cpu", "num_tokens": 8, "hidden_size": 4, "word_vector_size": 3}
    shared |= {"dtype": "float32", "processor": "one", "threads": 1, "torch": "2", "loss": "ce", "note": ""}
    times = {"median_ms": 2.0, "q25_ms": 1.0, "q75_ms": 3.0, "peak_mb": 5.0}
    rows = [shared | times | {"vocab_size": size, "form": "fused"} for size in (10, 100)]
    rows.append(shared | {"vocab_size": 100, "form": "published", "note": "would need 1 GB"})
    draw(rows, tmp_path / "folder" / "plot.png")
    assert (tmp_path / "folder" / "plot.png").read_bytes().startswith(b"\x89PNG")
