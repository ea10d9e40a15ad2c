"""The Dockerfile's instructions as data: those that occur in it, and an error for all others."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template

from resay.errors import SettingsError, unknown_name_message

KNOWN = (
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "RUN",
    "STOPSIGNAL",
    "USER",
    "WORKDIR",
)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its continuation lines joined."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands between one FROM and the next.

    Attributes:
        name: What other stages and ``--target`` call it.
        base: A former stage's name, or an image.
        instructions: In their order.
    """

    name: str
    base: str
    instructions: list[Instruction] = field(default_factory=list)

    def sources(self) -> set[str]:
        """Return the names of what it is built from: its base, and what it copies from."""
        copied = (re.search(r"--from=(\S+)", item.text) for item in self.instructions if item.name == "COPY")
        return {self.base} | {match[1] for match in copied if match}


def read_stages(text: str) -> dict[str, Stage]:
    """Return the stages of a Dockerfile by name, in their order.

    Raises:
        SettingsError: If an instruction is not one of those that are understood here.
    """
    stages: dict[str, Stage] = {}
    arguments: dict[str, str] = {}
    current: Stage | None = None
    for instruction in read_instructions(text):
        if instruction.name == "ARG" and current is None:
            name, _, value = instruction.text.partition("=")
            arguments[name] = value
        elif instruction.name == "FROM":
            current = _new_stage(instruction.text, arguments)
            stages[current.name] = current
        elif current is None or instruction.name not in KNOWN:
            raise SettingsError(unknown_name_message("instruction", instruction.name, KNOWN))
        else:
            current.instructions.append(instruction)
    return stages


def read_instructions(text: str) -> list[Instruction]:
    """Return all instructions of a Dockerfile.

    Raises:
        SettingsError: If there is a here-document, which is not understood.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    if "<<" in joined:
        raise SettingsError("the Dockerfile holds a here-document (<<), which is not understood here; use RUN a && b")
    pairs = [line.split(None, 1) for line in joined.splitlines()]
    return [Instruction(pair[0].upper(), pair[1].strip()) for pair in pairs]


def needed_stages(stages: Mapping[str, Stage], target: str) -> list[Stage]:
    """Return the stages that a target is built from, itself last.

    Raises:
        SettingsError: If there is no such target.
    """
    if target not in stages:
        raise SettingsError(unknown_name_message("target", target, stages))
    needed = {target}
    for name in reversed(list(stages)):
        if name in needed:
            needed |= stages[name].sources()
    return [stage for name, stage in stages.items() if name in needed]


def exec_form(text: str) -> list[str]:
    """Return the words of a command that is started without a shell.

    Raises:
        SettingsError: If it is in shell form: a shell would stand between a signal and the program.
    """
    try:
        words = json.loads(text)
    except ValueError:
        raise SettingsError(f'the command {text!r} is in shell form; write it as ["program", "argument"]') from None
    return [str(word) for word in words]


def _new_stage(text: str, arguments: Mapping[str, str]) -> Stage:
    match = re.fullmatch(r"(\S+) AS (\S+)", Template(text).safe_substitute(arguments))
    if match is None:
        raise SettingsError(f"every stage needs a name here: FROM IMAGE AS NAME; got FROM {text}")
    return Stage(match[2], match[1])
