"""The instructions of a stage, carried out in a clean root."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template

from build_context import sent_files
from clean_root import copy_root, run_in
from dockerfile import Stage, exec_form

from resay.errors import SettingsError

BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Image:
    """A root, and how a container starts from it."""

    root: Path
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": BASE_PATH})
    folder: str = "/"
    user: str = "0:0"
    entry_point: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    stop_signal: str = "SIGTERM"


def build_stage(stage: Stage, images: Mapping[str, Image], project: Path, root: Path) -> Image:
    """Carry out a stage's instructions in a root of its own, a copy of its base's.

    Args:
        stage: What to do.
        images: What has been built before, by stage, and under the name of its base image the stand-in for that.
        project: Where COPY finds what it copies.
        root: The new root.
    """
    base = images[stage.base]
    copy_root(base.root, root)
    image = replace(base, root=root, environment=dict(base.environment))
    for instruction in stage.instructions:
        print(f"    {instruction.name} {instruction.text[:100]}", flush=True)
        if instruction.name == "COPY":
            _copy(image, instruction.text, images, project)
        elif instruction.name in SETTERS:
            SETTERS[instruction.name](image, instruction.text)
    return image


def _run(image: Image, text: str) -> None:
    if image.user != "0:0":
        raise SettingsError(f"RUN after USER is not understood here: RUN {text}")
    run_in(image.root, text, image.environment, image.folder)


def _copy(image: Image, text: str, images: Mapping[str, Image], project: Path) -> None:
    words = text.split()
    *sources, target = [word for word in words if not word.startswith("--")]
    flags = [word for word in words if word.startswith("--")]
    place = Path(image.folder) / target
    inside = image.root / place.relative_to("/")
    if flags and flags[0].startswith("--from="):
        for source in sources:
            copied = images[flags[0].removeprefix("--from=")].root / source.removeprefix("/")
            shutil.copytree(copied, inside, symlinks=True, dirs_exist_ok=True)
        return
    if flags:
        raise SettingsError(f"COPY {flags[0]} is not understood here; known is --from")
    for source in sources:
        files = sent_files(project, source)
        if not files:
            raise SettingsError(f"COPY {source}: there is no such file, or .dockerignore keeps it back")
        for path in files:
            from_folder = (project / source).is_dir()
            into_folder = target.endswith("/") or len(sources) > 1
            name = path.relative_to(source) if from_folder else Path(path.name)
            goal = inside / name if from_folder or into_folder else inside
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(project / path, goal)


def _set_environment(image: Image, text: str) -> None:
    known = dict(image.environment)
    for pair in shlex.split(text):
        name, _, value = pair.partition("=")
        image.environment[name] = Template(value).safe_substitute(known)


def _set_folder(image: Image, text: str) -> None:
    image.folder = text
    (image.root / text.removeprefix("/")).mkdir(parents=True, exist_ok=True)


def _set_user(image: Image, text: str) -> None:
    user, separator, group = text.partition(":")
    if not (user.isdigit() and separator and group.isdigit()):
        raise SettingsError(f"USER takes numbers here, user:group; got {text}")
    image.user = text


def _set_health(image: Image, text: str) -> None:
    image.health = exec_form(text.partition("CMD ")[2])


def _set_entry_point(image: Image, text: str) -> None:
    image.entry_point = exec_form(text)
    image.command = []  # an engine forgets it too


def _set_command(image: Image, text: str) -> None:
    image.command = exec_form(text)


def _set_stop_signal(image: Image, text: str) -> None:
    image.stop_signal = text


SETTERS: Mapping[str, Callable[[Image, str], None]] = {
    "CMD": _set_command,
    "ENTRYPOINT": _set_entry_point,
    "ENV": _set_environment,
    "HEALTHCHECK": _set_health,
    "RUN": _run,
    "STOPSIGNAL": _set_stop_signal,
    "USER": _set_user,
    "WORKDIR": _set_folder,
}
