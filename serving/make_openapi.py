"""Write the OpenAPI document of the HTTP API, or see whether the one that is checked in is up to date.

python serving/make_openapi.py [--check] [--model models/NAME] [--limits FILE] [--out FILE]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resay.engine.model_folder import ModelFolder
from resay.errors import ResayError
from resay.torchserve.limits import read_limits
from resay.torchserve.openapi import openapi_document, render

SERVING = Path(__file__).resolve().parent


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Write the OpenAPI document of the HTTP API.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is not up to date")
    parser.add_argument("--model", type=Path, help="folder of a model, whose bounds then stand in the document")
    parser.add_argument("--limits", type=Path, default=SERVING / "limits.toml", help="what requests may hold and cost")
    parser.add_argument("--out", type=Path, default=SERVING / "openapi.json", help="default: %(default)s")
    options = parser.parse_args()
    try:
        card = None if options.model is None else ModelFolder.open(options.model).card
        text = render(openapi_document(read_limits(options.limits), card))
        if not options.check:
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(text, encoding="utf-8")
        elif options.out.read_text(encoding="utf-8") != text:
            print(f"{options.out} is not up to date; run python serving/make_openapi.py", file=sys.stderr)
            return 1
    except (ResayError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
