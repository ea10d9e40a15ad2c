"""Sentences whose names can be exchanged, from `entities.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class EntityTemplate:
    """A sentence with a place for a name.

    Attributes:
        kind: Which names fit: person, place or dish.
        sentence: The sentence, with ``{name}``.
        paraphrase: The same in other words, with ``{name}``.
    """

    kind: str
    sentence: str
    paraphrase: str


@dataclass(frozen=True, slots=True)
class EntitySentences:
    """Templates and the names that fit them.

    Attributes:
        templates: All of them.
        names: Names of each kind.
    """

    templates: tuple[EntityTemplate, ...]
    names: Mapping[str, tuple[str, ...]]


@cache
def entity_sentences() -> EntitySentences:
    """Return the templates and names of the package; read once."""
    text = resources.files("resay.evaluation.probes").joinpath("entities.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    return EntitySentences(
        templates=tuple(
            EntityTemplate(one["class"], one["sentence"], one["paraphrase"]) for one in content["templates"]
        ),
        names={kind: tuple(names) for kind, names in content["names"].items()},
    )
