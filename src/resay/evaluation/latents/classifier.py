"""The classifier of Baynazarov & Piontkovskaya (2019, 4.6): two hidden layers of 100 units and a softmax.

The paper says no more of it. The script that its authors published takes tanh, dropout of 0.3 and one step with all
texts an epoch, and prints the last of 100 epochs; here it is rectified units, batches of 500, and the whole curve.

Axes: N texts, D features, K epochs.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F

HIDDEN_SIZE = 100
NUM_EPOCHS = 50
BATCH_SIZE = 500
LEARNING_RATE = 1e-3


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Measures on the dev part after each epoch.

    Attributes:
        nll: Mean −log P(label | features), nats.
        accuracy: Share of the texts whose most probable label is their own.
    """

    nll: Float[Tensor, " K"]
    accuracy: Float[Tensor, " K"]

    @property
    def best(self) -> int:
        """Return the epoch of the lowest dev NLL, from 0."""
        return int(self.nll.argmin())


def standardise(
    train: Float[Tensor, "N D"], dev: Float[Tensor, "M D"]
) -> tuple[Float[Tensor, "N D"], Float[Tensor, "M D"]]:
    """Shift and scale features to mean 0 and deviation 1 over the training part; constant ones become 0."""
    mean, deviation = train.mean(dim=0), train.std(dim=0, unbiased=False)
    scale = torch.where(deviation > 0, deviation, 1.0)
    return (train - mean) / scale, (dev - mean) / scale


def train_classifier(
    train: Float[Tensor, "N D"],
    train_labels: Int64[Tensor, " N"],
    dev: Float[Tensor, "M D"],
    dev_labels: Int64[Tensor, " M"],
    *,
    seed: int,
    num_epochs: int = NUM_EPOCHS,
) -> LearningCurve:
    """Train on standardised features with Adam, batches of 500; return how the dev part goes.

    Args:
        train: Features of the training part, on the CPU.
        train_labels: From 0.
        dev: Features of the dev part.
        dev_labels: Theirs.
        seed: Decides initial weights and order of texts; torch's own generator is as it was afterwards.
        num_epochs: Passes over the training part.
    """
    train, dev = standardise(train, dev)
    num_labels = int(train_labels.max()) + 1
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        classifier = nn.Sequential(
            nn.Linear(train.shape[1], HIDDEN_SIZE),
            nn.ReLU(),
            nn.Linear(HIDDEN_SIZE, HIDDEN_SIZE),
            nn.ReLU(),
            nn.Linear(HIDDEN_SIZE, num_labels),
        )
        optimizer = torch.optim.Adam(classifier.parameters(), lr=LEARNING_RATE, fused=True)
        nll, accuracy = [], []
        for _ in range(num_epochs):
            order = torch.randperm(len(train))
            for start in range(0, len(order), BATCH_SIZE):
                places = order[start : start + BATCH_SIZE]
                optimizer.zero_grad(set_to_none=True)
                torch.autograd.backward(F.cross_entropy(classifier(train[places]), train_labels[places]))
                optimizer.step()
            with torch.no_grad():
                scores = classifier(dev)
                nll.append(float(F.cross_entropy(scores, dev_labels)))
                accuracy.append(float((scores.argmax(dim=1) == dev_labels).float().mean()))
    return LearningCurve(torch.tensor(nll), torch.tensor(accuracy))
