"""A forge for tests: the parts of GitHub's, Gitea's and GitLab's APIs that we use, in their shapes, and their ways to fail.

What a forge knows is one state, open to tests; how it is told is the part of each family: shapes, pages, tokens, 201 for what is made,
404 for what is not there. Whatever a test puts into ``failures`` are the next answers, whatever is asked. ``is_down`` closes every
connection. Its clock goes on by a second with everything that happens.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "t0ken-of-the-forge"
LOGIN = "chainwright-bot"

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
Query = dict[str, list[str]]
NOTHING: Answer = (404, {"message": "404 Not Found"})


@dataclass
class FakeForge:
    """Its state. A request is ``{number, head, base, author, state}``, a comment ``{id, body, login}``, an answer ``{login, agrees, commit,
    at}``; statuses are as they were posted, with their ``sha``."""

    url: str = ""
    pulls: list[dict[str, Any]] = field(default_factory=list)
    versions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)
    """Who may read and not write."""
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    is_down: bool = False
    slow: threading.Event | None = None
    """While set to an event that has not fired, no answer comes."""
    says_when: bool = True
    """Whether GitLab tells when something was approved: newer versions do."""
    answer: Callable[[str, str, Query, Any], Answer] = lambda *_: NOTHING
    made: int = 0

    def open(self, number: int, head: str, author: str = "ada") -> None:
        """A request to merge into main, or its new head."""
        self.pulls = [one for one in self.pulls if one["number"] != number]
        one = {"number": number, "head": head, "base": "main", "author": author, "state": "open"}
        self.pulls.append(one)
        self.versions.setdefault(number, []).append({"head": head, "at": self.now(), "id": self.made})

    def end(self, number: int, *, merged: bool) -> None:
        """It is not open any more."""
        next(one for one in self.pulls if one["number"] == number)["state"] = "merged" if merged else "closed"

    def say(self, number: int, login: str, text: str) -> None:
        """A comment of somebody's."""
        at = self.now()
        self.comments.setdefault(number, []).append({"id": self.made, "body": text, "login": login, "at": at})

    def review(self, number: int, login: str, commit: str, *, agrees: bool = True) -> None:
        """What somebody answers to a commit, which may not be the head any more."""
        answer = {"login": login, "commit": commit, "agrees": agrees, "at": self.now(), "dismissed": False}
        self.reviews.setdefault(number, []).append(answer)

    def take_back(self, number: int, login: str) -> None:
        """Somebody's answers count no more."""
        for one in self.reviews[number]:
            one["dismissed"] = one["dismissed"] or one["login"] == login

    def now(self) -> str:
        """A second later than before."""
        self.made += 1
        return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.made)).isoformat().replace("+00:00", ".000Z")

    # what the families share

    def wanted(self, number: str) -> dict[str, Any] | None:
        return next((one for one in self.pulls if one["number"] == int(number)), None)

    def opened(self) -> list[dict[str, Any]]:
        return [one for one in self.pulls if one.get("state", "open") == "open"]

    def change(self, comment: str, text: str) -> dict[str, Any] | None:
        """The comment with another text."""
        for one in (one for every in self.comments.values() for one in every if one["id"] == int(comment)):
            one["body"] = text
            return one
        return None


