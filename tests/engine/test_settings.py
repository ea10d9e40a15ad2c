import pytest

from resay.engine import ServiceSettings, read_settings
from resay.engine.session import Gpu
from resay.errors import DeviceError, SettingsError


def test_defaults_and_given():
    assert read_settings({}) == ServiceSettings()
    assert read_settings({"max_items": 7, "device": "cuda"}).max_items == 7
    assert ServiceSettings().max_body_bytes == 1024 * 1024


@pytest.mark.parametrize(
    ("given", "placement"),
    [
        ({}, "cpu"),
        ({"gpu_mem_limit_mb": 100}, "cpu"),
        ({"device": "cuda"}, Gpu(0)),
        ({"device": "cuda", "gpu_id": 2, "gpu_mem_limit_mb": 4096}, Gpu(2, memory_limit_mb=4096)),
    ],
)
def test_placement_says_which_gpu_and_how_much_of_it(given, placement):
    assert read_settings(given).placement == placement


def test_gpu_of_the_front_end_goes_first():
    given = {"device": "cuda", "num_gpus": 4, "gpu_id": 1}
    assert read_settings(given, assigned_gpu=3).placement == Gpu(3)
    assert read_settings(given).placement == Gpu(1)
    assert read_settings({"device": "cpu"}, assigned_gpu=3).placement == "cpu"


def test_workers_are_not_all_put_on_the_first_of_several_gpus():
    assert read_settings({"device": "cuda"}).placement == Gpu(0)
    with pytest.raises(DeviceError, match=r"over 2 GPUs.*nvidia-smi"):
        read_settings({"device": "cuda", "num_gpus": 2})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_item": 7}, "did you mean 'max_items'"),
        ({"max_items": 0}, "setting max_items: .*got 0"),
        ({"device": "tpu"}, "setting device: .*'cpu' or 'cuda'"),
        ({"num_threads": "2"}, "setting num_threads"),
        ({"gpu_id": -1}, "setting gpu_id: .*got -1"),
        ({"gpu_mem_limit_mb": 0}, "setting gpu_mem_limit_mb"),
    ],
)
def test_refused(given, message):
    with pytest.raises(SettingsError, match=message):
        read_settings(given)
