"""Contacts leave no trace in the lake but keyed hashes, or none at all."""

from __future__ import annotations

import hashlib
import hmac
import stat
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_atlas.data.contacts import KEY_VARIABLE, Contacts
from customer_atlas.engine import DuckDB, literal
from customer_atlas.errors import ConfigError, LakeError
from tests.data.conftest import Shop

ROWS = (
    "customer_id,timestamp,amount,Email,phone\n"
    "ann,2024-01-02,5,Ann@Example.org,0441234567\n"
    "bob,2024-01-03,6, ann@example.org ,0447654321\n"
    "eve,nonsense,7,eve@example.org,0440000000\n"
    "zoe,2024-01-04,8,zoe@example.org,0440000001,a field too many zoe@example.org\n"
)


@pytest.fixture
def people(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    shop.write("data/a.csv", ROWS)
    shop.project = {"privacy": {"contact": ["email", "phone"]}}
    return shop


def everything(shop: Shop) -> bytes:
    """The bytes of all that the shop keeps, Parquet read as rows."""
    texts = [repr(shop.rows()), repr(shop.refused("*"))]
    files = [path for path in (shop.folder / "lake").rglob("*.json") if path.is_file()]
    return "".join(texts).encode() + b"".join(path.read_bytes() for path in files)


def test_a_contact_is_kept_as_the_hash_that_the_key_gives(people: Shop) -> None:
    people.ingest()
    key = bytes.fromhex((people.folder / "privacy.key").read_text())
    expected = hmac.new(key, b"ann@example.org", hashlib.sha256).hexdigest()
    # One address written in two ways has one hash.
    assert people.rows("Email") == [(expected,), (expected,)]


def test_no_contact_is_in_the_rows_the_quarantine_or_the_files_of_the_lake(people: Shop) -> None:
    report = people.ingest()
    assert (report.kept, report.quarantined) == (2, 2)
    kept = everything(people)
    for text in (b"example.org", b"0441234567", b"0447654321", b"044000000"):
        assert text not in kept
    reasons = people.refused("reason, found, record IS NULL")
    assert [row[0] for row in reasons] == ["ragged_row", "unparsable_timestamp"]
    assert reasons[1][1:] == ("nonsense", False)


@pytest.mark.parametrize(("policy", "names"), [("drop", []), ("keep", ["Email", "phone"])])
def test_contacts_may_be_dropped_or_kept(people: Shop, policy: str, names: Sequence[str]) -> None:
    people.project["privacy"]["pseudonymise"] = policy
    people.ingest()
    columns = people.lake().table("orders").columns()
    assert [name for name in columns if name in ("Email", "phone")] == list(names)
    assert (b"ann@example.org" in everything(people).lower()) is (policy == "keep")
    assert not (people.folder / "privacy.key").exists()


def test_the_key_is_made_once_and_nobody_else_may_read_it(people: Shop) -> None:
    people.ingest()
    path = people.folder / "privacy.key"
    first = path.read_text()
    people.write("data/b.csv", "customer_id,timestamp,Email\ndan,2024-01-05,ann@example.org\n")
    people.ingest()
    assert path.read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(set(people.rows("Email"))) == 1


def test_another_key_reads_the_files_anew(people: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    people.ingest()
    before = people.rows("Email")
    assert people.ingest().files_read == 0
    monkeypatch.setenv(KEY_VARIABLE, "a secret of the house")
    assert people.ingest().files_read == 1
    assert people.rows("Email") != before


def test_what_is_computed_of_a_contact_is_hashed_unless_it_tells_of_nobody(people: Shop) -> None:
    people.settings = {
        "columns": {
            "domain": "split_part(Email, '@', 2)",
            "digits": "length(phone)",
            "reachable": "Email IS NOT NULL",
        }
    }
    people.ingest()
    assert b"example.org" not in everything(people)
    (first, second) = people.rows("domain, digits, reachable")
    assert first == second
    assert (len(first[0]), len(first[1]), first[2]) == (64, 64, True)


@pytest.mark.parametrize("policy", ["hmac", "drop", "keep"])
def test_a_condition_sees_what_the_file_says(people: Shop, policy: str) -> None:
    people.project["privacy"]["pseudonymise"] = policy
    people.settings = {"where": "Email NOT LIKE 'Ann@%'"}
    report = people.ingest()
    assert (report.kept, report.filtered) == (1, 1)


def test_a_contact_may_be_named_as_the_project_names_it(people: Shop) -> None:
    people.settings = {"columns": {"mail": "Email", "number": "phone"}}
    people.project = {"privacy": {"contact": ["mail", "Number"]}}
    people.ingest()
    kept = everything(people)
    for text in (b"example.org", b"0441234567", b"044000000"):
        assert text not in kept


@pytest.mark.parametrize(
    ("policy", "contact", "said"),
    [("hmac", "amount", "'amount'"), ("drop", "customer_id", "'customer_id'")],
)
def test_a_contact_that_the_role_needs_is_refused_by_its_place(
    people: Shop, policy: str, contact: str, said: str
) -> None:
    people.project = {"privacy": {"contact": [contact], "pseudonymise": policy}}
    with pytest.raises(ConfigError, match=f"privacy.contact: the source orders needs {said}"):
        people.ingest()


@pytest.mark.parametrize("text", ["", "ab\n", "no key at all"])
def test_a_damaged_key_is_refused(people: Shop, text: str) -> None:
    (people.folder / "privacy.key").write_text(text)
    with pytest.raises(LakeError, match=r"privacy\.key"):
        people.ingest()


def test_who_declares_a_contact_later_has_none_left_in_what_is_read(people: Shop) -> None:
    privacy = people.project.pop("privacy")
    people.ingest()
    assert b"ann@example.org" in everything(people).lower()
    people.project["privacy"] = privacy
    people.ingest()
    assert b"example.org" not in everything(people)


@settings(deadline=None, max_examples=60)
@given(key=st.binary(min_size=1, max_size=64), value=st.text(max_size=30))
def test_the_hash_is_that_of_another_implementation(key: bytes, value: str) -> None:
    value = value.replace("\0", "").encode("utf-8", "ignore").decode()
    contacts = Contacts(frozenset({"c"}), "hmac", key)
    with DuckDB(threads=1).connect() as connection:
        contacts.prepare(connection)
        lowered = connection.rows(f"SELECT lower(trim({literal(value)}))", step="lower")[0][0]
        found = connection.rows(f"SELECT {contacts.kept(literal(value))}", step="hash")[0][0]
    assert found == hmac.new(key, lowered.encode(), hashlib.sha256).hexdigest()


def test_the_key_shows_nowhere() -> None:
    contacts = Contacts(frozenset({"c"}), "hmac", b"very secret")
    assert "secret" not in repr(contacts)
