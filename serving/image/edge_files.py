"""A certificate of its own and a key, for trying the edge."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EDGE_FOLDER = "/etc/resay"
KEY_FILE = "key.txt"


def make_edge_files(project: Path, folder: Path, user: str) -> Path:
    """Fill a folder with what the edge's image expects, readable by its user alone; return the folder.

    The API key itself lies beside its hash, in key.txt, for whoever asks.
    """
    folder.mkdir()
    names = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"]
    subject = ["-subj", "/CN=localhost", "-days", "1", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subprocess.run(["openssl", "req", "-x509", *subject, *names], check=True, capture_output=True)
    command = [sys.executable, f"{project}/serving/edge/keys.py", f"{folder}/keys.toml", "add", "trial"]
    added = subprocess.run(command, check=True, capture_output=True, text=True)
    (folder / KEY_FILE).write_text(added.stdout.strip(), encoding="ascii")
    owner = [int(number) for number in user.split(":")]
    for path in (folder, *folder.iterdir()):
        path.chmod(0o500 if path.is_dir() else 0o400)
        os.chown(path, *owner)
    return folder
