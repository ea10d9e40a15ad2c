"""Free-running greedy decoding in torch, for watching a model while it trains.

The served decoder is `resay.engine`; this one exists so that validation needs no export.
"""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from resay.models.autoencoder import Autoencoder
from resay.text import BOS_ID, EOS_ID, PAD_ID, UNK_ID


@torch.no_grad()
def greedy_decode(model: Autoencoder, latent: Float[Tensor, "B Z"], max_steps: int) -> Int64[Tensor, "B S"]:
    """Return the most probable next word, step by step, until every row has ended or `max_steps` are taken.

    The end mark and everything after it come out as the padding id; the padding, unknown and begin marks are never
    chosen.
    """
    decoder = model.decoder
    hidden, cell = decoder.start(latent)
    token_ids = torch.full((len(latent),), BOS_ID, dtype=torch.int64, device=latent.device)
    ended = torch.zeros_like(token_ids, dtype=torch.bool)
    forbidden = torch.zeros(model.settings.vocab_size, device=latent.device)
    forbidden[[PAD_ID, UNK_ID, BOS_ID]] = float("-inf")
    chosen: list[Tensor] = []
    for _ in range(max_steps):
        states, hidden, cell = decoder.step(model.word_vectors(token_ids), latent, hidden, cell)
        token_ids = (decoder.output(states) + forbidden).argmax(dim=-1)
        ended |= token_ids == EOS_ID
        chosen.append(token_ids.masked_fill(ended, PAD_ID))
        if bool(ended.all()):
            break
    return torch.stack(chosen, dim=1)
