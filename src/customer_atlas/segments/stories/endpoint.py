"""One question to an endpoint that speaks the OpenAI protocol, bounded in time and in size."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

__all__ = ["Answer", "Endpoint", "EndpointError"]

_LARGEST = 256 * 1024
_TOKENS = 400
_LETTERS_PER_TOKEN = 4  # where an endpoint does not say how many it used
_SAID = {
    401: "it refused the key",
    403: "it refused the key",
    404: "it knows no such address or model",
    429: "it had too many requests",
}


class EndpointError(Exception):
    """No answer could be had; says why in words that hold no address and no key."""


@dataclass(frozen=True)
class Answer:
    """What a model said, and how many tokens question and answer took."""

    text: str
    tokens: int


@dataclass(frozen=True)
class Endpoint:
    """A model behind a base address such as ``http://127.0.0.1:11434/v1``.

    `timeout` is in seconds and holds for a whole question, however slowly the answer drips in.
    The key is sent as a bearer token to that address alone: redirects are not followed.
    """

    base_url: str = field(repr=False)
    model: str
    timeout: float = 20.0
    key: str = field(default="", repr=False)

    def ask(self, messages: Sequence[Mapping[str, str]]) -> Answer:
        """Ask for one completion; raises EndpointError, and nothing else, where none comes."""
        asked = json.dumps(
            {
                "model": self.model,
                "messages": list(messages),
                "temperature": 0,
                "max_tokens": _TOKENS,
                "stream": False,
            }
        ).encode()
        status, body = self._post(asked)
        if status != 200:
            what = _SAID.get(status, "it does not answer such questions")
            raise EndpointError(f"HTTP {status}: {what if status < 500 else 'it failed'}")
        text, used = _content(body)
        return Answer(text, used or (len(asked) + len(body)) // _LETTERS_PER_TOKEN)

    def _post(self, asked: bytes) -> tuple[int, bytes]:
        deadline = time.monotonic() + self.timeout
        connection, path = self._connection()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        late, held = threading.Event(), list[socket.socket]()
        watch = threading.Timer(self.timeout, _hang_up, (connection, held, late))
        watch.daemon = True
        watch.start()
        try:
            connection.connect()
            held.append(connection.sock)  # an answer that ends with the connection takes it over
            connection.request("POST", path, asked, headers)
            with connection.getresponse() as response:
                found = response.status, _read(response, deadline)
            if late.is_set():  # what was read ends where it was cut off
                raise TimeoutError
            return found
        except (OSError, http.client.HTTPException, ValueError) as error:
            if late.is_set() or isinstance(error, TimeoutError) or time.monotonic() > deadline:
                raise EndpointError(f"no answer within {self.timeout:g} seconds") from None
            raise EndpointError(_why(error)) from None
        finally:
            watch.cancel()
            connection.close()

    def _connection(self) -> tuple[http.client.HTTPConnection, str]:
        try:
            parts = urlsplit(self.base_url)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not host:
            raise EndpointError("its address is none of http or https")
        path = parts.path.rstrip("/") + "/chat/completions"
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=self.timeout), path
        context = ssl.create_default_context()
        return (
            http.client.HTTPSConnection(host, port, timeout=self.timeout, context=context),
            path,
        )


def _hang_up(
    connection: http.client.HTTPConnection, held: list[socket.socket], late: threading.Event
) -> None:
    """End a question that takes too long, whatever it waits for."""
    late.set()
    for one in (*held, *([connection.sock] if connection.sock else [])):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """Return the body; raises EndpointError where it has no end in time or in size."""
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(16_384):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST:
            raise EndpointError("its answer has no end")
        if time.monotonic() > deadline:
            raise TimeoutError
    if response.length:
        raise EndpointError("its answer broke off")
    return b"".join(pieces)


def _content(body: bytes) -> tuple[str, int]:
    """Return what the model said and the tokens used; raises EndpointError for another schema."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise EndpointError("its answer is no JSON") from None
    try:
        text = document["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise EndpointError("its answer has no choices with a message") from None
    if not isinstance(text, str) or not text.strip():
        raise EndpointError("its answer is empty")
    return text, _used(document)


def _used(document: Mapping[str, Any]) -> int:
    usage = document.get("usage")
    total = usage.get("total_tokens") if isinstance(usage, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else 0


def _why(error: Exception) -> str:
    """Return what went wrong without the address: messages of the system may hold it."""
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens at its address"
    if isinstance(error, socket.gaierror):
        return "its host is not known"
    if isinstance(error, ssl.SSLError):
        return "its certificate or its encryption is not accepted"
    if isinstance(error, http.client.HTTPException):
        return "its answer is no HTTP"
    return "the connection broke off"