class GitHubSpeech:
    """What GitHub says. A shape that is not ours to understand (a pull without a head) is handed on as it is."""

    token = ("Authorization", f"token {TOKEN}")

    def __init__(self, forge: FakeForge) -> None:
        self.forge = forge

    def answer(self, method: str, path: str, query: Query, body: Any) -> Answer:
        forge = self.forge
        match method, path.removeprefix("/repos/acme/chains/").split("/"):
            case "GET", ["", "user"]:
                return 200, {"login": LOGIN}
            case "GET", ["pulls"]:
                return 200, self._page([self.pull(one) for one in forge.opened()], query)
            case "GET", ["pulls", number] if one := forge.wanted(number):
                return 200, self.pull(one)
            case "GET", ["pulls", number, "reviews"]:
                return 200, self._page([self.review(one) for one in forge.reviews.get(int(number), [])], query)
            case "GET", ["collaborators", login, "permission"]:
                return 200, {"permission": "read" if login in forge.strangers else "write", "user": {"login": login}}
            case "GET", ["issues", number, "comments"]:
                return 200, self._page([self.comment(one) for one in forge.comments.get(int(number), [])], query)
            case "POST", ["issues", number, "comments"]:
                forge.say(int(number), LOGIN, body["body"])
                return 201, self.comment(forge.comments[int(number)][-1])
            case "PATCH", ["issues", "comments", comment] if one := forge.change(comment, body["body"]):
                return 200, self.comment(one)
            case "POST", ["statuses", commit]:
                forge.statuses.append({"sha": commit, **body})
                return 201, forge.statuses[-1]
        return NOTHING

    def pull(self, one: dict[str, Any]) -> dict[str, Any]:
        if "head" not in one:
            return one
        state = one["state"]
        ending = {"state": "open" if state == "open" else "closed", "merged": state == "merged"}
        sides = {"head": {"sha": one["head"]}, "base": {"ref": one["base"], "sha": "0" * 40}}
        return {
            "number": one["number"],
            "user": {"login": one["author"], "id": 7},
            "title": "Change",
            **sides,
            **ending,
        }

    def review(self, one: dict[str, Any]) -> dict[str, Any]:
        state = "APPROVED" if one["agrees"] else "CHANGES_REQUESTED"
        said = "DISMISSED" if one["dismissed"] else state
        return {"user": {"login": one["login"]}, "state": said, "commit_id": one["commit"], "submitted_at": one["at"]}

    def comment(self, one: dict[str, Any]) -> dict[str, Any]:
        return {"id": one["id"], "body": one["body"], "user": {"login": one["login"]}}

    def _page(self, items: list[dict[str, Any]], query: Query) -> list[dict[str, Any]]:
        size, page = min(int(query["per_page"][0]), 100), int(query["page"][0])
        return items[(page - 1) * size : page * size]


class GiteaSpeech(GitHubSpeech):
    """GitHub's shapes, but for reviews; a page is as long as ``limit`` says, at most 50; what others may do is told to nobody."""

    def answer(self, method: str, path: str, query: Query, body: Any) -> Answer:
        if "/collaborators/" in path:
            return 403, {"message": "Only admins can query all permissions"}
        return super().answer(method, path, query, body)

    def review(self, one: dict[str, Any]) -> dict[str, Any]:
        told = super().review(one)
        told["state"] = "APPROVED" if one["agrees"] else "REQUEST_CHANGES"
        official = one["login"] not in self.forge.strangers
        return told | {"official": official, "dismissed": one["dismissed"], "stale": False}

    def _page(self, items: list[dict[str, Any]], query: Query) -> list[dict[str, Any]]:
        size, page = min(int(query["limit"][0]), 50), int(query["page"][0])
        return items[(page - 1) * size : page * size]


