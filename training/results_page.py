"""Write training/results/README.md: its hand-written text from README.template.md, its tables from the CSV files there.

python training/results_page.py
python training/results_page.py --check
"""

import argparse
import sys
from pathlib import Path

from resay.errors import ResayError
from resay.evaluation.report.results_page import PAGE, build_results_page
from resay.fitting.record import write_atomically

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Write the page, or check it; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=RESULTS, metavar="DIR", help="of the template and the tables")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is not what it should be")
    arguments = parser.parse_args()
    page = arguments.folder / PAGE
    try:
        text = build_results_page(arguments.folder)
        if not arguments.check:
            write_atomically(page, text)
            print(f"wrote {page}")
        elif not page.is_file() or page.read_text(encoding="utf-8") != text:
            print(f"results_page.py: {page} is stale; run: python training/results_page.py", file=sys.stderr)
            return 1
    except (ResayError, OSError) as error:
        print(f"results_page.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
