"""From a fresh clone to a running site: virtual environment, packages, engine, model.

Standard library only; `python3 config/bootstrap run|test` calls it before any package
is there. Whatever is interrupted here is made again or continued by the next start.
"""
