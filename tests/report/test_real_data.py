"""The report on real customers: quick, small, and with what is known of the data set."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from customer_atlas import Atlas
from customer_atlas.pipeline import stability_of
from customer_atlas.report import gather, page_html

PROJECT = """\
project: online-retail
timezone: Europe/London
sources:
  orders:
    path: {path}
    role: transactions
    columns: {{customer_id: CustomerID, timestamp: InvoiceDate, amount: "Quantity * UnitPrice",
      order_id: InvoiceNo, product: StockCode, quantity: Quantity}}
"""


def test_online_retail(shared_data: Callable[[str], Path], tmp_path: Path):
    data = shared_data("online_retail") / "online_retail.parquet"
    project = tmp_path / "atlas.yaml"
    project.write_text(PROJECT.format(path=data), encoding="utf-8")
    with Atlas.open(project) as atlas:
        atlas.run()
        stability_of(atlas.published(), None)  # it stays with the run
        begun = time.process_time()
        facts = gather(atlas.published())
        page = page_html(facts)
        seconds = time.process_time() - begun
        ids = set(atlas.members()["customer_id"].to_pylist())
    assert seconds < 15, "of a processor: it takes nine, seven of them for t-SNE and UMAP"
    assert len(page) < 6_000_000
    (orders,) = facts.sources
    assert (orders.counts.read, orders.counts.quarantined) == (541_909, 135_080)
    assert {one.reason for one in orders.examples} == {"missing_customer"}
    assert facts.customers == 4_372
    assert facts.drivers.balanced is not None
    assert facts.drivers.balanced > 0.9, "so well the drivers' trees tell who is where"
    assert all(one.told for one in facts.drivers.segments)
    assert facts.geometry.projection
    assert len(facts.geometry.projection.rows) <= 4_100
    prose = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "4,372" in prose
    assert not ids & set(re.findall(r"\d{5}", prose))
