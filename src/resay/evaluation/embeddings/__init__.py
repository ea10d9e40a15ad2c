"""Every step towards the default sentence embedding, and what was tried beyond it, measured side by side."""

from resay.evaluation.embeddings.graded import Given, read_graded
from resay.evaluation.embeddings.ingredients import Ingredients
from resay.evaluation.embeddings.measuring import Measurement, measure_variants
from resay.evaluation.embeddings.page import write_page
from resay.evaluation.embeddings.variant import Variant
from resay.evaluation.embeddings.variants import VARIANTS, VariantSystem, choose_variants

__all__ = [
    "VARIANTS",
    "Given",
    "Ingredients",
    "Measurement",
    "Variant",
    "VariantSystem",
    "choose_variants",
    "measure_variants",
    "read_graded",
    "write_page",
]
