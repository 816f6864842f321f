"""From the files of other tools to chain files: ``read → mentiko | github → draft → settling → yaml_writer``.

Nothing is dropped in silence. What has no equal becomes a point of the ``report``, with its position in the file that was read, and,
where it can be said there, a comment in the chain. Converting the same bytes twice gives the same bytes. Reading and writing files of
this machine is the business of ``daemon.cli.import_``.
"""
