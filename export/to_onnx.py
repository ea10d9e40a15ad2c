"""Export a trained run as ONNX.

python export/to_onnx.py runs/NAME --out models/NAME [--quantize int8] [--calibration-sentences N]
"""

import argparse
import sys
from pathlib import Path

from resay.errors import ResayError


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Write a trained model as ONNX graphs, checked against torch, in one folder."
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="folder that training wrote, such as runs/demo")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER", help="folder to write, such as models/demo"
    )
    parser.add_argument(
        "--quantize",
        metavar="KIND",
        help="store the decoder's step in fewer bits: int8. A quarter of the size, twice as fast on a CPU; refused if"
        " it costs more than half a point of reconstruction on the run's dev corpus",
    )
    parser.add_argument(
        "--calibration-sentences",
        type=int,
        default=64,
        metavar="N",
        help="dev sentences that the paraphrases' dial is measured on; 0 leaves it unmeasured (default: %(default)s)",
    )
    return parser.parse_args()


def main() -> int:
    """Export, and say what was written; return the exit status."""
    arguments = parse_arguments()
    try:
        # Here and not above, so that a missing extra ends as a message.
        from resay.graphs.dial import dial_measurer
        from resay.graphs.export import CORPORA, export_run

        number = arguments.calibration_sentences
        addition = dial_measurer(arguments.run / CORPORA, number) if number > 0 else None
        report = export_run(arguments.run, arguments.out, quantize=arguments.quantize, addition=addition)
    except ResayError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for name, num_bytes in report.sizes.items():
        print(f"{name:18} {num_bytes / 1e6:8.2f} MB")
    worst = report.checks.parity.worst
    print(
        f"torch and ONNX differ by {worst.value:.1e} at most"
        f" ({worst.graph}, {worst.output}, batch {worst.batch}, length {worst.length})"
    )
    if report.checks.quantization is not None:
        print(report.checks.quantization)
    print(f"wrote {report.folder} in {report.seconds:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
