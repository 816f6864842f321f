"""Where chains come from: a git repository of this machine, its deployment, and the workspaces of its runs.

``repository``  reads objects at a commit; git's own process does it, no work tree is touched
``remotes``     fetches agents of other repositories into a cache, the only place where anything is fetched
``trees``       what may stand in a tree that we write to disk
``deployment``  commit → compiled chains, all or nothing
``watcher``     notices a new commit, and that the repository has gone or come back
``checkout``    writes a tree to disk, fast
``mirrors``     bare repositories in which agents read the history of a commit
``workspace``   the cache of trees, and the workspace of each run

Names of refs never begin with ``-``, links and submodules are never followed, files and trees are bounded. Git is slow and may block,
so everything here is synchronous unless it says ``async``, which then leaves the work to a thread.
"""
