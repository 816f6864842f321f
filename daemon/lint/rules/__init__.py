"""The rules, one file each; ``daemon.lint.registry`` lists them."""
