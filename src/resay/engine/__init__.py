"""The runtime: an exported model folder to embeddings, paraphrases and more. Needs no torch and no server."""

from resay.engine.body import RawRequest
from resay.engine.card import ModelCard
from resay.engine.decode_service import DecodeService
from resay.engine.encode_service import EncodeService
from resay.engine.encoder import EncodedSentence, SentenceEncoder
from resay.engine.interpolate_service import InterpolateService
from resay.engine.model_folder import ModelFolder
from resay.engine.options import ParaphraseItem, ParaphraseOptions
from resay.engine.paraphrase_service import ParaphraseService
from resay.engine.paraphraser import Paraphraser
from resay.engine.paraphrases import Candidate, Paraphrases
from resay.engine.replies import RawReply
from resay.engine.sample_service import SampleService
from resay.engine.session import open_session
from resay.engine.settings import ServiceSettings, read_settings

__all__ = [
    "Candidate",
    "DecodeService",
    "EncodeService",
    "EncodedSentence",
    "InterpolateService",
    "ModelCard",
    "ModelFolder",
    "ParaphraseItem",
    "ParaphraseOptions",
    "ParaphraseService",
    "Paraphraser",
    "Paraphrases",
    "RawReply",
    "RawRequest",
    "SampleService",
    "SentenceEncoder",
    "ServiceSettings",
    "open_session",
    "read_settings",
]
