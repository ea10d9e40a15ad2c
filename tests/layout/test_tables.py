"""What can be chosen by name is explained where people look."""

import pytest

from resay.engine.strategies import STRATEGIES
from resay.graphs.quantization import QUANTIZATIONS
from resay.losses import LOSSES
from resay.models import BOTTLENECKS
from resay.models.bottlenecks import READINGS
from resay.torchserve.endpoints import ENDPOINTS
from resay.vectors import EXCLUSIONS

TABLES = {
    "LOSSES": LOSSES,
    "BOTTLENECKS": BOTTLENECKS,
    "READINGS": READINGS,
    "ENDPOINTS": ENDPOINTS,
    "STRATEGIES": STRATEGIES,
    "EXCLUSIONS": EXCLUSIONS,
    "QUANTIZATIONS": QUANTIZATIONS,
}


@pytest.mark.parametrize("table", TABLES)
def test_every_name_is_documented(project, table):
    pages = [project / "README.md", *sorted((project / "docs").glob("*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert [name for name in TABLES[table] if f"`{name}`" not in text and f'"{name}"' not in text] == []


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "ce"])
def test_loss_names_lead_to_their_files(project, name):
    stem = {"weighted-ce": "weighted_cross_entropy", "weighted-sim": "weighted_similarity"}.get(
        name, name.replace("-", "_")
    )
    assert (project / "src" / "resay" / "losses" / f"{stem}.py").is_file()
