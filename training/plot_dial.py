"""Draw what the dial `diversity` does with an exported model, as it was measured at its export.

python training/plot_dial.py models/reviews --out dial.png
"""

import argparse
import sys
from pathlib import Path

from resay.engine import ModelFolder
from resay.errors import ResayError
from resay.evaluation.paraphrase.dial_plot import draw_dial


def main() -> int:
    """Draw; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="a folder of export/to_onnx.py")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG")
    arguments = parser.parse_args()
    try:
        draw_dial(ModelFolder.open(arguments.model).card, arguments.out)
    except (ResayError, OSError) as error:
        print(f"plot_dial.py: {error}", file=sys.stderr)
        return 1
    print(f"wrote {arguments.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
