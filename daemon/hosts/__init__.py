"""The machines that agents run on, as people know and keep them.

``register``  which hosts there are, and who changed what about them
``views``     a host in the shapes of ``schemas.host_api``

How a host is reached is ``runners.ssh``; which agent runs on which is the engine's.
"""
