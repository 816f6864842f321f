"""An agent on a host gets the allow-listed variables of a login there, under what the operator says."""

from tests.direct_porter import DirectPorter

from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.remote.surroundings import RemoteSurroundings, environment_of


def test_of_a_login_only_what_is_listed_and_over_it_the_operators() -> None:
    login = {"PATH": "/bin", "HOME": "/home/ann", "LANG": "C", "SSH_CLIENT": "x", "LD_PRELOAD": "y"}

    assert environment_of(login, {"PATH": "/opt/bin:/bin", "CUDA": "1"}) == {
        "PATH": "/opt/bin:/bin",
        "HOME": "/home/ann",
        "LANG": "C",
        "CUDA": "1",
    }


async def test_they_are_asked_once_for_each_start_of_the_porter(home: RemoteHome, porter: DirectPorter) -> None:
    around = RemoteSurroundings(home, {"X": "1"})
    first, again = await around(), await around()
    porter.started += 1
    later = await around()

    assert (first.env, first.path_prefix) == ({"PATH": "/bin", "X": "1"}, f"{porter.home}/bin")
    assert (first is again, later == first, porter.asked) == (True, True, ["tools", "tools"])
