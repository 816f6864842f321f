"""Pages without scripts, as HTML: signing in, and what a daemon shows whose dashboard was not built.

Everything that comes from chains, agents or requests goes through :func:`_text`. Nothing is loaded but ``/plain.css``.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

Row = dict[str, Any]

_PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Chainwright</title><link rel="stylesheet" href="/plain.css"></head>
<body>
{body}
</body>
</html>
"""


def page(title: str, body: str) -> str:
    """A whole page; ``body`` is HTML."""
    return _PAGE.format(title=_text(title), body=body)


def sign_in_page(problem: str, onward: str) -> str:
    """Where a browser without a cookie arrives; ``onward`` is where it goes then."""
    told = f"<p class=failed role=alert>{_text(problem)}</p>" if problem else ""
    return page(
        "Sign in",
        f"""<main><h1>Sign in</h1>{told}
<p>On the machine of the daemon, as the user who runs it: <code>chainwright dashboard</code> prints a link that signs you in.</p>
<form method="post" action="/sign-in">
{_hidden("next", onward)}
<label>Or give the token, which is in the file <code>token</code> of the daemon's home
<input type="password" name="token" autocomplete="current-password" required></label>
<button>Sign in</button>
</form></main>""",
    )


def problem_page(title: str, detail: str) -> str:
    """What could not be done, and the way back."""
    return page(
        "Not done", f'<main><h1>{_text(title)}</h1><p>{_text(detail)}</p><p><a href="/plain">Back</a></p></main>'
    )


def overview_page(runs: Sequence[Row], approvals: Sequence[Row], *, name: str, key: str) -> str:
    """What waits for people, with buttons, and the newest runs. ``key`` goes into every form."""
    waiting = "".join(_approval(one, key) for one in approvals) or "<p>Nothing waits for you.</p>"
    rows = "".join(_run(one) for one in runs) or "<tr><td colspan=5>No run yet: chainwright run CHAIN</td></tr>"
    return page(
        "Runs",
        f"""<header><h1>Chainwright</h1>
<form method="post" action="/sign-out">{_hidden("key", key)}<span>{_text(name)}</span><button>Sign out</button></form></header>
<main>
<h2>Waiting for you</h2>{waiting}
<h2>Runs</h2><div class=scroll><table>
<thead><tr><th scope=col>Run</th><th scope=col>Chain</th><th scope=col>State</th><th scope=col>Began</th><th scope=col>Why</th></tr></thead>
<tbody>{rows}</tbody></table></div>
</main>""",
    )


def _approval(one: Row, key: str) -> str:
    about = f"limit of {one['limit']}" if one["limit"] else "approval"
    who = f"{one['chain']} #{one['number']}" + (f", {one['agent']}" if one["agent"] else "")
    inputs = json.dumps(one["inputs"], indent=2, ensure_ascii=False)
    fields = _hidden("key", key) + _hidden("run", one["run_id"]) + _hidden("agent", one["agent"] or "")
    return f"""<article><h3>{_text(who)}: {_text(about)}</h3><p>{_text(one["message"])}</p>
<pre>{_text(inputs)}</pre>
<form method="post" action="/plain/answers">{fields}
<label>Comment <input name="comment" maxlength="2000"></label>
<button name="verdict" value="approve">Approve</button><button name="verdict" value="reject">Reject</button></form></article>"""


def _run(one: Row) -> str:
    state = one["outcome"] or one["state"]
    began = datetime.fromtimestamp(one["created_at"], UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    cells = (one["id"], f"{one['chain']} #{one['number']}", state, began, one["detail"] or one["reason"] or "")
    return "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in cells) + "</tr>"


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{_text(value)}">'


def _text(value: Any) -> str:
    return escape(str(value), quote=True)
