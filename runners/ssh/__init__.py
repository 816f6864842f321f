"""Hosts that are reached over SSH.

``connections``    the connections to one host, opened when they are needed and shared by whatever goes there
``reaching``       what one connection is made with: keys, the pinned host key, and why it was not to be had
``tools``          our files there, uploaded once for each content
``porter_client``  asks the porter, our process there that answers for files
"""
