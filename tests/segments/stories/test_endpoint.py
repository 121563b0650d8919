"""An endpoint that is down, slow, rude or wrong is a sentence, in time, without its address."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from customer_atlas.segments.stories import Endpoint, EndpointError
from tests.segments.stories.liar import completion, lying

ASKED = [{"role": "user", "content": "facts"}]
KEY = "sk-secret-4711"


def _rude(status: int, body: bytes = b"{}", kind: str = "application/json") -> Any:
    return lambda handler: handler.reply(body, status, kind)


def _redirect(handler: Any) -> None:
    handler.send_response(307)
    handler.send_header("Location", "http://example.org/v1/chat/completions")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def _short(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "900")
    handler.end_headers()
    handler.wfile.write(b'{"choices"')


BAD = {
    "fails": (_rude(500), "HTTP 500"),
    "has too much to do": (_rude(429, b'{"error": "slow down sk-secret-4711"}'), "HTTP 429"),
    "refuses the key": (_rude(401), "refused the key"),
    "redirects": (_redirect, "HTTP 307"),
    "is no JSON": (_rude(200, b'{"choices": ['), "no JSON"),
    "is a page": (_rude(200, b"<html><body>Log in</body></html>", "text/html"), "no JSON"),
    "is nothing": (_rude(200, b""), "no JSON"),
    "is nested": (_rude(200, b"[" * 100_000), "no JSON"),
    "has another schema": (_rude(200, b'{"output": "They"}'), "no choices"),
    "is a list": (_rude(200, b"[1, 2]"), "no choices"),
    "has no choice": (_rude(200, b'{"choices": []}'), "no choices"),
    "says nothing": (_rude(200, completion("  \n ")), "empty"),
    "says no text": (_rude(200, b'{"choices": [{"message": {"content": null}}]}'), "empty"),
    "breaks off": (_short, "broke off"),
    "has no end": (lambda handler: handler.drip(b"x" * 65_536, 0, 50), "no end"),
    "is no HTTP": (lambda handler: handler.wfile.write(b"hello there\r\n\r\n"), "no HTTP"),
}


@pytest.mark.parametrize("how", BAD)
def test_an_answer_that_is_none_is_told_in_words(how: str) -> None:
    answer, said = BAD[how]
    with lying(answer) as liar, pytest.raises(EndpointError, match=said) as found:
        Endpoint(liar.url, "m", 5, KEY).ask(ASKED)
    assert KEY not in str(found.value)
    assert "127.0.0.1" not in str(found.value)


@pytest.mark.parametrize("pause", [0.02, 5.0])
def test_an_answer_that_drips_ends_in_time(pause: float) -> None:
    begun = time.monotonic()
    with (
        lying(lambda handler: handler.drip(b" ", pause, 500)) as liar,
        pytest.raises(EndpointError, match="no answer within 0.3 seconds"),
    ):
        Endpoint(liar.url, "m", 0.3).ask(ASKED)
    assert time.monotonic() - begun < 3


def test_a_head_that_drips_ends_in_time() -> None:
    def answer(handler: Any) -> None:
        for _ in range(500):
            handler.wfile.write(b"X")
            handler.wfile.flush()
            time.sleep(0.02)

    with (
        lying(answer) as liar,
        pytest.raises(EndpointError, match="no answer within 0.3 seconds"),
    ):
        Endpoint(liar.url, "m", 0.3).ask(ASKED)


def test_nobody_there_is_told_at_once() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    with pytest.raises(EndpointError, match="nothing listens") as found:
        Endpoint(f"http://127.0.0.1:{port}/v1", "m", 5).ask(ASKED)
    assert str(port) not in str(found.value)


@pytest.mark.parametrize("url", ["ftp://example.org", "http://", "http://[", "x", "http://a:b/c"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(EndpointError, match="address"):
        Endpoint(url, "m", 1).ask(ASKED)


def test_the_question_is_of_the_protocol_and_carries_the_key() -> None:
    with lying("They bring 66% of revenue.") as liar:
        answer = Endpoint(f"{liar.url}/", "small", 5, KEY).ask(ASKED)
    assert (answer.text, answer.tokens) == ("They bring 66% of revenue.", 100)
    assert liar.paths == ["/v1/chat/completions"]
    assert liar.keys == [f"Bearer {KEY}"]
    (asked,) = liar.asked
    assert (asked["model"], asked["messages"], asked["temperature"]) == ("small", ASKED, 0)
    assert asked["stream"] is False


def test_tokens_that_are_not_told_are_reckoned() -> None:
    body = json.dumps({"choices": [{"message": {"content": "They."}}]}).encode()
    with lying(lambda handler: handler.reply(body)) as liar:
        assert Endpoint(liar.url, "m", 5).ask(ASKED).tokens > 10


def test_what_is_printed_of_an_endpoint_holds_no_secret() -> None:
    said = repr(Endpoint("http://secret.example/v1", "m", 5, KEY))
    assert KEY not in said
    assert "secret.example" not in said
