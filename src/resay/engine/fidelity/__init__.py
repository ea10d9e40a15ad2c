"""Text fidelity: what of a source must come back exactly, and how it does.

prepare_source -> Source    slots.py finds what must come back, reading.py says what the encoder reads
place, write                a hypothesis with the slots put in their places, as text
missing_spans               protected strings that a text does not hold
"""

from resay.engine.fidelity.protection import missing_spans
from resay.engine.fidelity.slots import Slot, SlotKind
from resay.engine.fidelity.source import Source, prepare_source

__all__ = ["Slot", "SlotKind", "Source", "missing_spans", "prepare_source"]
