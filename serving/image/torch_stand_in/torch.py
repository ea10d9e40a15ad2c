"""All that TorchServe's workers ask of torch, for images that serve and never train.

``ts.protocol.otf_message_handler`` imports torch to tell whether a handler returned a tensor. Ours return bytes, and
the models run in ONNX Runtime. The whole of torch would be three quarters of the image for the CPU and a fifth of a
gigabyte in every worker. Where the true package is installed as well, Python finds that one first: a package goes
before a module of the same name in the same folder.
"""

from typing import NoReturn


class Tensor:
    """What no handler of this server returns."""


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(
        f"torch.{name}: this image serves with ONNX Runtime and holds a stand-in for torch, with the class Tensor only;"
        " train and export outside it, or install torch==2.13.0 in an image of your own"
    )
