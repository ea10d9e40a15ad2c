"""matplotlib, which only plots need."""

from typing import Any

from resay.errors import MissingExtraError


def load_pyplot() -> Any:  # noqa: ANN401  an optional package
    """Return matplotlib.pyplot, drawing to files.

    Raises:
        MissingExtraError: If matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError:
        raise MissingExtraError("the plot needs matplotlib, not installed here; run: pip install matplotlib") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot
