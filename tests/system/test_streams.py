"""Live streams of a real daemon: what changes is heard in its order, and nothing is missed through a kill and a restart."""

import json
import signal

FILES = {
    "workflows/hello.yaml": "agents:\n  greet:\n    run: echo hello\n",
    "workflows/ask.yaml": "agents:\n  post: {approval: {message: Post it?}, run: 'true'}\n",
}


class Stream:
    """A reader that keeps the number of what it saw last."""

    def __init__(self, client, topics, last=None):
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        self.answer = client._send("GET", f"/api/v1/stream?topics={topics}", None, headers, 20)
        self.lines = self._lines()
        self.last = last
        self.opened = self.next()

    def _lines(self):
        rest = b""
        for piece in self.answer:
            *lines, rest = (rest + piece).split(b"\n")
            yield from (line.decode() for line in lines)

    def next(self):
        """The next event: its name and its data."""
        fields = {}
        for line in self.lines:
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                self.last = int(fields.get("id", self.last or 0))
                return fields["event"], json.loads(fields["data"])
            else:
                fields = {}
        raise AssertionError("the stream has ended")

    def until(self, kind):
        """What came up to a change of this kind."""
        seen = []
        while True:
            _, data = self.next()
            seen.append((data["run_id"], data["seq"]))
            if data["kind"] == kind:
                return seen

    def close(self):
        self.answer.__exit__()


def test_nothing_is_missed_through_a_kill_and_a_restart(own_daemon):
    stream = Stream(own_daemon.client, "runs")
    first = own_daemon.run("hello")
    before = stream.until("RunStarted")
    place = stream.last
    stream.close()
    own_daemon.end(first)
    own_daemon.stop(signal.SIGKILL)
    own_daemon.start()
    second = own_daemon.run("hello")
    own_daemon.end(second)

    stream = Stream(own_daemon.client, "runs", place)
    after = stream.until("RunFinished") + stream.until("RunFinished")
    stream.close()

    for run in (first, second):
        journal = [row["seq"] for row in own_daemon.client.items(f"/runs/{run}/journal")]
        assert sorted({seq for of, seq in before + after if of == run}) == journal


def test_deployments_schedules_and_the_inbox_are_heard_of_by_those_who_ask(daemon):
    stream = Stream(daemon.client, "inbox,deployments")
    run = daemon.run("ask")
    assert stream.next()[1]["kind"] == "ApprovalRequested"
    commit = daemon.repository.commit({"workflows/more.yaml": FILES["workflows/hello.yaml"]})
    told = stream.next()[1]
    daemon.client.post(f"/runs/{run}/reject", {"agent": "post"})

    assert (told["topic"], told["kind"]) == ("deployments", "Deployed")
    assert stream.next()[1]["kind"] == "ApprovalDecided"
    assert daemon.client.items("/deployments")[0]["commit"] == commit
    stream.close()
    daemon.end(run)
