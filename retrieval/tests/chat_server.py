"""A model's endpoint on the loopback address, which does what a test wants, also badly."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from django.test import override_settings

Behaviour = Callable[["Reply"], None]


class Reply:
    """One answer under way: what was asked, and how to send."""

    def __init__(self, handler: BaseHTTPRequestHandler, asked: dict[str, Any], over: Event) -> None:
        self._handler, self.asked, self.over = handler, asked, over

    def start(self, status: int = 200, content_type: str = "text/event-stream") -> None:
        self._handler.send_response(status)
        self._handler.send_header("Content-Type", content_type)
        self._handler.send_header("Connection", "close")
        self._handler.end_headers()

    def send(self, text: str) -> None:
        self._handler.wfile.write(text.encode())
        self._handler.wfile.flush()

    def piece(self, text: str | None, finish: str | None = None) -> None:
        delta = {"content": text} if text is not None else {}
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.send(
            f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"
        )


class ModelServer:
    """Records what it is asked; `behaviour` answers a stream, `rewritten` a short request."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.behaviour: Behaviour = says("Nothing.")
        self.rewritten: str | None = None
        self.rewriting: Callable[[], None] = lambda: None  # what happens meanwhile
        self.over = Event()

    @property
    def prompts(self) -> list[str]:
        """What the endpoint was sent for answers, each as one text."""
        return ["\n".join(m["content"] for m in asked["messages"]) for asked in self.streams]

    @property
    def streams(self) -> list[dict[str, Any]]:
        return [asked for asked in self.asked if asked.get("stream")]


def says(*pieces: str, finish: str | None = "stop") -> Behaviour:
    """An endpoint that sends these pieces; without `finish` it breaks off behind them."""

    def behave(reply: Reply) -> None:
        reply.start()
        for piece in pieces:
            reply.piece(piece)
        if finish:
            reply.piece(None, finish)
            reply.send("data: [DONE]\n\n")

    return behave


def sends(body: str, status: int = 200, content_type: str = "text/event-stream") -> Behaviour:
    """An endpoint that answers with this, whatever it is."""

    def behave(reply: Reply) -> None:
        reply.start(status, content_type)
        reply.send(body)

    return behave


def hangs(reply: Reply) -> None:
    """Says nothing at all."""
    reply.over.wait(30)


def babbles(text: str) -> Behaviour:
    """Says the same for ever."""

    def behave(reply: Reply) -> None:
        reply.start()
        while not reply.over.is_set():
            reply.piece(text)

    return behave


def drips(reply: Reply) -> None:
    """Keeps the connection busy for ever without an answer."""
    reply.start()
    while not reply.over.is_set():
        reply.send(": still here\n\n")
        time.sleep(0.05)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """The endpoint, with the settings that make chat use it."""
    model = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            model.asked.append({"path": self.path, **asked})
            model.keys.append(self.headers.get("Authorization"))
            reply = Reply(self, asked, model.over)
            with suppress(OSError):  # the client has had enough
                if asked.get("stream"):
                    model.behaviour(reply)
                    return
                model.rewriting()
                if model.rewritten is None:
                    sends("no", 500)(reply)
                else:
                    message = {"role": "assistant", "content": model.rewritten}
                    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
                    sends(json.dumps(body), content_type="application/json")(reply)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        with override_settings(
            CHAT_URL=f"http://127.0.0.1:{server.server_port}/v1",
            CHAT_API_KEY="a-key",
            CHAT_MODEL="a-model",
        ):
            yield model
    finally:
        model.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
