"""Word content: which of a hundred words stood in a sentence, from its vector (Conneau et al. 2018, "WC", in small)."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from resay.errors import CorpusError
from resay.evaluation.paraphrase.wording import words_of
from resay.evaluation.probes.linear import classify, majority, percent, split
from resay.evaluation.probes.material import ProbeMaterial
from resay.evaluation.systems.system import System
from resay.text.stop_words import STOP_WORDS

NUM_WORDS = 100
LARGEST_SHARE = 0.01
"""Of the sentences; a word that stands in more of them is not of middle frequency."""
FEWEST = 10
"""Sentences of each word, at least: seven to train on, one to choose by, two to test, on average."""


def choose_targets(sentences: Sequence[str], num_each: int) -> dict[str, list[str]]:
    """Return up to a hundred words of middle frequency, each with sentences in which no other of them stands.

    These are the most frequent words that stand in one percent of the sentences at most, or in forty where that is
    more; without function words and numbers.

    Args:
        sentences: To choose from, in the order in which they are taken.
        num_each: Sentences of each word at most.
    """
    words = [set(words_of(sentence)) for sentence in sentences]
    counts = Counter(word for one in words for word in sorted(one) if word.isalpha() and word not in STOP_WORDS)
    most = max(LARGEST_SHARE * len(sentences), 4 * FEWEST)
    middle = [word for word, count in counts.most_common() if FEWEST <= count <= most]
    targets = set(middle[:NUM_WORDS])
    found: defaultdict[str, list[str]] = defaultdict(list)
    for sentence, one in zip(sentences, words, strict=True):
        own = targets & one
        if len(own) == 1:
            found[next(iter(own))].append(sentence)
    return {word: found[word][:num_each] for word in middle[:NUM_WORDS] if len(found[word]) >= FEWEST}


def probe_word_content(system: System, material: ProbeMaterial) -> Mapping[str, float]:
    """Predict which of the words stands in a sentence that holds exactly one of them.

    Returns:
        ``accuracy`` of a linear classifier on sentences not trained on; ``majority``, that of the most frequent word;
        ``num_words`` and ``num_sentences`` that it is about: fewer words make an easier task.

    Raises:
        CorpusError: If the text has not two such words.
    """
    order = np.random.default_rng(material.seed).permutation(len(material.sentences))
    shuffled = [material.sentences[place] for place in order.tolist()]
    targets = choose_targets(shuffled, max(FEWEST, material.num_sentences // NUM_WORDS))
    if len(targets) < 2:
        raise CorpusError(
            f"the probe word-content needs two words of middle frequency, each in {FEWEST} sentences at least; this "
            f"text of {len(shuffled)} different sentences has {len(targets)}: name one with more"
        )
    sentences = [sentence for one in targets.values() for sentence in one]
    labels = np.repeat(np.arange(len(targets)), [len(one) for one in targets.values()])
    vectors = system.embed(sentences)
    train, validation, test = split(len(sentences), material.seed)
    given = classify(vectors[train], labels[train], ~validation, validation, vectors[test])
    return {
        "accuracy": percent(given == labels[test]),
        "majority": majority(labels[train], labels[test]),
        "num_words": float(len(targets)),
        "num_sentences": float(len(sentences)),
    }
