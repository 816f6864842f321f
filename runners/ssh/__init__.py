"""Hosts that are reached over SSH.

``connections``    the connections to one host, opened when they are needed and shared by whatever goes there
``wire``           all that is used of the library: loaded with the first host that is reached (``wishes``: what it is asked for)
``unreached``      why a host was not reached, a channel not opened, an operation refused
``tools``          our files there, uploaded once for each content
``porter_client``  asks the porter, our process there that answers for files
``runner``         the runner of a host, over ``either`` of two kinds of session folders:
``folders``        on the host, of sessions that outlive everything but themselves
``bound``          on this machine, of agents on a host without Python, which end with their connection
``person``         a person's terminal on a channel of its own
"""
