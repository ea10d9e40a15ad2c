"""The one question the losses ask of a device."""

import torch


def runs_behind(device: torch.device) -> bool:
    """Return whether work on this device is queued, so that looking at a value makes the host wait for it."""
    return device.type != "cpu"
