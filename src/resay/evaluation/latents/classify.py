"""Table 3 of Baynazarov & Piontkovskaya (2019): what a classifier finds in each reading of a latent.

Axes: N texts, D features.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from resay.corpus import Corpus, CorpusReport
from resay.errors import CorpusError
from resay.evaluation.latents.classifier import train_classifier
from resay.evaluation.latents.encoding import encode_corpus, read_latents
from resay.evaluation.latents.kinds import Kind
from resay.evaluation.latents.labelled_text import LabelledTexts
from resay.fitting import LoadedRun
from resay.text import UNK_ID

REFERENCE = "word vectors"
"""In the place of a run's name: averaged word vectors, and always saying how frequent each label is."""


@dataclass(frozen=True, slots=True)
class LabelledParts:
    """What a classifier learns from and what it is measured on.

    Attributes:
        train: The training part.
        dev: The dev part.
    """

    train: LabelledTexts
    dev: LabelledTexts

    @property
    def sha256(self) -> str:
        """Return a hash of all texts and labels."""
        parts = [[part.texts, part.labels] for part in (self.train, self.dev)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def numbered(self) -> tuple[Tensor, Tensor]:
        """Return the labels of both parts as numbers, in the alphabetical order of the training labels.

        Raises:
            CorpusError: If the training part has one label only, or the dev part one that training has not seen.
        """
        names = sorted(set(self.train.labels))
        if len(names) < 2:
            raise CorpusError(f"a classifier needs two labels at least; the training part has {', '.join(names)}")
        unseen = sorted(set(self.dev.labels) - set(names))
        if unseen:
            raise CorpusError(
                f"labels of the dev part that no training text has: {', '.join(unseen)}; known are {', '.join(names)}"
            )
        number = {name: place for place, name in enumerate(names)}
        train, dev = (torch.tensor([number[label] for label in part.labels]) for part in (self.train, self.dev))
        return train, dev


def corpus_of(texts: LabelledTexts, loaded: LoadedRun) -> Corpus:
    """Return texts as a corpus in memory, one sentence a text, cut where training cut sentences.

    A text without a word counts as one unknown word, so that each has its place.
    """
    whole = list(loaded.tokenizer.encode_ids(texts.texts))
    ids = [(sentence or [UNK_ID])[: loaded.max_length] for sentence in whole]
    tokens = np.concatenate([np.array(sentence, np.uint32) for sentence in ids])
    report = CorpusReport(
        files=[],
        sha256="",
        num_sentences=len(ids),
        num_tokens=len(tokens),
        num_unknown=int((tokens == UNK_ID).sum()),
        num_cut=sum(len(sentence) > loaded.max_length for sentence in whole),
        num_empty=0,
        max_length=loaded.max_length,
    )
    return Corpus(tokens, np.cumsum([len(sentence) for sentence in ids]), report)


class Features(NamedTuple):
    """What a classifier may read of texts.

    Attributes:
        by_name: Features [N, D] by their name.
        num_cut: Texts that were longer than the model reads, and of which it read the beginning.
    """

    by_name: Mapping[str, Float[Tensor, "N D"]]
    num_cut: int


def read_features(loaded: LoadedRun, texts: LabelledTexts, kind: Kind) -> Features:
    """Return the features of a run's latent by name, and averaged word vectors as ``embedding``."""
    corpus = corpus_of(texts, loaded)
    encoded = encode_corpus(loaded.model, corpus)
    readings = read_latents(loaded.model, encoded)
    features = {name: readings[name].cpu() for name in kind.features} | {"embedding": encoded.embedding.cpu()}
    return Features(features, corpus.report.num_cut)


def classify_features(
    train: Float[Tensor, "N D"], dev: Float[Tensor, "M D"], parts: LabelledParts, *, num_seeds: int, seed: int
) -> dict[str, object]:
    """Return measures of classifiers that differ in their seed: mean and standard deviation over them.

    ``nll`` is the lowest dev NLL of the learning curve and ``accuracy`` the accuracy at that epoch, chosen on the
    very dev part that they are measured on: they flatter, all features alike. ``last_nll`` is that of the last epoch.
    """
    train_labels, dev_labels = parts.numbered()
    curves = [train_classifier(train, train_labels, dev, dev_labels, seed=seed + number) for number in range(num_seeds)]
    nll = np.array([float(curve.nll[curve.best]) for curve in curves])
    accuracy = np.array([float(curve.accuracy[curve.best]) for curve in curves])
    freedom = min(1, num_seeds - 1)
    return {
        "nll": float(nll.mean()),
        "nll_deviation": float(nll.std(ddof=freedom)),
        "accuracy": float(accuracy.mean()),
        "accuracy_deviation": float(accuracy.std(ddof=freedom)),
        "best_epoch": float(np.mean([curve.best + 1 for curve in curves])),
        "last_nll": float(np.mean([float(curve.nll[-1]) for curve in curves])),
    }


def chance(parts: LabelledParts) -> dict[str, object]:
    """Return the measures of always answering with the label shares of the training part."""
    train_labels, dev_labels = parts.numbered()
    shares = torch.bincount(train_labels).double() / len(train_labels)
    accuracy = (dev_labels == shares.argmax()).double().mean()
    return {"nll": float(-shares.log()[dev_labels].mean()), "accuracy": float(accuracy)}


def classify_run(
    loaded: LoadedRun, parts: LabelledParts, kind: Kind, *, num_seeds: int, seed: int
) -> Iterator[dict[str, object]]:
    """Yield a row for each kind of feature that the run's latent has."""
    train, dev = (read_features(loaded, part, kind) for part in (parts.train, parts.dev))
    cut = {"num_cut": train.num_cut + dev.num_cut}
    for name in kind.features:
        measured = classify_features(train.by_name[name], dev.by_name[name], parts, num_seeds=num_seeds, seed=seed)
        yield {"features": name} | cut | measured


def classify_references(
    loaded: LoadedRun, parts: LabelledParts, *, num_seeds: int, seed: int
) -> Iterator[dict[str, object]]:
    """Yield what features have to be held against: chance, and the run's averaged word vectors."""
    yield {"features": "chance"} | chance(parts)
    nothing = Kind((), ())
    train, dev = (read_features(loaded, part, nothing).by_name["embedding"] for part in (parts.train, parts.dev))
    yield {"features": "embedding"} | classify_features(train, dev, parts, num_seeds=num_seeds, seed=seed)
