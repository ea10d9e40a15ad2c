"""TorchServe's way into /predictions/encode_bulk: encode, with a queue and workers of its own for large requests.

TorchServe imports this file by its name and takes the one class it defines.
"""

from resay.engine import EncodeService
from resay.torchserve.handler import ServiceHandler


class EncodeBulkHandler(ServiceHandler):
    """One worker's service, from its start to its end."""

    service_class = EncodeService
