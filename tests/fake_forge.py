"""A forge for tests: the part of GitHub's API that we use, in its shapes, and its ways to fail.

Pages of at most ``per_page`` items, 201 for what is made, 404 for what is not there, 401 without the token, and whatever a test puts into
``failures``: they are the next answers, whatever is asked. ``is_down`` closes every connection.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "t0ken-of-the-forge"
LOGIN = "chainwright-bot"


@dataclass
class FakeForge:
    """Its state, open to tests."""

    url: str = ""
    pulls: list[dict[str, Any]] = field(default_factory=list)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    is_down: bool = False
    slow: threading.Event | None = None
    """While set to an event that has not fired, no answer comes."""
    made: int = 0

    def open(self, number: int, head: str, author: str = "ada") -> None:
        """A pull request for main, or its new head."""
        self.pulls = [one for one in self.pulls if one["number"] != number]
        base, user = {"ref": "main", "sha": "0" * 40}, {"login": author, "id": 7}
        self.pulls.append({"number": number, "state": "open", "head": {"sha": head}, "base": base, "user": user})

    def say(self, number: int, login: str, text: str) -> None:
        """A comment of somebody's."""
        self.made += 1
        self.comments.setdefault(number, []).append({"id": self.made, "body": text, "user": {"login": login}})

    def review(self, number: int, login: str, state: str, commit: str) -> None:
        """A review of somebody's."""
        self.reviews.setdefault(number, []).append({"user": {"login": login}, "state": state, "commit_id": commit})

    # answers: (status, body)

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        match method, path.removeprefix("/repos/acme/chains/").split("/"):
            case "GET", ["", "user"]:
                found: tuple[int, Any] = 200, {"login": LOGIN}
            case "GET", ["pulls"]:
                found = 200, self._page(self.pulls, query)
            case "GET", ["pulls", number, "reviews"]:
                found = 200, self._page(self.reviews.get(int(number), []), query)
            case "GET", ["issues", number, "comments"]:
                found = 200, self._page(self.comments.get(int(number), []), query)
            case "POST", ["issues", number, "comments"]:
                self.say(int(number), LOGIN, body["body"])
                found = 201, self.comments[int(number)][-1]
            case "PATCH", ["issues", "comments", comment]:
                found = self._change(int(comment), body["body"])
            case "POST", ["statuses", commit]:
                self.statuses.append({"sha": commit, **body})
                found = 201, self.statuses[-1]
            case _:
                found = 404, {"message": "Not Found"}
        return found

    def _page(self, items: list[dict[str, Any]], query: dict[str, list[str]]) -> list[dict[str, Any]]:
        size, page = min(int(query["per_page"][0]), 100), int(query["page"][0])
        return items[(page - 1) * size : page * size]

    def _change(self, comment: int, text: str) -> tuple[int, Any]:
        for one in (one for every in self.comments.values() for one in every if one["id"] == comment):
            one["body"] = text
            return 200, one
        return 404, {"message": "Not Found"}


@contextmanager
def serving() -> Iterator[FakeForge]:
    """A fake forge that listens, in threads of its own."""
    forge = FakeForge()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            forge.asked.append((self.command, parts.path))
            if forge.slow is not None:
                forge.slow.wait(30)
            if forge.is_down:
                self.close_connection = True
                return
            status, answer, headers = 401, {"message": "Bad credentials"}, {}
            if forge.failures:
                status, headers = forge.failures.pop(0)
            elif self.headers.get("Authorization") == f"token {TOKEN}":
                status, answer = forge.answer(self.command, parts.path, parse_qs(parts.query), body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: Any) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="fake-forge", args=(0.05,))
    thread.start()
    forge.url = f"http://127.0.0.1:{server.server_port}"
    yield forge
    if forge.slow is not None:
        forge.slow.set()
    server.shutdown()
    thread.join()
    server.server_close()
