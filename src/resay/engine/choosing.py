"""From the drafts of one text to its candidates: scored, ranked, and the reason why there are no more."""

from collections.abc import Sequence
from dataclasses import dataclass

from resay.engine.candidates import Draft, Sieve, filter_counts
from resay.engine.deadline import deadline_error
from resay.engine.decoding import Hypothesis
from resay.engine.encoder import EncodedSentence
from resay.engine.fidelity import Source
from resay.engine.options import ParaphraseOptions
from resay.engine.paraphrases import Candidate, FinishReason, Paraphrases
from resay.engine.scores import novelty, score, similarity
from resay.errors import RequestError


@dataclass(frozen=True, slots=True)
class EncodedSource:
    """A text on its way through the paraphraser."""

    options: ParaphraseOptions
    source: Source
    codes: EncodedSentence


def choose(
    encoded: EncodedSource,
    hypotheses: Sequence[Hypothesis],
    sieve: Sieve,
    draft_codes: Sequence[EncodedSentence],
    unrelated_latents: float,
) -> Paraphrases | RequestError:
    """Score the drafts and keep the best; none, when the time ended the search, is an error."""
    options = encoded.options
    scored = [
        judge(encoded, draft, codes, unrelated_latents) for draft, codes in zip(sieve.drafts, draft_codes, strict=True)
    ]
    similar = [candidate for candidate in scored if candidate.similarity >= options.min_similarity]
    dropped = sieve.dropped.copy()
    dropped["low_similarity"] += len(scored) - len(similar)
    similar.sort(key=lambda candidate: (-candidate.score, -candidate.log_prob, candidate.text))
    kept = similar[: options.num_candidates]
    reason = finish_reason(len(kept) >= options.num_candidates, hypotheses)
    if reason == "deadline" and not kept:
        return deadline_error()
    return Paraphrases(
        candidates=kept,
        finish_reason=reason,
        filtered=filter_counts(dropped),
        num_tokens=encoded.codes.num_tokens,
        num_unknown=encoded.codes.num_unknown,
    )


def judge(encoded: EncodedSource, draft: Draft, codes: EncodedSentence, unrelated_latents: float) -> Candidate:
    """Score one draft against its source."""
    how_similar = similarity(encoded.codes, codes, unrelated_latents)
    how_new = novelty(encoded.source.sentence.encoding.tokens, draft.sentence.encoding.tokens)
    return Candidate(draft.text, how_similar, how_new, draft.log_prob, score(how_similar, how_new, draft.log_prob))


def finish_reason(has_all: bool, hypotheses: Sequence[Hypothesis]) -> FinishReason:
    """Return why the search for candidates ended."""
    if has_all:
        return "complete"
    stops = {hypothesis.stop for hypothesis in hypotheses}
    if "deadline" in stops:
        return "deadline"
    return "max_new_tokens" if stops == {"length"} else "fewer_than_n"
