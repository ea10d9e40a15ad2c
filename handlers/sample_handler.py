"""TorchServe's way into /predictions/sample. The work is done in the package resay.

TorchServe imports this file by its name and takes the one class it defines.
"""

from resay.engine import SampleService
from resay.torchserve.handler import ServiceHandler


class SampleHandler(ServiceHandler):
    """One worker's service, from its start to its end."""

    service_class = SampleService
