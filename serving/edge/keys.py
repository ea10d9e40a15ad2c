"""Make, list and revoke the API keys of the edge; a running one notices by itself.

python serving/edge/keys.py keys.toml add NAME [--rate 100/s] | list | revoke NAME
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resay.edge.keys import add_key, read_keys, revoke_key
from resay.edge.rates import Rate
from resay.errors import ResayError


def main() -> int:
    """Run the command line; return the exit status."""
    options = parse_options()
    try:
        if options.action == "add":
            key = add_key(options.file, options.name, Rate.parse(options.rate) if options.rate else None)
            print(key)
            print("This is the only time that the key is shown; the file holds its SHA-256.", file=sys.stderr)
        elif options.action == "revoke":
            revoke_key(options.file, options.name)
        else:
            for name, known in read_keys(options.file).items():
                print(f"{name}\t{known.rate or 'the standard rate'}\t{known.created}")
    except ResayError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Make, list and revoke the API keys of the edge.")
    parser.add_argument("file", type=Path, help="the file of keys, such as keys.toml; the first add makes it")
    parser.add_argument(
        "action",
        choices=("add", "list", "revoke"),
        help="make a key and print it, this once; print names, rates and days; take a key away",
    )
    parser.add_argument("name", nargs="?", help="whose key it is; it stands in the log")
    parser.add_argument(
        "--rate", help="of add: requests a second or minute, such as 100/s, instead of the edge's --rate"
    )
    options = parser.parse_args()
    if (options.name is None) != (options.action == "list"):
        parser.error("add and revoke need a NAME, list takes none")
    if options.rate and options.action != "add":
        parser.error("--rate belongs to add; to change a rate, add another key and revoke this one")
    return options


if __name__ == "__main__":
    sys.exit(main())
