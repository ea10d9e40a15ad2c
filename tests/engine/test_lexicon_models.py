"""Models whose embeddings read a lexicon of their own."""

from dataclasses import replace

import numpy as np
import pytest

from resay.engine import EncodeService, ModelFolder, ParaphraseService, RawRequest, SentenceEncoder
from resay.engine.similar_words import SimilarWords
from resay.errors import ModelFolderError

TEXT = "The soup was great!"


class Recording:
    """A session that remembers how many sentences it was given."""

    def __init__(self, session):
        self.session, self.shapes = session, []

    def run(self, output_names, input_feed):
        self.shapes.append({name: value.shape for name, value in input_feed.items()})
        return self.session.run(output_names, input_feed)

    def get_providers(self):
        return self.session.get_providers()


@pytest.fixture(scope="module")
def encoder(lexicon_path):
    return SentenceEncoder.open(ModelFolder.open(lexicon_path))


@pytest.fixture
def service(lexicon_path):
    return EncodeService.open(lexicon_path)


def items(service, body):
    (reply,) = service.respond([RawRequest(body)])
    assert reply.status == 200, reply.body
    import orjson

    return orjson.loads(reply.body)["data"]


def cosine(first, second):
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def embeddings(encoder, *texts):
    return [code.embedding for code in encoder.encode(texts)]


def test_words_that_the_decoder_does_not_know_count(encoder):
    assert "guitar" not in encoder.preparer.tokenizer.words
    soup, guitar, oman = embeddings(encoder, "the soup was good", "the guitar was good", "the oman was good")
    assert cosine(soup, guitar) < 0.9
    assert cosine(oman, guitar) < 0.9


def test_a_text_of_unknown_words_has_an_embedding_of_its_own(encoder):
    syria, syrian, again, oman = embeddings(encoder, "Syria", "Syrian", "Syria", "Oman")
    assert np.array_equal(syria, again)
    assert cosine(syria, syrian) > cosine(syria, oman)


def test_batch_mates_change_nothing(encoder):
    texts = ["soup", "the soup was good and the guitar was great in Syria", "?!", "12 guitars", TEXT]
    alone = [embeddings(encoder, text)[0] for text in texts]
    for one, together in zip(alone, embeddings(encoder, *texts), strict=True):
        assert np.array_equal(one, together)


def test_for_embeddings_the_recurrent_net_is_given_one_word(service):
    session = Recording(service.encoder.session)
    service = replace(service, encoder=replace(service.encoder, session=session))
    items(service, {"inputs": [TEXT, "the soup", "bread"]})
    assert len(session.shapes) == 1
    assert session.shapes[0]["token_ids"] == (1, 1)
    assert session.shapes[0]["lexicon_lengths"] == (3,)
    items(service, {"inputs": [TEXT, "the soup", "bread"], "features": "latent"})
    assert session.shapes[1]["token_ids"][0] == 3
    assert session.shapes[1]["lexicon_ids"] == (1, 1)


def test_asked_for_with_latents_an_embedding_is_the_same(encoder):
    sentences = [encoder.preparer.prepare(text, truncate=True) for text in (TEXT, "guitar", "the bread is small")]
    alone, latents = encoder.read(sentences, ["embedding"]), encoder.read(sentences, ["latent"])
    both = encoder.read(sentences, ["latent", "embedding"])
    assert np.array_equal(alone["embedding"], both["embedding"])
    assert np.array_equal(latents["latent"], both["latent"])


def test_unknown_are_the_words_that_what_was_asked_for_does_not_know(service):
    body = {"inputs": "the guitar hums"}
    assert items(service, body)[0]["num_unknown"] == 1
    assert items(service, body | {"features": "latent"})[0]["num_unknown"] == 2


def test_likeness_of_words_goes_by_the_decoders_own_vectors(encoder):
    similar = SimilarWords.open(encoder)
    assert similar.vectors.shape == (encoder.preparer.tokenizer.vocab_size, 10)
    assert encoder.embedding_size == 6


def test_paraphrases_have_similarities(lexicon_path):
    (reply,) = ParaphraseService.open(lexicon_path).respond([RawRequest({"inputs": TEXT, "n": 2})])
    assert reply.status == 200, reply.body
    assert b'"similarity"' in reply.body


def test_a_damaged_lexicon_is_refused(lexicon_path, tmp_path):
    import shutil

    from resay.graphs.folder import manifest_bytes

    copy = tmp_path / "copy"
    shutil.copytree(lexicon_path, copy)
    (copy / "lexicon.txt").write_bytes(b"no number\n")
    with pytest.raises(ModelFolderError, match=r"lexicon.txt is damaged"):
        ModelFolder.open(copy)
    files = {path.name: path.read_bytes() for path in copy.iterdir() if path.name != "MANIFEST.sha256"}
    (copy / "MANIFEST.sha256").write_bytes(manifest_bytes(files))
    with pytest.raises(ModelFolderError, match=r"lexicon.txt cannot be read"):
        ModelFolder.open(copy)
