"""What somebody asks for, read from the line they typed. Pure.

`line` is the whole of it; `words` splits a line, `option_values` reads what
stands behind an option, with `amounts`, `moments` and `days` for each kind.
"""
