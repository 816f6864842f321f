"""Tools for tests, ours and our users'.

``Playbook``        a run as a script: facts in, commands out, nothing else (``agent_of``, ``chain_of`` make its chain)
``ScriptedRunner``  a host without processes: sessions do what the test says
``FakeClock``       a clock that goes where it is told
``sshd.Sshd``       a real sshd on loopback with keys of its own: a host without a second machine
"""

from chainwright.daemon.testing.fake_clock import FakeClock
from chainwright.daemon.testing.playbook import Playbook, agent_of, chain_of, label_of
from chainwright.daemon.testing.scripted_runner import ScriptedRunner, ScriptedSession, ScriptedTerminal

__all__ = [
    "FakeClock",
    "Playbook",
    "ScriptedRunner",
    "ScriptedSession",
    "ScriptedTerminal",
    "agent_of",
    "chain_of",
    "label_of",
]
