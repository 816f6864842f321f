"""What a change to a chain repository would do, told without doing any of it. Pure: two versions and facts in, a value out.

``version``     what is compared, and the facts around it
``comparing``   two versions → the plan: ``pairs`` says which chain is which, ``chain_changes`` what differs in one, with ``fields``,
                ``edges``, ``interface``, ``times``, ``addresses`` and ``contracts``, and ``contracts_between`` chains; ``estimates`` what that would cost
``findings``    what is widened: ``risks`` is the table, ``widening…`` look at agents, chains and files, ``commands`` reads what runs
``policy``      who has to agree to what, and what no change may do; ``judging`` asks it
``report``      the plan as a value, ``sentences`` what it says of texts that others wrote
``text``        for a terminal; ``markdown`` for forges, with ``drawing`` for graphs; ``json`` for programs

Reading commits is the part of ``daemon.sources.plan``.
"""
