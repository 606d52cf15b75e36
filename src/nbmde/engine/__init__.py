"""Models, rules, constraints, generation, views, comparison, migration, and pipelines of them, for any metamodel.

Nothing here knows of notebooks; `nbmde.notebooks` stands on it.
"""
