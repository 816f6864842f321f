"""An agent on a host gets the allow-listed variables of a login there, under what the operator says."""

from chainwright.daemon.remote.surroundings import environment_of


def test_of_a_login_only_what_is_listed_and_over_it_the_operators() -> None:
    login = {"PATH": "/bin", "HOME": "/home/ann", "LANG": "C", "SSH_CLIENT": "x", "LD_PRELOAD": "y"}

    assert environment_of(login, {"PATH": "/opt/bin:/bin", "CUDA": "1"}) == {
        "PATH": "/opt/bin:/bin",
        "HOME": "/home/ann",
        "LANG": "C",
        "CUDA": "1",
    }
