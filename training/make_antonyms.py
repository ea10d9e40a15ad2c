"""Write the list of antonyms that the package carries, from WordNet's own data files.

    python training/make_antonyms.py /usr/share/wordnet --out src/resay/vectors/antonyms.txt

The files data.adj, data.adv, data.noun and data.verb are what WordNet 3.0 ships (Debian's package wordnet-base);
their format is described in its manual page wndb(5WN). What the list holds:

    direct      words that an antonym pointer "!" joins, good/bad, and the synonyms of either, rarely/frequently.
    indirect    an adjective that is similar ("&") to one with an antonym, and that antonym: awful is similar to
                bad, so awful/good (Gross and Miller 1990).

Two adjectives similar to opposite ones (awful/great) would be 140,000 pairs more, many of them no opposites at
all (easy/quick, cozy/warm). Of these, only those stay that a prefix or suffix makes opposite (satisfied/dissatisfied).
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

PARTS_OF_SPEECH = ("adj", "adv", "noun", "verb")
ONE_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")
ADJECTIVE_POSITION = re.compile(r"\((?:p|a|ip)\)$")
NEGATIVE_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non")
HEADER = """\
Antonyms in English, an opposition a line: words ! words. Words after "|" are similar to those before it, and
opposite to those before the "|" on the other side. Words of one token only.
Made by training/make_antonyms.py from WordNet 3.0 (https://wordnet.princeton.edu).
"""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Synset:
    """A set of synonyms, with the keys of the synsets that it points to.

    Attributes:
        words: Those of one token.
        similar: Adjectives of like meaning.
        opposites: Those that one of the words has an antonym in.
    """

    words: list[str]
    similar: list[Key]
    opposites: list[Key]


def read_synsets(folder: Path) -> tuple[dict[Key, Synset], str]:
    """Return every synset by part of speech and offset, and the licence that stands at the top of each file."""
    synsets: dict[Key, Synset] = {}
    licence: list[str] = []
    for part in PARTS_OF_SPEECH:
        lines = (folder / f"data.{part}").read_text(encoding="utf-8").splitlines()
        licence = [re.sub(r"^ +\d+ ?", "", line).strip() for line in lines if line.startswith("  ")]
        synsets |= dict(parse_synset(line) for line in lines if not line.startswith("  "))
    return synsets, "\n".join(licence).strip()


def parse_synset(line: str) -> tuple[Key, Synset]:
    """Parse `offset file type num_words (word id)… num_pointers (symbol offset part source-target)… | gloss`."""
    fields = line.split(" | ")[0].split()
    end = 4 + 2 * int(fields[3], 16)
    words = [ADJECTIVE_POSITION.sub("", word) for word in fields[4:end:2]]
    targets: dict[str, list[Key]] = {"!": [], "&": []}
    for start in range(end + 1, end + 1 + 4 * int(fields[end]), 4):
        symbol, offset, part, _ = fields[start : start + 4]
        if symbol in targets:
            targets[symbol].append((part, offset))
    part = "a" if fields[2] == "s" else fields[2]  # "s": an adjective that is similar to a head
    words = [word for word in words if ONE_WORD.fullmatch(word)]
    return (part, fields[0]), Synset(words, targets["&"], list(dict.fromkeys(targets["!"])))


def oppositions(synsets: dict[Key, Synset]) -> Iterator[str]:
    """Yield the lines of the list."""
    for key, synset in synsets.items():
        for other_key in synset.opposites:
            other = synsets[other_key]
            # A pointer stands in both synsets, as a rule.
            if key > other_key and key in other.opposites:
                continue
            around, other_around = (
                [word for similar in one.similar for word in synsets[similar].words if ONE_WORD.fullmatch(word)]
                for one in (synset, other)
            )
            if synset.words and other.words:
                yield f"{one_side(synset.words, around)} ! {one_side(other.words, other_around)}"
            for first, second in product(around, other_around):
                if negates(first, second):
                    yield f"{first} ! {second}"


def one_side(words: Sequence[str], similar: Sequence[str]) -> str:
    """Return a side of an opposition as the list shows it."""
    # Adjectives of several parts (dirty-faced) would be a third of the list and are hardly any of a vocabulary.
    similar = sorted({word for word in similar if "-" not in word and word not in words})
    return " ".join([*words, "|", *similar]) if similar else " ".join(words)


def negates(first: str, second: str) -> bool:
    """Whether one of two words is the other with a negative prefix, or they end in -ful and -less."""
    short, long = sorted((first, second), key=len)
    if any(long == prefix + short for prefix in NEGATIVE_PREFIXES):
        return True
    stem = first.removesuffix("ful").removesuffix("less")
    return {first, second} == {f"{stem}ful", f"{stem}less"}


def main() -> int:
    """Write the list; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dict_dir", type=Path, help="WordNet's folder with data.adj and the others")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")
    arguments = parser.parse_args()
    try:
        synsets, licence = read_synsets(arguments.dict_dir)
    except OSError as error:
        print(f"make_antonyms.py: {error}; name the folder of WordNet 3.0's data files", file=sys.stderr)
        return 1
    lines = sorted(set(oppositions(synsets)))
    header = "".join(f"# {line}".rstrip() + "\n" for line in f"{HEADER}\n{licence}".splitlines())
    arguments.out.write_text(header + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{arguments.out}: {len(lines)} oppositions, {arguments.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
