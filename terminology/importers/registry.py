"""All importers, in one explicit tuple: adding a source means adding its module here."""

from __future__ import annotations

from terminology.importers import (
    addon,
    anesthesia,
    coverage,
    cpt_clinician_consumer,
    cpt_descriptors,
    cpt_modifiers,
    cpt_pla,
    gpci,
    hcpcs,
    icd10cm_order,
    icd10cm_tabular,
    locality,
    mce,
    mue,
    oppscap,
    pos,
    pprrvu,
    ptp,
    zip5,
)
from terminology.importers.source import GroupImporter, Importer

AnyImporter = Importer | GroupImporter

_SOURCES: tuple[tuple[AnyImporter, ...], ...] = (
    cpt_descriptors.IMPORTERS,
    cpt_clinician_consumer.IMPORTERS,
    cpt_modifiers.IMPORTERS,
    cpt_pla.IMPORTERS,
    hcpcs.IMPORTERS,
    ptp.IMPORTERS,
    mue.IMPORTERS,
    addon.IMPORTERS,
    pprrvu.IMPORTERS,
    gpci.IMPORTERS,
    anesthesia.IMPORTERS,
    locality.IMPORTERS,
    oppscap.IMPORTERS,
    zip5.IMPORTERS,
    icd10cm_order.IMPORTERS,
    icd10cm_tabular.IMPORTERS,
    pos.IMPORTERS,
    mce.IMPORTERS,
    coverage.IMPORTERS,
)


def all_importers() -> tuple[AnyImporter, ...]:
    """Every importer, of every module listed here."""
    return tuple(importer for importers in _SOURCES for importer in importers)
