"""What can be wrong with the store."""


class StoreError(Exception):
    """The store could not do what was asked; the message is for the operator."""


class StoreUnavailable(StoreError):
    """Nothing can be written now, through no fault of what was to be written: try again later."""


class StoreFull(StoreUnavailable):
    """The disk under the store is full: nothing was written, try again once there is room."""


class StoreBusy(StoreUnavailable):
    """Another process holds the database: nothing was written, try again once it has let go."""


class StoreLocked(StoreError):
    """Another daemon holds this state folder; the message names its process."""


class NotOwner(StoreError):
    """Another daemon owns the run now: stop working on it."""
