"""The part of model.json that says what the model's latents are."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from resay.engine.card_part import CardPart

Reading = Literal["latent", "mean", "sample", "bits", "probabilities", "logits"]
"""What can be read off a sentence; `latent` is what the decoder starts from."""

NoiseKind = Literal["none", "normal", "uniform"]
"""What a sample is drawn with: nothing, N(0, 1), or U(0, 1) for each component."""

Probability = Annotated[float, Field(ge=0, le=1)]
Numbers = Annotated[tuple[FiniteFloat, ...], Field(min_length=1)]


class NormalPrior(CardPart):
    """z ~ N(0, I)."""

    kind: Literal["normal"]

    @property
    def sizes(self) -> dict[str, int]:
        """Return Z by the name of each row of numbers that has one for each component: there is none."""
        return {}


class BernoulliPrior(CardPart):
    """Independent coins: z_i is 1 with `probabilities`[i], else 0."""

    kind: Literal["bernoulli"]
    probabilities: Annotated[tuple[Probability, ...], Field(min_length=1)]

    @property
    def sizes(self) -> dict[str, int]:
        """Return Z by the name of each row of numbers that has one for each component."""
        return {"probabilities": len(self.probabilities)}


class GaussianPrior(CardPart):
    """z = mean + ε · factor with ε ~ N(0, I_K), along the K rows of `factor`."""

    kind: Literal["gaussian"]
    mean: Numbers
    factor: Annotated[tuple[Numbers, ...], Field(min_length=1)]

    @property
    def sizes(self) -> dict[str, int]:
        """Return Z by the name of each row of numbers that has one for each component."""
        rows = {f"factor[{index}]": len(row) for index, row in enumerate(self.factor)}
        return {"mean": len(self.mean), **rows}


Prior = NormalPrior | BernoulliPrior | GaussianPrior


class LatentSpace(CardPart):
    """What the latents of a model are; the defaults are those of a model whose card does not say.

    Attributes:
        noise: What the graph of the encoder takes as its input `noise`; it has none if this is "none".
        readings: Outputs of that graph besides `embedding`.
        reads_sentence: Whether a latent depends on its sentence; only a plain language model's does not.
        binary: Whether the decoder's latents are zeros and ones.
        prior: Where latents of no sentence come from, if that is known.
    """

    noise: NoiseKind = "none"
    readings: tuple[Reading, ...] = ("latent",)
    reads_sentence: bool = True
    binary: bool = False
    prior: Annotated[Prior, Field(discriminator="kind")] | None = None

    @model_validator(mode="after")
    def readings_fit(self) -> "LatentSpace":
        """Refuse a space without latents, or with samples drawn with nothing."""
        if "latent" not in self.readings:
            raise ValueError(f"readings must have latent among them; got {', '.join(self.readings) or 'none'}")
        if "sample" in self.readings and self.noise == "none":
            raise ValueError("readings have sample, so noise must be normal or uniform; got none")
        return self

    def check_size(self, latent_size: int) -> None:
        """Check that the prior is one of latents of this size.

        Raises:
            ValueError: If it is not.
        """
        for name, size in ({} if self.prior is None else self.prior.sizes).items():
            if size != latent_size:
                raise ValueError(
                    f"latent_space.prior.{name} has {size} numbers, and dimensions.latent_size is {latent_size}"
                )
