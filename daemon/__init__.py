"""The service. Facts come in, the pure core decides, commands go out.

    git repo ─► sources ─► deployment (commit → compiled chains)       people ─► cli / API
                                │                                                │
    cron, events ─► triggers ─► run requests ─► ENGINE ◄──────────────────────────┘
                                                │  ▲
                                      commands  │  │  facts
                                                ▼  │
                       core (pure): run machine, routing, retry, joins
                                                │
                  store ◄── journal             └─► runners ─► session host ─► the agent

``engine`` is the only place that turns commands into I/O, and there is no await between a fact and the decision on it.
``supervisor`` is the only place that knows every part.
"""
