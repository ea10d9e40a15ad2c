"""Does polarity survive a paraphrase?"""

from collections.abc import Sequence

from resay.evaluation.probes.material import Paraphrase
from resay.evaluation.probes.polarity_rule import judge_polarity
from resay.evaluation.probes.polarity_sentences import PolaritySentence, polarity_sentences

EVERY = 8
"""Each scale is paraphrased in every eighth template, each template in every eighth scale; first words only."""


def sentences_to_paraphrase() -> list[PolaritySentence]:
    """Return as many affirmed as negated, and as many positive as negative sentences."""
    return [one for one in polarity_sentences() if one.word == 0 and (one.template + one.scale) % EVERY == 0]


def measure_survival(paraphrase: Paraphrase) -> dict[str, float]:
    """Return what becomes of the polarity of sentences, in percent of their candidates.

    Returns:
        ``paraphrase_kept``: of the judged candidates, those of the sentence's own polarity; the same of
        ``_affirmed`` and of ``_negated`` sentences. ``paraphrase_unjudged``: of all candidates, those that the rule
        of `judge_polarity` cannot judge. ``paraphrase_without``: of the sentences, those without any candidate.
    """
    sentences = sentences_to_paraphrase()
    candidates = paraphrase([one.text for one in sentences])
    verdicts = [[judge_polarity(text) for text in texts] for texts in candidates]
    pairs = list(zip(sentences, verdicts, strict=True))
    everything = [verdict for one in verdicts for verdict in one]
    return {
        "paraphrase_kept": _share_kept(pairs),
        "paraphrase_kept_affirmed": _share_kept([pair for pair in pairs if not pair[0].negated]),
        "paraphrase_kept_negated": _share_kept([pair for pair in pairs if pair[0].negated]),
        "paraphrase_unjudged": _share([verdict is None for verdict in everything]),
        "paraphrase_without": _share([not one for one in verdicts]),
    }


def _share_kept(pairs: Sequence[tuple[PolaritySentence, list[bool | None]]]) -> float:
    return _share(
        [verdict == sentence.positive for sentence, verdicts in pairs for verdict in verdicts if verdict is not None]
    )


def _share(values: Sequence[bool]) -> float:
    return 100 * sum(values) / len(values) if values else float("nan")
