"""model.json: what an exported model is, where it comes from and how to tell that it still works."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from resay.engine.card import FORMAT_VERSION
from resay.graphs.golden import Golden
from resay.graphs.parity import ParityReport
from resay.models import Autoencoder
from resay.text import BOS_ID, EOS_ID, NUM_ID, PAD_ID, UNK_ID


def card_bytes(
    name: str,
    model: Autoencoder,
    *,
    max_length: int,
    record: Mapping[str, Any],
    parity: ParityReport,
    golden: Sequence[Golden],
) -> bytes:
    """Return model.json.

    Args:
        name: Of the model, which is that of its folder.
        model: Gives the dimensions and the latent.
        max_length: Tokens that a sentence may have.
        record: The run's `run.json`; its provenance, loss and metrics are copied as far as they are there.
        parity: The comparison that the export passed.
        golden: Sentences and what torch makes of them.
    """
    loss = record.get("loss") or {}
    card = {
        "format": FORMAT_VERSION,
        "name": name,
        "dimensions": {
            "vocab_size": model.settings.vocab_size,
            "word_vector_size": model.settings.word_vector_size,
            "hidden_size": model.settings.hidden_size,
            "latent_size": model.bottleneck.latent_size,
            "embedding_size": model.settings.word_vector_size,
        },
        "limits": {"max_length": max_length},
        "loss": loss.get("name", ""),
        "latent": model.settings.latent,
        "special_ids": {"pad": PAD_ID, "unk": UNK_ID, "bos": BOS_ID, "eos": EOS_ID, "num": NUM_ID},
        "provenance": provenance(record),
        "metrics": record.get("metrics") or {},
        "parity": parity.to_record(),
        "golden": [sentence.to_record() for sentence in golden],
    }
    return orjson.dumps(card, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def provenance(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the weights come from; null where `run.json` does not say."""
    copied = {key: record.get(key) for key in ("seed", "git_commit", "versions", "vectors", "created")}
    corpus, loss = record.get("corpus") or {}, record.get("loss") or {}
    train = corpus.get("train") or corpus
    return copied | {"corpus_sha256": train.get("sha256"), "loss_options": loss.get("options")}
