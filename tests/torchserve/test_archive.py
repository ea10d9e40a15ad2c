import json
import os
import zipfile
from pathlib import Path

import pytest
import yaml

from resay.engine.model_folder import ModelFolder
from resay.engine.settings import read_settings
from resay.errors import ServerError, SettingsError
from resay.torchserve.archive import ArchiveSettings, model_config, write_archives
from resay.torchserve.endpoints import DEFAULT_ENDPOINTS, ENDPOINTS

HANDLERS = Path(__file__).parents[2] / "handlers"


def content(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_each_archive_holds_its_handler_the_configuration_and_the_whole_model(model_path: Path, tmp_path: Path) -> None:
    archives = write_archives(ModelFolder.open(model_path), HANDLERS, tmp_path / "store")
    assert [path.name for path in archives] == [f"{endpoint}.mar" for endpoint in DEFAULT_ENDPOINTS]
    for endpoint, archive in zip(DEFAULT_ENDPOINTS, archives, strict=True):
        files = content(archive)
        model = {name for name in files if name.startswith("model/")}
        assert set(files) - model == {
            f"{endpoint}_handler.py",
            "model-config.yaml",
            "MAR-INF/MANIFEST.json",
        }
        assert model == {f"model/{path.name}" for path in model_path.iterdir()}
        manifest = json.loads(files["MAR-INF/MANIFEST.json"])
        assert manifest["model"]["modelName"] == endpoint
        assert manifest["model"]["modelVersion"] == "1.0"
        assert manifest["model"]["handler"] in files
        assert manifest["model"]["configFile"] in files


def test_the_model_in_an_archive_verifies_as_a_model_folder(model_path: Path, tmp_path: Path) -> None:
    archive, *_ = write_archives(ModelFolder.open(model_path), HANDLERS, tmp_path / "store")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "unpacked")
    assert ModelFolder.open(tmp_path / "unpacked" / "model").card.name == "tiny"


def test_two_builds_are_equal_byte_for_byte(model_path: Path, tmp_path: Path) -> None:
    folder = ModelFolder.open(model_path)
    first = [path.read_bytes() for path in write_archives(folder, HANDLERS, tmp_path / "first")]
    for path in model_path.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
        path.chmod(0o600)
    second = [path.read_bytes() for path in write_archives(folder, HANDLERS, tmp_path / "second")]
    assert first == second
    assert len(set(first)) == len(DEFAULT_ENDPOINTS)


def test_only_what_is_asked_for_is_written(model_path: Path, tmp_path: Path) -> None:
    settings = ArchiveSettings(endpoints=("sample", "encode"))
    archives = write_archives(ModelFolder.open(model_path), HANDLERS, tmp_path / "store", settings)
    assert [path.name for path in archives] == ["sample.mar", "encode.mar"]
    assert {path.name for path in (tmp_path / "store").iterdir()} == {"sample.mar", "encode.mar"}


def test_what_the_manifest_does_not_name_stays_out(model_path: Path, tmp_path: Path) -> None:
    (model_path / "notes.txt").write_text("private")
    archive, *_ = write_archives(ModelFolder.open(model_path), HANDLERS, tmp_path / "store")
    assert "model/notes.txt" not in content(archive)


def test_the_configuration_says_what_torchserve_reads() -> None:
    settings = ArchiveSettings(num_workers=3, device="cuda", num_threads=2, limits={"encode": {"max_items": 7}})
    parsed = yaml.safe_load(model_config("encode", settings))
    assert parsed["minWorkers"] == parsed["maxWorkers"] == 3
    assert parsed["batchSize"] == 32
    assert parsed["maxBatchDelay"] == 1  # 0 would mean 100 ms
    handler = {"device": "cuda", "num_threads": 2, "max_items": 7, "time_limit_seconds": 20.0}
    assert parsed["handler"] == handler
    read_settings(parsed["handler"])
    assert "max_items" not in yaml.safe_load(model_config("paraphrase", settings))["handler"]


@pytest.mark.parametrize(("response_timeout_s", "limit"), [(60, 20), (9, 3)])
def test_a_worker_stops_long_before_it_counts_as_hung(response_timeout_s: int, limit: float) -> None:
    settings = ArchiveSettings(response_timeout_s=response_timeout_s)
    for endpoint in ENDPOINTS:
        parsed = yaml.safe_load(model_config(endpoint, settings))
        assert parsed["handler"]["time_limit_seconds"] == limit
        assert parsed["responseTimeout"] == response_timeout_s


def test_a_time_limit_near_the_response_timeout_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"paraphrase must be at most 30, half of .*; got 31"):
        ArchiveSettings(limits={"paraphrase": {"time_limit_seconds": 31}})


def test_so_many_batches_may_wait_for_each_worker() -> None:
    settings = ArchiveSettings(num_workers=3, batch_size=10, waiting_batches={"encode": 5})
    sizes = {name: yaml.safe_load(model_config(name, settings))["jobQueueSize"] for name in ("encode", "sample")}
    assert sizes == {"encode": 150, "sample": 60}


def test_the_queue_of_encode_outlasts_the_replacement_of_a_worker() -> None:
    settings = ArchiveSettings()
    assert {name: settings.job_queue_size(name) for name in ENDPOINTS} == {
        name: 512 if name == "encode" else 64 for name in ENDPOINTS
    }


def test_no_workers_are_refused() -> None:
    with pytest.raises(SettingsError, match="at least 1; got 0"):
        ArchiveSettings(num_workers=0)


def test_a_full_disk_leaves_no_half_archive(model_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    with pytest.raises(OSError, match="No space left"):
        write_archives(ModelFolder.open(model_path), HANDLERS, tmp_path / "store")
    assert list((tmp_path / "store").iterdir()) == []


def test_a_missing_handler_is_named(model_path: Path, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"encode_handler\.py is missing"):
        write_archives(ModelFolder.open(model_path), tmp_path / "nowhere", tmp_path / "store")
