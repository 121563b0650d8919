"""Names are taken apart into the words that they are made of."""

from __future__ import annotations

import pytest

from customer_atlas.discovery.vocabulary import words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("InvoiceNo", ("invoice", "no")),
        ("invoicedate", ("invoice", "date")),
        ("order_purchase_timestamp", ("order", "purchase", "timestamp")),
        ("CUST_ID", ("cust", "id")),
        ("UserIDs", ("user", "id")),
        ("Annual Income (k$)", ("annual", "income", "k")),
        ("soc_sec_id", ("soc", "sec", "id")),
        ("e-mail", ("email",)),
        ("MntWines", ("mnt", "wines")),
        ("IPAddress", ("ip", "address")),
        ("AcceptedCmp3", ("accepted", "cmp", "3")),
        ("Straße", ("strasse",)),
        ("Prénom", ("prenom",)),
        ("N° client", ("no", "client")),
        ("   ", ()),
    ],
)
def test_a_name_is_its_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words
