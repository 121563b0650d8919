"""Vocabulary: the words by which the columns of businesses tell what they hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

__all__ = [
    "AMOUNT",
    "BIRTH",
    "CAMPAIGN",
    "CATEGORY",
    "CHANNEL",
    "CONTACT",
    "DISCOUNT",
    "EACH",
    "EVENT",
    "ID",
    "KIND",
    "LATER",
    "LEFT",
    "LOADED",
    "NAMED",
    "NAMES",
    "ORDER",
    "OUTCOME",
    "PERSON",
    "PERSONAL",
    "PRODUCT",
    "PROTECTED",
    "QUANTITY",
    "RATING",
    "SESSION",
    "TEXT",
    "TIME",
    "TREATMENT",
    "UNIT_PRICE",
    "VOICE",
    "WHEN",
    "has",
    "words_of",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PERSON = _words(
    "customer customers cust client clients user users member members household visitor subscriber "
    "shopper buyer consumer person people guest donor patient passenger player listener account "
    "contact profile respondent requester caller borrower student employee tenant lead prospect "
    "rider traveller traveler learner constituent cardholder konto msisdn anonymous "
    "kunde kunden cliente klant utilisateur usuario"
)
"""A person, or what stands for one."""

ID = _words("id ids key no nr number nummer num code uuid guid hash ref identifier uid cid")
"""What makes a name the name of an identifier."""

TIME = _words("date datetime time timestamp day ts dt at on datum fecha when created")
"""A moment."""

WHEN = _words(
    "order invoice purchase purchased transaction event sale sales created timestamp redemption "
    "redeemed sent occurred bought action visit click session ordered approved"
)
"""Which moment: when it happened."""

LATER = _words(
    "ship shipped shipping delivery delivered due expiry expires updated modified return returned "
    "limit estimated valid closed resolution response reply end"
)
"""Moments that come after what happened."""

LOADED = _words("synced loaded ingested extracted fivetran airbyte dlt etl")
"""When a tool copied a row."""

BIRTH = _words("birth born dob birthday birthdate bday")

AMOUNT = _words(
    "amount amt total sales revenue value spend spent paid payment net gross turnover monetary "
    "subtotal sum betrag gesamtpreis umsatz montant importe price cost usd eur gbp"
)
UNIT_PRICE = _words("price unit preis einzelpreis prix precio")
EACH = _words("item unit each lineitem piece stuck")
"""What makes an amount the price of one."""
QUANTITY = _words("quantity qty units pieces menge quantite cantidad count items volume")
DISCOUNT = _words("discount discounts disc rebate coupon coupons voucher vouchers markdown rabatt")
ORDER = _words(
    "order orders invoice basket transaction receipt bill cart checkout bestell bestellung "
    "commande pedido booking reservation gift donation facture factura"
)
PRODUCT = _words(
    "product item sku stock article asin isbn upc ean material clothing artist movie book track "
    "produkt artikel produit producto goods"
)
CATEGORY = _words("category department division class family group section subcategory genre")
EVENT = _words("event action activity type page behavior behaviour step screen verb")
SESSION = _words("session visit")
CAMPAIGN = _words("campaign mailing newsletter cmp")
CHANNEL = _words("channel platform device medium")
TEXT = _words("review comment comments text description message note notes title subject body")
VOICE = _words(
    "ticket tickets review reviews complaint complaints feedback survey surveys testimonial "
    "testimonials satisfaction nps csat"
)
"""What people write to a business, or answer when they are asked."""
KIND = _words("type kind category reason topic issue subject")
RATING = _words("rating ratings stars star score satisfaction csat nps grade")

CONTACT = _words(
    "email mail phone mobile telephone tel fax surname lastname firstname fullname forename "
    "street address ssn soc passport iban ip login username twitter handle cell courriel correo "
    "telefon telefono handy strasse adresse direccion"
)
NAMES = _words("surname lastname firstname fullname forename vorname nachname prenom apellido")
"""People's names, however few there are."""
NAMED = _words(
    "first last given middle family maiden full sur fore billing shipping recipient spouse "
    "emergency"
)
"""Words that make a person's name of `name`."""

PROTECTED = _words(
    "age gender sex race ethnicity ethnic religion religious marital married marriage partner "
    "spouse nationality citizenship citizen disability disabled senior pregnant pregnancy "
    "orientation birth born dob birthday birthdate geburtsdatum naissance geschlecht sexe sexo "
    "familienstand anrede civilite alter"
)

OUTCOME = _words(
    "churn churned exited attrition attrited default defaulted converted conversion response "
    "responded target label outcome subscribed unsubscribed survived cancelled canceled lapsed "
    "purchased bought accepted deposit retained revenue visit visited clicked opened y"
)
"""What became of a person."""

LEFT = _words(
    "churn churned cancel cancelled canceled cancellation terminated termination gekundigt resilie"
)
"""Somebody went."""

TREATMENT = _words("treatment arm variant experiment test control segment group cohort cluster")
"""What was done to a person, or where somebody put them."""

PERSONAL = _words(
    "age gender sex income education marital status region city zip postcode zipcode postal state "
    "country tenure recency frequency monetary history newbie channel loyalty tier score balance "
    "contract job occupation household kids children visits purchases visitor browser weekend "
    "membership spending credit salary married housing loan subscription plan churn "
    "delicatessen grocery fresh spend mens womens"
)
"""What tables say of people, one row a person."""

_OTHER = _words("name unique pseudo anonymous full first last family sur birth year month segment")
_KNOWN = frozenset().union(
    PERSON, ID, TIME, WHEN, LATER, BIRTH, AMOUNT, UNIT_PRICE, QUANTITY, DISCOUNT, ORDER, PRODUCT,
    CATEGORY, EVENT, SESSION, CAMPAIGN, CHANNEL, TEXT, CONTACT, NAMED, PROTECTED, OUTCOME - {"y"},
    TREATMENT, PERSONAL, NAMES, LEFT, LOADED, EACH, VOICE, _OTHER,
)  # fmt: skip
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_SHORT = frozenset({"id", "no", "nr", "ip", "dt", "at", "on", "ts", "y"})


@lru_cache(maxsize=16_384)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words that a name is made of, in lower case.

    >>> words_of("CustomerID"), words_of("visitorid"), words_of("transaction_timestamp")
    (('customer', 'id'), ('visitor', 'id'), ('transaction', 'timestamp'))
    >>> words_of("E-Mail Address"), words_of("Dt_Customer"), words_of("StockCode")
    (('email', 'address'), ('dt', 'customer'), ('stock', 'code'))
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("°", "o"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"\be[-_ ]?mail", "email", plain.strip(), flags=re.IGNORECASE)
    plain = re.sub(r"I(?=Ds\b)", "I", plain).replace("IDs", "Id")
    found: list[str] = []
    for part in _PARTS.findall(plain):
        found += _divided(part.lower())
    return tuple(found)


def has(words: Iterable[str], vocabulary: frozenset[str]) -> bool:
    """Say whether one of `words` is in a vocabulary."""
    return any(word in vocabulary for word in words)


def _divided(word: str) -> list[str]:
    """Divide a word into known ones, the longest first; one that is not made of them stays."""
    if word in _KNOWN or len(word) < 5:
        return [word]
    for end in range(len(word) - 2, 2, -1):
        head, tail = word[:end], word[end:]
        if head in _KNOWN and head not in _SHORT:
            rest = [tail] if tail in _KNOWN else _divided(tail) if len(tail) > 4 else [tail]
            if all(each in _KNOWN for each in rest):
                return [head, *rest]
    return [word]
