"""`chainwright dashboard`: a link that signs a browser in, and a sign-in that outlives the daemon."""

import json
import signal
import urllib.request
from http.cookiejar import CookieJar
from urllib.parse import urlsplit

FILES = {"workflows/hello.yaml": "agents:\n  greet:\n    run: echo hello\n"}


def browser():
    """Opens addresses, keeps cookies, follows redirects."""
    return urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))


def cookie_of(link):
    """What a browser keeps after following a link."""
    opener = browser()
    with opener.open(link, timeout=20) as answer:
        assert answer.status == 200
    (handler,) = [one for one in opener.handlers if isinstance(one, urllib.request.HTTPCookieProcessor)]
    (cookie,) = handler.cookiejar
    return f"{cookie.name}={cookie.value}"


def who(address, cookie):
    request = urllib.request.Request(f"{address}/api/v1/me", headers={"Cookie": cookie})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def test_the_link_signs_in_who_runs_the_daemon(daemon, chainwright):
    address = daemon.client.get("/status")["listen"]

    done = chainwright("dashboard")
    told = who(address, cookie_of(done.out.strip()))

    assert (told["proven_by"], told["is_owner"]) == ("cookie", True)
    assert urlsplit(json.loads(chainwright("dashboard", "--json").out)["url"]).path == "/sign-in"


def test_a_sign_in_outlives_a_daemon_that_is_killed(own_daemon, command):
    """The cookie has the port in its name, and a test's daemon another port at each start."""
    _, _, secret = cookie_of(command(own_daemon.home, "dashboard").out.strip()).partition("=")

    own_daemon.stop(signal.SIGKILL)
    own_daemon.start()

    again = own_daemon.client.get("/status")["listen"]
    assert who(again, f"chainwright-{urlsplit(again).port}={secret}")["proven_by"] == "cookie"


def test_at_a_terminal_the_daemon_greets_with_a_link(own_daemon, terminals, environment):
    """In a log, where others might read it, there is none."""
    assert "ticket=" not in own_daemon.home.log.read_text()
    own_daemon.stop()

    screen = terminals(("up", "--repo", str(own_daemon.repository.path)), environment(own_daemon.home.root))
    screen.until(b"ticket=")

    screen.type(b"\x03")
    screen.end()
    own_daemon.start()
