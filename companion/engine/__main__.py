"""The engine's process, `python -m companion.engine`: no Django, no app, no database.

`manage.py engine` becomes it (start.py). What cannot be served is said in one line.
"""

import logging
import os
import sys
from functools import partial
from pathlib import Path

from companion.engine import places, start
from companion.engine.catalogue import NoModel, chosen_model, file_of, use
from companion.engine.loading import loaded
from companion.engine.main import (
    CannotServe,
    Settings,
    cells,
    context,
    openblas,
    rearranged,
    scripted,
    serve,
    threads,
)
from companion.engine.model import Model
from companion.engine.request import EngineFailed
from companion.engine.runner import Load


def main() -> None:
    logging.basicConfig(
        level=os.environ.get("LOG_LEVEL", "INFO"),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    asked = start.told()
    try:
        name, load = _chosen()
        sys.stdout.write(f"Engine: {name}\n")
        sys.stdout.flush()
        serve(
            Settings(
                load=load,
                model=name,
                path=Path(asked.path) if asked.path else None,
                port=asked.port,
                key=os.environ.get(start.KEY, ""),
                beginnings=asked.beginnings,
                parked=places.parked(),
                find=_found,
            )
        )
    except (CannotServe, NoModel) as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        return


def _chosen() -> tuple[str, Load]:
    if os.environ.get("ENGINE_SCRIPT") == "1":
        return "scripted", scripted
    path = chosen_model()
    return path.stem, _loader(path)


def _found(wanted: str) -> Load:
    """Another model that an operator chose; it is the choice from then on."""
    try:
        path = file_of(wanted)
    except NoModel as problem:
        raise EngineFailed("refused", str(problem)) from None
    load = _loader(path)

    def load_and_remember() -> Model:
        model = load()
        use(wanted)
        return model

    return load_and_remember


def _loader(path: Path) -> Load:
    return partial(
        loaded,
        path,
        threads=threads(),
        window=context(),
        cells=cells(),
        openblas=openblas(),
        rearranged=rearranged(),
    )


if __name__ == "__main__":
    main()
