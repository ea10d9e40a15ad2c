"""The runtime: an exported model folder to embeddings and paraphrases. Needs no torch and no server."""

from resay.engine.body import RawRequest
from resay.engine.card import ModelCard
from resay.engine.encoder import EncodedSentence, SentenceEncoder
from resay.engine.model_folder import ModelFolder
from resay.engine.options import ParaphraseItem, ParaphraseOptions
from resay.engine.paraphraser import Paraphraser
from resay.engine.paraphrases import Candidate, Paraphrases
from resay.engine.replies import RawReply
from resay.engine.service import EncodeService, ParaphraseService
from resay.engine.session import open_session
from resay.engine.settings import ServiceSettings, read_settings

__all__ = [
    "Candidate",
    "EncodeService",
    "EncodedSentence",
    "ModelCard",
    "ModelFolder",
    "ParaphraseItem",
    "ParaphraseOptions",
    "ParaphraseService",
    "Paraphraser",
    "Paraphrases",
    "RawReply",
    "RawRequest",
    "SentenceEncoder",
    "ServiceSettings",
    "open_session",
    "read_settings",
]
