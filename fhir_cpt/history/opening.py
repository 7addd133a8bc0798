"""The history that the settings name."""

from __future__ import annotations

from pathlib import Path

from fhir_cpt.history.keeper import Keeper
from fhir_cpt.history.keys import Keys
from fhir_cpt.history.sqlite import SqliteStore
from fhir_cpt.history.store import Store
from fhir_cpt.settings import Settings


def open_history(settings: Settings) -> Keeper | None:
    """Open the history of the settings; None where they name none. Raises StoreRefused."""
    if not settings.keeps_history or settings.history is None or settings.history_salt is None:
        return None
    keys = Keys(settings.history_salt, settings.history_namespace)
    store: Store
    if "://" in settings.history:
        from fhir_cpt.history.redis import RedisStore  # here: only who has Redis waits for its import

        store = RedisStore(settings.history, keys.seal)
    else:
        store = SqliteStore(Path(settings.history), keys.seal)
    return Keeper(store, keys, settings.history_days)
