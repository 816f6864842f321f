"""Chains of Mentiko → chains: ``source → routes → prompts → chain``.

Mentiko's files come in three dialects (of its articles, of its published schema, of its engine), which differ in names alone; each key
is accepted in each of them. ``source`` says which one it is and resolves references, ``routes`` decides who starts whom.
"""
