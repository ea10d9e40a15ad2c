"""The nginx that is installed: where it is, which version, and where its module for scripts lies."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from resay.errors import MissingExtraError

SCRIPT_MODULE = "ngx_http_js_module.so"
_USUAL_MODULE_FOLDERS = ("/usr/lib/nginx/modules", "/etc/nginx/modules", "/usr/lib64/nginx/modules")
_INSTALL = "install nginx with njs (Debian, Ubuntu: nginx-light and libnginx-mod-http-js; or use the image nginx)"
_FIRST_WITH_HTTP2_DIRECTIVE = (1, 25, 1)


@dataclass(frozen=True, slots=True)
class Nginx:
    """A usable nginx."""

    path: Path
    version: tuple[int, ...]
    js_module: Path

    @property
    def has_http2_directive(self) -> bool:
        """Whether HTTP/2 is a line of its own, and no option of `listen` any more."""
        return self.version >= _FIRST_WITH_HTTP2_DIRECTIVE


def find_nginx(search_path: str | None = None) -> Nginx:
    """Find nginx and its script module.

    Args:
        search_path: Where to look for the program; by default the environment's PATH and /usr/sbin.

    Raises:
        MissingExtraError: One of them is not installed.
    """
    found = shutil.which("nginx", path=search_path)
    if found is None and search_path is None:
        found = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")  # not on every user's PATH
    if found is None:
        raise MissingExtraError(f"the edge needs nginx, which is not installed; {_INSTALL}")
    about = subprocess.run([found, "-V"], capture_output=True, text=True, check=False).stderr
    version = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", about)
    named = re.search(r"--modules-path=(\S+)", about)
    folders = ([named[1]] if named else []) + list(_USUAL_MODULE_FOLDERS)
    for folder in folders:
        module = Path(folder) / SCRIPT_MODULE
        if module.is_file():
            return Nginx(Path(found), tuple(map(int, version.groups())) if version else (), module)
    raise MissingExtraError(f"{found} has no {SCRIPT_MODULE} (looked in {', '.join(folders)}); {_INSTALL}")
