"""Write the quick start's corpus: made-up reviews of restaurants and hotels, one sentence a line.

    python training/make_corpus.py --out train.txt --dev dev.txt

The grammar in quickstart/grammar.toml is expanded at random from a seed. The same seed and grammar give the same
bytes everywhere: only lists are drawn from, never a set or a hash.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

GRAMMAR = Path(__file__).parent / "quickstart" / "grammar.toml"
MIN_WORDS, MAX_WORDS = 4, 14
EXCLAIM_SHARE = 0.12
MAX_BARREN_DRAWS = 50_000  # that many draws in a row without a new sentence: the grammar is used up

Rules = Mapping[str, Sequence[str]]

SLOT = re.compile(r"\{(\w+)(\??)\}")
ARTICLE = re.compile(r"\b([Aa])n? (?=(\w))")


def load_rules(path: Path = GRAMMAR) -> dict[str, list[str]]:
    """All rules by name; a name that stands in two sections is an error."""
    rules: dict[str, list[str]] = {}
    for section in tomllib.loads(path.read_text(encoding="utf-8")).values():
        for name, choices in section.items():
            if name in rules:
                raise SystemExit(f"{path}: '{name}' is defined twice; give one of the two another name")
            rules[name] = choices
    return rules


def expand(text: str, rules: Rules, random_source: random.Random) -> str:
    """Replace every {name} by one of its choices, again and again, left to right."""

    def choose(slot: re.Match[str]) -> str:
        name, optional = slot.groups()
        if optional and random_source.random() < 0.5:
            return ""
        return expand(random_source.choice(rules[name]), rules, random_source)

    return SLOT.sub(choose, text)


def finish(clause: str, random_source: random.Random) -> str:
    """Prose: single spaces, "a" or "an", a capital, a full stop or an exclamation mark."""
    prose = " ".join(clause.split())
    prose = ARTICLE.sub(lambda match: match[1] + ("n " if match[2] in "aeiouAEIOU" else " "), prose)
    mark = "!" if random_source.random() < EXCLAIM_SHARE else "."
    return prose[0].upper() + prose[1:] + mark


def reads_well(prose: str) -> bool:
    """Right length, and no longer word said twice ("the soup ... the soup")."""
    words = re.findall(r"[a-z']+|\d+", prose.lower())
    content = [word for word in words if len(word) > 4]
    return MIN_WORDS <= len(words) <= MAX_WORDS and len(content) == len(set(content))


def sentences(rules: Rules, seed: int) -> Iterator[str]:
    """Distinct sentences until the grammar is used up."""
    random_source = random.Random(seed)
    seen: set[str] = set()
    barren = 0
    while barren < MAX_BARREN_DRAWS:
        barren += 1
        kind = random_source.choice(["good", "good", "bad", "bad", "mixed"])
        prose = finish(expand(f"{{{kind}}}", rules, random_source), random_source)
        same = prose[:-1].lower()  # another final mark does not make another sentence
        if reads_well(prose) and same not in seen:
            seen.add(same)
            barren = 0
            yield prose


def write(path: Path, lines: Sequence[str]) -> None:
    """Write the lines and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    vocabulary = {word for line in lines for word in re.findall(r"[a-z']+", line.lower())}
    print(f"{path}: {len(lines)} sentences, {len(vocabulary)} different words")


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, write the files."""
    parser = argparse.ArgumentParser(description="Write the quick start's corpus of made-up reviews.")
    parser.add_argument("--out", type=Path, required=True, help="training sentences, one a line")
    parser.add_argument("--dev", type=Path, help="further sentences, none of them in --out")
    parser.add_argument("--num-sentences", type=int, default=24_000, help="lines of --out (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="default %(default)s")
    options = parser.parse_args(arguments)
    num_dev = max(1, options.num_sentences // 24) if options.dev else 0
    num_wanted = options.num_sentences + num_dev
    drawn = [line for line, _ in zip(sentences(load_rules(), options.seed), range(num_wanted), strict=False)]
    if len(drawn) < num_wanted:
        sys.exit(
            f"--num-sentences {options.num_sentences}: the grammar gives only {len(drawn) - num_dev}; ask for fewer"
        )
    write(options.out, drawn[: options.num_sentences])
    if options.dev:
        write(options.dev, drawn[options.num_sentences :])
    return 0


if __name__ == "__main__":
    sys.exit(main())
