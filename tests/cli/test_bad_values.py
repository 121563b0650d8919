"""Values that a job cannot use are quarantined and counted by reason; the rest makes members."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import HEAD, PERSON, Job, orders


@pytest.mark.parametrize(
    "form",
    ["{y}-{m:02d}-{d:02d}", "{d:02d}.{m:02d}.{y}", "{d:02d}/{m:02d}/{y} 13:05", "{d} Jan {y}"],
)
def test_dates_in_four_formats_are_read_the_day_first(job: Job, form: str) -> None:
    rows = [f"c{day:02d},{form.format(d=day, m=1, y=2024)},{day % 7}" for day in range(1, 21)]
    job.write(HEAD + "\n".join(rows) + "\n")
    outcome = job.run()
    outcome.kept(20, 20)
    assert outcome.document["runs"][0]["as_of"].startswith("2024-01-20")


def test_dates_of_several_formats_in_one_column_are_read_or_counted(job: Job) -> None:
    job.write(HEAD + orders() + "c90,25/12/2023,5\nc91,24.12.2023,5\nc92,2023-12-23,5\n")
    outcome = job.run()
    read = outcome.source["kept"]
    assert read >= 25
    outcome.kept(read, read - 12, **outcome.source["reasons"])


def test_a_date_that_no_calendar_has_is_counted(job: Job) -> None:
    job.write(HEAD + orders() + f"{PERSON},2024-13-45,5\nc90,45.13.2024,5\nc91,2023-02-29,5\n")
    job.run().kept(24, 12, unparsable_timestamp=3)


@pytest.mark.parametrize("year", [1900, 2999])
def test_a_year_that_no_shop_has_is_counted(job: Job, year: int) -> None:
    job.write(HEAD + orders() + f"c90,{year}-01-02,5\n")
    outcome = job.run()
    outcome.kept(24, 12, impossible_timestamp=1)
    assert outcome.document["runs"][0]["as_of"].startswith("2024-02-12")


def test_amounts_with_currency_signs_are_numbers(job: Job) -> None:
    signs = ["$5.50", "€ 5.50", "5.50 EUR", "(5.50)", "-$1,005.50", "£5"]
    rows = "".join(f'c9{place},2024-01-02,"{text}"\n' for place, text in enumerate(signs))
    job.write(HEAD + orders() + rows)
    job.run().kept(30, 18)


def test_semicolons_with_comma_decimals_are_read(job: Job) -> None:
    rows = orders(mark=";").replace(".5\n", ",5\n") + "c90;2024-01-02;1.234,50\n"
    job.write(HEAD.replace(",", ";") + rows)
    job.run().kept(25, 13)
    money = {member["customer_id"] for member in job.members()}
    assert "c90" in money


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", "not_finite"),
        ("inf", "not_finite"),
        ("-Infinity", "not_finite"),
        ("1e308", "impossible_number"),
        ("-1e16", "impossible_number"),
        ("much", "unparsable_number"),
    ],
)
def test_an_amount_that_is_no_amount_is_counted(job: Job, text: str, reason: str) -> None:
    job.write(HEAD + orders() + f"c90,2024-01-02,{text}\n")
    job.run().kept(24, 12, **{reason: 1})


def test_a_column_of_mixed_types_that_nobody_mapped_stays_text(job: Job) -> None:
    kinds = ["1", "x", "2024-01-02", "true", "", "1e5"]
    rows = "".join(
        f"{line},{kinds[place % 6]}\n" for place, line in enumerate(orders().splitlines())
    )
    job.write(HEAD.strip() + ",mixed\n" + rows)
    job.run().kept(24, 12)


def test_a_mapped_column_of_mixed_types_loses_the_rows_that_do_not_fit(job: Job) -> None:
    job.write(HEAD + orders() + "c90,true,5\nc91,2024-01-02,x\nc92,5,2024-01-02\n")
    job.run().kept(24, 12, unparsable_number=1, unparsable_timestamp=2)


@pytest.mark.parametrize("customers", [1, 2])
def test_one_or_two_customers_are_one_segment(job: Job, customers: int) -> None:
    job.write(HEAD + orders(customers))
    outcome = job.run()
    outcome.kept(2 * customers, customers)
    assert len({member["segment_id"] for member in job.members()}) == 1


def test_customers_all_alike_are_one_segment(job: Job) -> None:
    job.write(HEAD + "".join(f"c{place:02d},2024-01-02,5\n" for place in range(40)))
    outcome = job.run()
    outcome.kept(40, 40)
    assert [segment["size"] for segment in outcome.document["runs"][0]["segments"]] == [40]


@pytest.mark.parametrize(
    "expression",
    [
        "(SELECT content FROM read_text('secret.txt'))",
        "read_csv('secret.txt')",
        "read_text('secret.txt')",
        "(SELECT max(amount) FROM orders)",
        "getenv('ATLAS_SECRET')",
        "glob('*')",
        "current_setting('temp_directory')",
        "1; ATTACH 'secret.txt'",
        "1; COPY (SELECT 1) TO 'stolen.txt'",
        "EXISTS (FROM 'secret.txt')",
        "amount -- 1",
        "query('SELECT 1')",
        "getvariable('x')",
        "a.b.c",
        "list_transform([1], x -> x)",
    ],
)
@pytest.mark.parametrize("key", ["columns", "where"])
def test_an_expression_that_reaches_beyond_its_row_is_refused(
    job: Job, expression: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(job.folder)
    monkeypatch.setenv("ATLAS_SECRET", "s3cret-of-the-house")
    job.write("s3cret-of-the-house", "secret.txt")
    job.write(HEAD + orders())
    job.settings = {key: {"discount": expression} if key == "columns" else expression}
    outcome = job.run()
    assert "s3cret-of-the-house" not in outcome.said + json.dumps(outcome.document)
    assert not Path("stolen.txt").exists()
    if expression == "amount -- 1":  # a remark after a column is harmless
        assert "Traceback" not in outcome.said
        return
    outcome.refused("atlas.yaml:1: sources.orders", code=2)


@pytest.mark.parametrize("form", ["%Q", "DD.MM.YYYY", "dayfirst"])
def test_a_format_of_dates_that_is_none_is_an_error_of_its_key(job: Job, form: str) -> None:
    job.write(HEAD + orders())
    job.settings["read"] = {"dates": form}
    job.run().refused(f"sources.orders.read.dates: found '{form}'", "day-first", code=2)


def test_a_time_zone_that_each_machine_reads_otherwise_is_refused(job: Job) -> None:
    job.write(HEAD + orders())
    job.project["timezone"] = "localtime"
    job.run().refused("timezone: found 'localtime'", "Europe/London", code=2)
