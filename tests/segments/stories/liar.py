"""A local server that speaks the OpenAI protocol, and answers as badly as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Liar", "completion", "lying"]

Answer = Callable[["_Handler"], None]


def completion(text: str, tokens: int = 100) -> bytes:
    """Return the body of an answer that says a text."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}}
    return json.dumps({"choices": [choice], "usage": {"total_tokens": tokens}}).encode()


class Liar:
    """What was asked of the server, and where it is."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.paths: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    liar: Liar
    answer: Answer

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        self.liar.asked.append(json.loads(self.rfile.read(size)))
        self.liar.keys.append(self.headers.get("Authorization", ""))
        self.liar.paths.append(self.path)
        with suppress(OSError):  # who asked has hung up
            type(self).answer(self)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def reply(self, body: bytes, status: int = 200, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drip(self, piece: bytes, pause: float, times: int) -> None:
        """Answer without an end, a piece at a time."""
        self.send_response(200)
        self.end_headers()
        for _ in range(times):
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(pause)


@contextmanager
def lying(answer: str | Answer) -> Iterator[Liar]:
    """Serve an answer, a text or what is done with each question, as long as the block runs."""

    def reply(handler: _Handler) -> None:
        assert isinstance(answer, str)
        handler.reply(completion(answer))

    made = type("Handler", (_Handler,), {"answer": reply if isinstance(answer, str) else answer})
    with ThreadingHTTPServer(("127.0.0.1", 0), made) as server:
        server.daemon_threads = True
        made.liar = Liar(f"http://127.0.0.1:{server.server_port}/v1")  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made.liar  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()
