"""What tables are is told from their names and values, and what is not sure is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_atlas.config import ProjectFile, Role, bind_expression
from customer_atlas.discovery import (
    SKIP,
    Answers,
    Proposal,
    ProposedSource,
    look_at,
    project_text,
    propose,
)

Propose = Callable[..., Proposal]


@pytest.fixture
def proposed(tmp_path: Path) -> Propose:
    """Write files and return what is proposed for them."""

    def made(files: Mapping[str, str], answers: Answers | None = None) -> Proposal:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        tables, left_out = look_at(tmp_path, tmp_path, lambda *_: None)
        return propose("shop", tables, left_out, answers or {})

    return made


def only(proposal: Proposal) -> ProposedSource:
    (source,) = proposal.sources
    return source


def table(header: str, *rows: str) -> str:
    return "\n".join([header, *rows]) + "\n"


ORDERS = table(
    "Invoice,StockCode,Quantity,InvoiceDate,Price,Customer ID",
    "1,A,2,2024-01-01 10:00,1.5,17",
    "1,B,1,2024-01-01 10:00,4,17",
    "2,A,-1,2024-01-02 11:00,1.5,18",
    "3,A,5,2024-01-03 12:00,1.5,",
)


def test_what_was_paid_is_pieces_times_price(proposed: Propose) -> None:
    source = only(proposed({"orders.csv": ORDERS}))
    assert source.role is Role.TRANSACTIONS
    assert source.columns == {
        "customer_id": "Customer ID",
        "timestamp": "InvoiceDate",
        "order_id": "Invoice",
        "product": "StockCode",
        "amount": "Quantity * Price",
        "quantity": "Quantity",
    }
    assert source.where == '"Customer ID" IS NOT NULL'
    assert any("negative in 25.0%" in note for note in source.notes)


def test_a_total_wins_over_pieces_times_price_and_is_compared_with_it(proposed: Propose) -> None:
    text = table(
        "order_id,client,bought_at,qty,unit_price,total",
        "1,ann,2024-01-01,2,1.5,3",
        "2,bob,2024-01-02,1,4,4",
        "3,ann,2024-01-05,3,2,6",
    )
    source = only(proposed({"sales.csv": text}))
    assert source.columns["amount"] == "total"
    assert source.reasons["amount"] == "equals qty * unit_price"


def test_orders_without_amounts_are_orders_and_said_to_have_no_money(proposed: Propose) -> None:
    text = table("order_no,user_id,date", "1,a,2024-01-01", "2,b,2024-01-02", "3,a,2024-01-03")
    proposal = proposed({"data.csv": text})
    assert only(proposal).role is Role.TRANSACTIONS
    assert any("no amounts" in doubt.sentence for doubt in proposal.doubts)


def test_clicks_are_events_with_their_type_and_session(proposed: Propose) -> None:
    text = table(
        "event_time,event_type,product_id,price,user_id,user_session",
        "2024-01-01 10:00:00 UTC,view,1,9.5,u1,s1",
        "2024-01-01 10:01:00 UTC,cart,1,9.5,u1,s1",
        "2024-01-02 10:00:00 UTC,view,2,3,u2,s2",
    )
    source = only(proposed({"2019-Oct.csv": text}))
    assert source.role is Role.EVENTS
    assert source.columns["customer_id"] == "user_id"
    assert source.columns["type"] == "event_type"
    assert source.columns["value"] == "price"


def test_names_without_spaces_or_capitals_are_understood(proposed: Propose) -> None:
    text = table(
        "timestamp,visitorid,event,itemid,transactionid",
        "1433221332117,257597,view,355908,",
        "1433224214164,992329,view,248676,",
        "1433221999827,257597,addtocart,355908,",
    )
    columns = only(proposed({"events.csv": text})).columns
    assert (columns["customer_id"], columns["product"]) == ("visitorid", "itemid")


def test_one_row_a_person_is_a_customer_whatever_else_is_known(proposed: Propose) -> None:
    text = table(
        "CUST_ID,BALANCE,PURCHASES,PAYMENTS,signup_date",
        "C1,40.9,95.4,201.8,2020-01-01",
        "C2,3202.5,0,4103,2020-02-01",
        "C3,2495.1,773.2,622.1,2020-03-01",
    )
    source = only(proposed({"CC GENERAL.csv": text}))
    assert (source.role, source.columns) == (Role.CUSTOMERS, {"customer_id": "CUST_ID"})
    assert source.name == "cc_general"


def test_the_key_of_a_customers_table_is_found_by_what_other_tables_name(
    proposed: Propose,
) -> None:
    proposal = proposed(
        {
            "people.csv": table("ref,region", "17,North", "18,South", "19,North"),
            "orders.csv": ORDERS,
        }
    )
    people = next(one for one in proposal.sources if one.name == "people")
    assert (people.role, people.columns) == (Role.CUSTOMERS, {"customer_id": "ref"})


def test_products_are_found_by_the_keys_that_orders_name(proposed: Propose) -> None:
    stock = table("code,department,brand", "A,Kitchen,x", "B,Garden,y", "C,Garden,y")
    proposal = proposed({"stock.csv": stock, "orders.csv": ORDERS})
    source = next(one for one in proposal.sources if one.name == "stock")
    assert source.role is Role.PRODUCTS
    assert source.columns == {"product": "code", "category": "department", "brand": "brand"}


def test_a_redemption_is_a_message_that_converted(proposed: Propose) -> None:
    text = table(
        "household_id,campaign_id,redemption_date", "1,8,2024-01-01", "1,9,2024-02-01",
        "2,8,2024-01-05",
    )  # fmt: skip
    source = only(proposed({"coupon_redemptions.csv": text}))
    assert source.role is Role.MESSAGES
    assert source.columns["action"] == "'convert'"


REVIEWS = table(
    "user_id,date,review_title,review_text,stars,product_id",
    "1,2024-01-01,so good that I cried,it came in time and fits me like a glove,5,A",
    "1,2024-01-02,not what I wanted then,the sleeves are far too long for my arms,2,B",
    "2,2024-01-05,a gift for my sister,she wears it every day and is happy,4,A",
)


def test_reviews_of_people_are_texts_with_their_ratings(proposed: Propose) -> None:
    source = only(proposed({"reviews.csv": REVIEWS}))
    assert source.role is Role.TEXTS
    assert source.columns == {
        "customer_id": "user_id", "timestamp": "date", "text": "review_text", "rating": "stars",
    }  # fmt: skip


def test_one_review_of_each_person_is_still_a_review(proposed: Propose) -> None:
    source = only(proposed({"reviews.csv": "\n".join(REVIEWS.splitlines()[::2]) + "\n"}))
    assert source.role is Role.TEXTS


@pytest.mark.parametrize(
    ("name", "header", "role"),
    [
        ("orders.csv", "order_id,customer_id,order_date,total,gift_message", Role.TRANSACTIONS),
        ("sales.csv", "order_id,customer_id,order_date,total,feedback", Role.TRANSACTIONS),
        ("people.csv", "nr,customer_id,signup_date,score,notes", Role.CUSTOMERS),
        ("people.csv", "nr,customer_id,signup_date,score,survey_answer", Role.CUSTOMERS),
    ],
)
def test_prose_beside_orders_or_people_makes_no_texts_of_them(
    proposed: Propose, name: str, header: str, role: Role
) -> None:
    said = ("all the best to you", "left at the back door", "please ring the bell twice")
    rows = [f"{n},{n + 7},2024-01-0{n + 1},{n + 2.5},{text}" for n, text in enumerate(said)]
    assert only(proposed({name: table(header, *rows)})).role is role


SURVEY = table(
    "member_id,trust_1,trust_2,trust_3,q1,q2,q3,q4,visits_1,visits_2,visits_3,kids_1,kids_2,kids_3",
    "1,1,5,3,0,10,4,7,1,2,3,0,1,0",
    "2,5,1,2,10,0,5,8,2,3,1,1,0,1",
    "3,3,3,1,5,5,10,0,3,1,2,0,1,1",
    "4,2,2,5,7,6,0,10,1,2,3,0,0,0",
)


def test_columns_of_one_name_and_range_are_the_items_of_a_scale(proposed: Propose) -> None:
    proposal = proposed({"members.csv": SURVEY})
    found = {one.name: (one.items, one.points, one.lowest) for one in only(proposal).scales}
    assert found == {
        "trust": (("trust_1", "trust_2", "trust_3"), 5, 1),
        "survey": (("q1", "q2", "q3", "q4"), 11, 0),
    }
    assert "trust: {items: [trust_1, trust_2, trust_3], points: 5}" in project_text(proposal)
    assert "survey: {items: [q1, q2, q3, q4], points: 11, from: 0}" in project_text(proposal)


@pytest.mark.parametrize(
    "change",
    [
        ("trust_3", "trust_x"),  # two items are none
        ("2,5,1,2,", "2,5,1,2.5,"),  # not whole
        ("2,5,1,2,", "2,6,1,2,"),  # not of one range
    ],
)
def test_a_family_that_is_not_quite_one_is_no_scale(
    proposed: Propose, change: tuple[str, str]
) -> None:
    proposal = proposed({"members.csv": SURVEY.replace(*change)})
    assert [one.name for one in only(proposal).scales] == ["survey"]


def test_scales_of_two_files_have_names_of_their_own(proposed: Propose, tmp_path: Path) -> None:
    other = SURVEY.replace("visits_1", "rank")
    proposal = proposed({"members.csv": SURVEY, "customers.csv": other})
    path = tmp_path / "atlas.yaml"
    path.write_text(project_text(proposal), encoding="utf-8")
    assert len(ProjectFile.load(path).project.scales) == 4


def test_files_of_one_series_are_one_source(proposed: Propose) -> None:
    proposal = proposed({f"orders-2024-{month:02d}.csv": ORDERS for month in (1, 2, 3)})
    # Those of next month and next year will be of it too.
    assert only(proposal).paths == ("orders*.csv",)


def test_a_copy_of_another_table_is_left_out(proposed: Propose) -> None:
    lines = ORDERS.splitlines()
    proposal = proposed({"all.csv": ORDERS, "part.csv": "\n".join([lines[0], *lines[1:3]]) + "\n"})
    # A copy may have names of its own.
    assert only(proposal).name == "all"
    assert "count twice" in proposal.left_out[0].reason


@pytest.mark.parametrize(
    ("header", "row", "reason"),
    [
        (
            "Clothing ID,Age,Review Text",
            "{half},3{n},it fits me {n} very well",
            "texts about Clothing",
        ),
        ("household,week", "1,{n}", "no column says when"),
        ("store,temperature", "{n},2{n}", "no column says whose a row is"),
        ("customer_id,segmentation,segment_id,generation,as_of", "{n},m,s,1,2024-01-01", "export"),
        ("sku,department", "{n},Kitchen", "no table says who bought them"),
    ],
)
def test_a_table_that_names_nobody_is_left_out_for_a_reason(
    proposed: Propose, header: str, row: str, reason: str
) -> None:
    rows = [row.format(n=number, half=number // 2) for number in range(6)]
    proposal = proposed({"a.csv": table(header, *rows)})
    assert not proposal.sources
    assert reason in proposal.left_out[0].reason


def test_contacts_protected_columns_and_labels_are_told_apart(proposed: Propose) -> None:
    rows = (
        f"{n},p{n}@x.org,0{n}123456,Ann{n},{20 + n},F,yes,{n % 2},{n % 2 * 5}" for n in range(40)
    )
    header = "customer,login_mail,mobile,First Name,age,gender,email_opt_in,converted,revenue_after"
    proposal = proposed({"crm.csv": table(header, *rows)})
    assert list(proposal.contact) == ["login_mail", "mobile", "First Name"]
    assert list(proposal.protected) == ["age", "gender"]
    labels = {label.name: label.positive for label in only(proposal).labels}
    assert labels == {"converted": "1", "revenue_after": None}


def test_an_experiment_is_held_aside_and_rows_without_id_take_their_number(
    proposed: Propose,
) -> None:
    rows = (
        f"{n % 9},{n},{['No E-Mail', 'Mens'][n % 2]},{n % 3 // 2},{n % 6 // 5}" for n in range(60)
    )
    header = "recency,history,segment,visit,conversion"
    proposal = proposed({"mailing.csv": table(header, *rows)})
    source = only(proposal)
    assert (source.role, source.columns) == (Role.CUSTOMERS, {})
    assert [label.name for label in source.labels] == ["visit", "conversion", "segment"]
    assert any("number of the row" in doubt.sentence for doubt in proposal.doubts)


def test_what_a_person_answers_is_done(proposed: Propose) -> None:
    text = table(
        "user_id,order_id,created_at,order_date,amount",
        "a,1,2024-01-02,2024-01-01,5",
        "b,2,2024-01-03,2024-01-02,6",
        "a,3,2024-01-04,2024-01-03,7",
    )
    files = {"orders.csv": text}
    doubt = next(one for one in proposed(files).doubts if one.question == "timestamp")
    other = next(one for one in doubt.choices if one != doubt.chosen)
    answered = proposed(files, {("orders", "timestamp"): other})
    assert only(answered).columns["timestamp"] == other
    assert all(one.question != "timestamp" for one in answered.doubts)
    assert not proposed(files, {("orders", "role"): SKIP}).sources


def test_dates_that_may_be_read_in_two_ways_are_a_doubt_with_an_answer(proposed: Propose) -> None:
    text = table("user_id,order_id,date", "a,1,01/02/2024", "b,2,03/04/2024", "a,3,05/06/2024")
    files = {"orders.csv": text}
    assert [one.question for one in proposed(files).doubts if one.choices] == ["dates"]
    answered = proposed(files, {("orders", "dates"): "month-first"})
    assert only(answered).read == {"dates": "month-first"}


def test_a_damaged_file_does_not_keep_the_others_from_being_used(
    proposed: Propose, tmp_path: Path
) -> None:
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and nothing more")
    (tmp_path / "c.zip").write_bytes(b"PK nonsense")
    (tmp_path / "d.xlsx").write_bytes(b"PK")
    (tmp_path / "e.csv").write_bytes(b"")
    proposal = proposed({"orders.csv": ORDERS})
    assert only(proposal).name == "orders"
    reasons = {one.path: one.reason for one in proposal.left_out}
    assert set(reasons) == {"b.parquet", "c.zip", "d.xlsx", "e.csv"}
    assert "workbook" in reasons["d.xlsx"]


def test_small_numbers_that_are_alike_make_no_key_of_another_table(proposed: Propose) -> None:
    days = [f"2024-01-{day:02d}" for day in range(1, 25)]
    orders = table("id,user_id,order_date", *(f"{n},{n % 9},{day}" for n, day in enumerate(days)))
    payments = table("id,order_id,amount", *(f"{n},{n},{n % 7}" for n in range(24)))
    users = table("id,first_name,last_name", *(f"{n},Ann,Lee" for n in range(9)))
    files = {"raw_orders.csv": orders, "raw_payments.csv": payments, "raw_customers.csv": users}
    proposal = proposed(files)
    roles = {source.name: source.role for source in proposal.sources}
    assert roles == {"raw_customers": Role.CUSTOMERS, "raw_orders": Role.TRANSACTIONS}
    assert "belong to order_id" in proposal.left_out[0].reason
    # However few the names are, they are names.
    assert list(proposal.contact) == ["first_name", "last_name"]


def test_the_id_of_a_sale_is_not_taken_for_the_person(proposed: Propose) -> None:
    rows = (
        f"#{1000 + n},p{n % 6}@x.org,{'' if n % 3 else n},{20 + n}.5,2024-01-{1 + n:02d},Ann {n}"
        for n in range(24)
    )
    header = "Name,Email,Id,Total,Created at,Billing Name"
    columns = only(proposed({"orders_export.csv": table(header, *rows)})).columns
    assert (columns["customer_id"], columns["amount"]) == ("Email", "Total")


def test_rows_that_nobody_paid_are_left_out_of_what_was_spent(proposed: Propose) -> None:
    rows = (
        f"c{n % 5},2024-01-{1 + n:02d},{n + 1},{['Paid', 'Failed', 'Refunded'][n % 3]}"
        for n in range(24)
    )
    source = only(proposed({"charges.csv": table("customer,created,Amount,Status", *rows)}))
    assert source.where == "coalesce(Status NOT IN ('Failed'), true)"


def test_what_says_the_same_as_an_outcome_is_held_aside_too(proposed: Propose) -> None:
    rows = (
        f"{n},{n % 2},{'yes' if n % 2 else 'no'},{'active' if n % 3 else 'cancelled'},{n % 5}"
        for n in range(40)
    )
    header = "customer_id,survived,alive,Status,fare"
    source = only(proposed({"people.csv": table(header, *rows)}))
    assert {label.column for label in source.labels} == {"survived", "alive", "Status"}


def test_a_column_of_which_many_rows_have_no_value_is_doubted_as_the_person(
    proposed: Propose,
) -> None:
    rows = (f"2024-01-{1 + n:02d},view,{f'u{n % 4}' if n % 2 else ''},a{n % 7}" for n in range(24))
    proposal = proposed({"events.csv": table("timestamp,event,userId,anonymousId", *rows)})
    assert only(proposal).columns["customer_id"] == "userId"
    doubt = next(one for one in proposal.doubts if one.question == "customer_id")
    assert doubt.choices == ("userId", "anonymousId")


def test_sales_without_a_person_are_not_taken_for_people(proposed: Propose) -> None:
    rows = (f"First,US,{n % 5},{n}.5,{n % 3 + 1},0.2" for n in range(24))
    proposal = proposed({"superstore.csv": table("Ship,Region,Zip,Sales,Quantity,Discount", *rows)})
    assert not proposal.sources
    assert "its rows are sales" in proposal.left_out[0].reason


NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
) | st.sampled_from(
    ["customer_id", "date", "amount", "user", "Yes", "null", "a: b", "# x", "'q'", '"', "{a}", "[b"]
)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=st.lists(NAMES, min_size=2, max_size=6, unique_by=str.casefold), data=st.data())
def test_whatever_the_columns_are_called_the_project_file_means_them(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    kinds = st.sampled_from(["a{}", "{}", "2024-01-{:02d}", "p{}@x.org", "x"])
    forms = [data.draw(kinds) for _ in names]
    quoted = [",".join('"' + name.replace('"', '""') + '"' for name in ["customer_id", *names])]
    rows = [",".join([f"c{n}", *(form.format(n + 1) for form in forms)]) for n in range(9)]
    (folder / "people.csv").write_text("\n".join(quoted + rows) + "\n", encoding="utf-8")
    tables, left_out = look_at(folder, folder, lambda *_: None)
    proposal = propose("odd", tables, left_out, {})
    if not proposal.sources:
        return
    project = folder / "atlas.yaml"
    project.write_text(project_text(proposal), encoding="utf-8")
    declared = ProjectFile.load(project).project
    columns = [column.name for column in tables[0].columns]
    for source in proposal.sources:
        assert declared.sources[source.name].columns == dict(source.columns)
        for text in (*source.columns.values(), *filter(None, [source.where])):
            bind_expression(text, columns, where="here")
    assert list(declared.privacy.contact) == list(proposal.contact)
    assert list(declared.protected) == list(proposal.protected)
