"""Which history a command works with: one that a server keeps."""

from __future__ import annotations

import os
from pathlib import Path

from fhir_cpt.commands.console import CommandError
from fhir_cpt.history import Keeper, StoreRefused, open_history
from fhir_cpt.settings import from_environment

VARIABLE = "FHIR_CPT_HISTORY"


def opened(store: str | None, status: int) -> Keeper:
    """The history named, else that of the environment, which has its salt; it must be there, none is made.

    Raises CommandError, with the exit `status` where that history cannot be used.
    """
    place = store or os.environ.get(VARIABLE)
    try:
        settings = from_environment({**os.environ, "FHIR_CPT_RELEASE": ".", VARIABLE: place or ""})
        if not settings.keeps_history or place is None:
            raise CommandError(
                "Name a history: an SQLite file, or a redis:// URL, here, by --history or in FHIR_CPT_HISTORY"
            )
        if "://" not in place and not Path(place).is_file():
            raise CommandError(f"There is no history in {place}", status)
        keeper = open_history(settings)
    except StoreRefused as error:
        raise CommandError(str(error), status) from None
    except ValueError as error:
        raise CommandError(str(error)) from None
    assert keeper is not None
    return keeper
