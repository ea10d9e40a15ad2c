"""The sentence embedding: a weighted average of whitened vectors of all words that have one.

An autoencoder's last state decodes well and compares badly: two sentences that mean the same need not lie close in
it. A weighted average of word vectors compares several times better, and better still when it reads every word of the
vectors' file instead of the decoder's few, tells unknown words apart, and shrinks the directions that most words share
(`training/embeddings.py` measures each of these steps).
"""

from jaxtyping import Float, Int8, Int64
from torch import Tensor, nn

from resay.models.average import weighted_average


class SentenceEmbedder(nn.Module):
    """e = Σ_t w(y_t) v(y_t) / Σ_t w(y_t), for the ids y that a `resay.text.lexicon.Lexicon` gives a text.

    Nothing here is trained: `resay.fitting.embedding` finds it from word vectors and counts. Vectors are kept in
    8 bits a component, v = scale · code.

    Args:
        codes: Of R different vectors.
        scales: Likewise.
        rows: For each of the L ids of the lexicon, which of the vectors is its own.
        weights: Of each id.
    """

    codes: Tensor
    scales: Tensor
    rows: Tensor
    weights: Tensor

    def __init__(
        self,
        codes: Int8[Tensor, "R D"],
        scales: Float[Tensor, " R"],
        rows: Int64[Tensor, " L"],
        weights: Float[Tensor, " L"],
    ) -> None:
        super().__init__()
        self.register_buffer("codes", codes)
        self.register_buffer("scales", scales)
        self.register_buffer("rows", rows)
        self.register_buffer("weights", weights)

    @property
    def size(self) -> int:
        """Return D, the components of an embedding."""
        return self.codes.shape[1]

    @property
    def num_ids(self) -> int:
        """Return L."""
        return len(self.rows)

    def forward(self, ids: Int64[Tensor, "B T"], lengths: Int64[Tensor, " B"]) -> Float[Tensor, "B D"]:
        """Return embeddings, not normalised.

        Args:
            ids: Of the lexicon, padded at the end with any of them.
            lengths: Real ids of each sentence, 1 to T.
        """
        rows = self.rows[ids]
        vectors = self.codes[rows].to(self.scales.dtype) * self.scales[rows].unsqueeze(2)
        average: Tensor = weighted_average(vectors, self.weights[ids], lengths)
        return average