class GitLabSpeech:
    """What GitLab says, of the project acme/chains, whose path comes quoted."""

    token = ("PRIVATE-TOKEN", TOKEN)
    place = "/projects/acme%2Fchains/"

    def __init__(self, forge: FakeForge) -> None:
        self.forge = forge

    def answer(self, method: str, path: str, query: Query, body: Any) -> Answer:
        if path == "/user":
            return 200, {"username": LOGIN}
        if not path.startswith(self.place):
            return 404, {"message": "404 Project Not Found"}
        match method, path.removeprefix(self.place).split("/"):
            case "GET", ["merge_requests"]:
                assert query["state"] == ["opened"]
                return self._page([self.pull(one) for one in self.forge.opened()], query)
            case _, ["merge_requests", number, *what] if one := self.forge.wanted(number):
                return self._about(method, one, what, query, body)
            case "POST", ["statuses", commit]:
                return self._mark(commit, body)
            case "GET", ["repository", "commits", commit, "statuses"]:
                return self._page(self._statuses(commit, query["name"][0]), query)
        return NOTHING

    def _about(self, method: str, one: dict[str, Any], what: list[str], query: Query, body: Any) -> Answer:
        forge, number = self.forge, one["number"]
        match method, what:
            case "GET", []:
                return 200, self.pull(one)
            case "GET", ["approvals"]:
                return 200, {"approved_by": [self.approval(said) for said in self._answers(number, agrees=True)]}
            case "GET", ["reviewers"]:
                said = self._answers(number, agrees=False)
                return self._page([{"user": self._user(x["login"]), "state": "requested_changes"} for x in said], query)
            case "GET", ["versions"]:
                return self._page([self.version(x) for x in reversed(forge.versions[number])], query)
            case "GET", ["notes"]:
                return self._page(self._notes(number), query)
            case "POST", ["notes"]:
                forge.say(number, LOGIN, body["body"])
                return 201, self.note(forge.comments[number][-1])
            case "PUT", ["notes", note] if changed := forge.change(note, body["body"]):
                return 200, self.note(changed)
        return NOTHING

    def _mark(self, commit: str, body: dict[str, Any]) -> Answer:
        """A commit that no branch has needs a ref; a state cannot be set twice."""
        if "ref" not in body:
            return 404, {"message": "404 References for commit Not Found"}
        assert body["state"] in {"pending", "running", "success", "failed", "canceled"}
        newest = next((one for one in reversed(self._statuses(commit, body["name"]))), None)
        if newest and newest["status"] == body["state"] == "pending":
            said = 'Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition via "enqueue")'
            return 400, {"message": said}
        ours = {"failed": "failure"}.get(body["state"], body["state"])
        self.forge.statuses.append({**body, "sha": commit, "state": ours, "context": body["name"]})
        return 201, {"id": len(self.forge.statuses), "status": body["state"], "sha": commit}

    def _statuses(self, commit: str, name: str) -> list[dict[str, Any]]:
        words = {"failure": "failed"}
        return [
            {"id": number, "name": name, "status": words.get(one["state"], one["state"])}
            for number, one in enumerate(self.forge.statuses)
            if (one["sha"], one["name"]) == (commit, name)
        ]

    def pull(self, one: dict[str, Any]) -> dict[str, Any]:
        if "head" not in one:
            return one
        number = one["number"]
        return {
            "id": 1000 + number,
            "iid": number,
            "sha": one["head"],
            "title": "Change",
            "state": "opened" if one["state"] == "open" else one["state"],
            "author": self._user(one["author"]),
            "reviewers": [self._user(said["login"]) for said in self.forge.reviews.get(number, [])],
            "target_branch": one["base"],
            "source_branch": f"pull-{number}",
            "source_project_id": 5,
            "target_project_id": 5,
            "web_url": f"https://gitlab.example.org/acme/chains/-/merge_requests/{number}",
        }

    def approval(self, said: dict[str, Any]) -> dict[str, Any]:
        when = {"approved_at": said["at"]} if self.forge.says_when else {}
        return {"user": self._user(said["login"]), **when}

    def version(self, one: dict[str, Any]) -> dict[str, Any]:
        return {"id": one["id"], "head_commit_sha": one["head"], "created_at": one["at"], "state": "collected"}

    def note(self, one: dict[str, Any]) -> dict[str, Any]:
        author = self._user(one["login"])
        return {"id": one["id"], "body": one["body"], "author": author, "system": False, "created_at": one["at"]}

    def _notes(self, number: int) -> list[dict[str, Any]]:
        """People's, and GitLab's own about approvals."""
        own = [
            {"id": 0, "body": "approved this merge request", "author": self._user(said["login"]), "system": True}
            | {"created_at": said["at"]}
            for said in self._answers(number, agrees=True)
        ]
        return [*own, *(self.note(one) for one in self.forge.comments.get(number, []))]

    def _answers(self, number: int, *, agrees: bool) -> list[dict[str, Any]]:
        given = self.forge.reviews.get(number, [])
        return [one for one in given if one["agrees"] is agrees and not one["dismissed"]]

    def _user(self, login: str) -> dict[str, Any]:
        return {"id": 7, "username": login, "name": login.title()}

    def _page(self, items: list[Any], query: Query) -> Answer:
        size, page = min(int(query["per_page"][0]), 100), int(query["page"][0])
        following = str(page + 1) if page * size < len(items) else ""
        return 200, items[(page - 1) * size : page * size], {"X-Next-Page": following, "X-Page": str(page)}


SPEECHES = {"github": GitHubSpeech, "gitea": GiteaSpeech, "forgejo": GiteaSpeech, "gitlab": GitLabSpeech}


@contextmanager
def serving(kind: str = "github") -> Iterator[FakeForge]:
    """A fake forge that listens, in threads of its own."""
    forge = FakeForge()
    speech = SPEECHES[kind](forge)
    forge.answer = speech.answer
    name, token = speech.token

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
            if forge.failures:
                status, headers = forge.failures.pop(0)
                self._say(status, b"Retry later\n", headers)
            elif self.headers.get(name) != token:
                self._say(401, json.dumps({"message": "401 Unauthorized"}).encode(), {})
            else:
                status, answer, *more = forge.answer(self.command, parts.path, parse_qs(parts.query), body)
                self._say(status, json.dumps(answer).encode(), more[0] if more else {})

        def _say(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for header, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = _serve  # noqa: N815 - the names that http.server calls

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
