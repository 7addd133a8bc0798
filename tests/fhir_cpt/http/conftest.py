"""A server on the sample's release, and clients of its two FHIR bases."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from fhir_cpt.settings import Settings
from fhir_cpt.wire.models import FhirVersion
from terminology import Release

from .client import TODAY, Client, served


@pytest.fixture(scope="session")
def http(sample_release: Release) -> Iterator[httpx.Client]:
    """A plain HTTP client of the server."""
    with served(Settings(release=sample_release.folder, today=TODAY, max_body=2 << 20)) as client:
        yield client


@pytest.fixture(scope="session", params=["r4", "r5"])
def client(request: pytest.FixtureRequest, http: httpx.Client) -> Client:
    """A client of each FHIR base in turn."""
    version: FhirVersion = request.param
    return Client(http, version)


@pytest.fixture(scope="session")
def r4(http: httpx.Client) -> Client:
    """A client of the R4 base, for what does not depend on FHIR's version."""
    return Client(http, "r4")
