"""Make train.txt, dev.txt and test.txt out of text files, without repetitions and without overlap.

python training/split_corpus.py --train a.txt b.txt.gz --held-out c.txt --out data/reviews
"""

import argparse
import sys
from pathlib import Path

from resay.corpus.split import split_corpus
from resay.errors import ResayError


def main() -> int:
    """Split; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--held-out", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--num-dev", type=int, default=2000)
    parser.add_argument("--num-test", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sizes = {"num_dev": arguments.num_dev, "num_test": arguments.num_test, "seed": arguments.seed}
    try:
        report = split_corpus(arguments.train, arguments.held_out, arguments.out, **sizes)
    except ResayError as error:
        print(f"split_corpus.py: {error}", file=sys.stderr)
        return 1
    print(
        f"{arguments.out}: {report.num_train:,} train, {report.num_dev:,} dev, {report.num_test:,} test lines; "
        f"{report.num_repeated:,} repeated lines left out"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
