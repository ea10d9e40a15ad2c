"""What an archive tells its workers about GPUs, and that they understand it."""

from pathlib import Path

import pytest
import yaml

from resay.engine import read_settings
from resay.engine.session import Gpu
from resay.errors import DeviceError
from resay.torchserve.archive import ArchiveSettings, model_config
from resay.torchserve.configuration import read_properties, render_configuration, server_properties
from resay.torchserve.exchange import Context, model_and_settings
from resay.torchserve.ports import ServerPorts

PROJECT = Path(__file__).parents[2]


class ContextOn(Context):
    """What TorchServe tells a worker that it puts on a GPU, or on none."""

    def __init__(self, gpu_id, **settings):
        self.manifest = {}
        self.system_properties = {"model_dir": "/models/encode", "gpu_id": gpu_id}
        self.model_yaml_config = yaml.safe_load(model_config("encode", ArchiveSettings(**settings)))


def handler_section(**settings):
    return yaml.safe_load(model_config("encode", ArchiveSettings(**settings)))["handler"]


def test_without_a_gpu_nothing_is_said_of_any():
    section = handler_section(num_gpus=4, gpu_mem_limit_mb=100)
    assert not [name for name in section if "gpu" in name]
    assert read_settings(section).placement == "cpu"


@pytest.mark.parametrize(
    ("settings", "placement"),
    [
        ({}, Gpu(1)),
        ({"num_gpus": 2}, Gpu(1)),
        ({"gpu_mem_limit_mb": 2048}, Gpu(1, memory_limit_mb=2048)),
    ],
)
def test_worker_reads_what_the_archive_says(settings, placement):
    section = handler_section(device="cuda", **settings)
    assert read_settings(section, assigned_gpu=1).placement == placement


def test_worker_takes_the_gpu_that_torchserve_says():
    _, settings = model_and_settings(ContextOn(3, device="cuda", num_gpus=4, gpu_mem_limit_mb=512))
    assert settings.placement == Gpu(3, memory_limit_mb=512)
    assert model_and_settings(ContextOn(None))[1].placement == "cpu"


def test_several_gpus_of_which_torchserve_finds_none():
    assert model_and_settings(ContextOn(None, device="cuda"))[1].placement == Gpu(0)
    with pytest.raises(DeviceError, match="nvidia-smi"):
        model_and_settings(ContextOn(None, device="cuda", num_gpus=2))


@pytest.mark.parametrize("num_gpus", [0, 2])
def test_torchserve_is_told_how_many_gpus_there_are(num_gpus):
    values = server_properties(
        ports=ServerPorts(8080, 8081, 8082, 8083, 7070, 7071),
        host="127.0.0.1",
        model_store=Path("/run/archives"),
        archives=["encode.mar"],
        token_auth=False,
        num_gpus=num_gpus,
    )
    text = render_configuration(PROJECT / "serving" / "config.properties", values)
    assert read_properties(text)["number_of_gpu"] == str(num_gpus)
