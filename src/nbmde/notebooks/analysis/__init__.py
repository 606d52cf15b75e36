"""Static analysis of Python statements: what they read, bind, capture and change, without running them.

`names` finds the def-use facts of one statement, `cells` cuts a cell into statements, `calls` resolves what is called,
`rewrite` edits source text in place.
"""
