"""Protocols other than ours: what they ask is read as our own request, and our reply written as theirs."""

from resay.engine.dialects.dialect import Dialect
from resay.engine.dialects.native import NATIVE
from resay.engine.dialects.table import dialect_for

__all__ = ["NATIVE", "Dialect", "dialect_for"]
