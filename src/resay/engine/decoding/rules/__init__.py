"""What hypotheses must not say, or had better not: small rules on the scores of the next words."""

from resay.engine.decoding.rules.rule import MakeRule, Rule
from resay.engine.decoding.rules.table import RULES, SPARE_CANDIDATES, make_rules

__all__ = ["RULES", "SPARE_CANDIDATES", "MakeRule", "Rule", "make_rules"]
