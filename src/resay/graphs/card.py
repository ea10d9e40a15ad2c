"""model.json: what an exported model is, where it comes from and how to tell that it still works."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from resay.engine.card import FORMAT_VERSION, parse_card
from resay.graphs.golden import Golden
from resay.graphs.parity import ParityReport
from resay.graphs.quantization import Quantization
from resay.models import Autoencoder
from resay.text import BOS_ID, EOS_ID, NUM_ID, PAD_ID, UNK_ID

__all__ = ["card_bytes", "model_card", "parse_card", "provenance"]


def model_card(
    name: str,
    model: Autoencoder,
    *,
    max_length: int,
    latent_space: Mapping[str, Any],
    record: Mapping[str, Any],
    parity: ParityReport,
    quantization: Quantization | None,
    golden: Sequence[Golden],
    embedding_size: int,
) -> dict[str, Any]:
    """Return what model.json says.

    Args:
        name: Of the model, which is that of its folder.
        model: Gives the dimensions and the latent.
        max_length: Tokens that a sentence may have.
        latent_space: What `resay.graphs.latent_space` found.
        record: The run's `run.json`; its provenance, loss and metrics are copied as far as they are there.
        parity: The comparison that the graphs passed in float32.
        quantization: What was put in the place of the float32 step graph, if anything.
        golden: Sentences and what the model makes of them.
        embedding_size: Components of a sentence embedding.
    """
    loss = record.get("loss") or {}
    return {
        "format": FORMAT_VERSION,
        "name": name,
        "dimensions": {
            "vocab_size": model.settings.vocab_size,
            "word_vector_size": model.settings.word_vector_size,
            "hidden_size": model.settings.hidden_size,
            "latent_size": model.bottleneck.latent_size,
            "embedding_size": embedding_size,
        },
        "limits": {"max_length": max_length},
        "loss": loss.get("name", ""),
        "latent": model.settings.latent,
        "latent_space": dict(latent_space),
        "special_ids": {"pad": PAD_ID, "unk": UNK_ID, "bos": BOS_ID, "eos": EOS_ID, "num": NUM_ID},
        "provenance": provenance(record),
        "metrics": record.get("metrics") or {},
        "parity": parity.to_record(),
        "quantization": None if quantization is None else quantization.to_record(),
        "golden": [sentence.to_record() for sentence in golden],
    }


def card_bytes(card: Mapping[str, Any]) -> bytes:
    """Return model.json."""
    return orjson.dumps(dict(card), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def provenance(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the weights come from; null where `run.json` does not say."""
    copied = {key: record.get(key) for key in ("seed", "git_commit", "versions", "vectors", "created")}
    corpus, loss = record.get("corpus") or {}, record.get("loss") or {}
    train = corpus.get("train") or corpus
    return copied | {"corpus_sha256": train.get("sha256"), "loss_options": loss.get("options")}
