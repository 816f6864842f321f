"""What a webhook's request says before anything is decided on it: whether its sender is proven, and what its body holds.

``signatures`` proves over the raw bytes and names what makes a repeat recognisable, ``payloads`` reads the body, ``request`` is what
both are told. Pure: no clock, no secret store, no network; ``daemon.hooks`` brings these.
"""
