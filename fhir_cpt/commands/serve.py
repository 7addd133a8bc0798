"""`fhir-cpt serve`: the FHIR server on uvicorn."""

from __future__ import annotations

import argparse
import copy
import logging
import os
from typing import Any

import msgspec

from fhir_cpt.commands.console import CommandError, Subparsers, out, say
from fhir_cpt.commands.pack_folders import VARIABLE as PACKS
from fhir_cpt.commands.pack_folders import add_packs_option, named, with_packs
from fhir_cpt.commands.release_folder import VARIABLE, add_option, chosen
from fhir_cpt.history import StoreRefused, open_history
from fhir_cpt.payers.faults import PacksRefused
from fhir_cpt.served import Served
from fhir_cpt.settings import Settings, from_environment
from terminology import open_release
from terminology.release.inventory import describe


def add_to(commands: Subparsers) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "serve",
        help="run the FHIR server",
        description="Serve /r4 and /r5. What has no option here is set by the environment (FHIR_CPT_MAX_BODY, "
        "FHIR_CPT_MAX_BATCH, FHIR_CPT_POLL, FHIR_CPT_UPSTREAM…, FHIR_CPT_REDIS, FHIR_CPT_HISTORY…). "
        "Exit status: 0 stopped; 1 could not start; 2 wrong usage.",
    )
    add_option(parser)
    add_packs_option(parser)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8000, help="the port to listen on (default: %(default)s)")
    parser.add_argument("--workers", type=_workers, default=1, metavar="N", help="processes (default: %(default)s)")
    parser.add_argument(
        "--cors", action="append", default=[], metavar="ORIGIN", help="an origin whose pages may call; * for all"
    )
    parser.add_argument(
        "--history",
        metavar="STORE",
        help="keep prior claims and authorizations: an SQLite file, or a redis:// URL; the secret that patients are "
        "hashed with is FHIR_CPT_HISTORY_SALT",
    )
    parser.add_argument(
        "--access-log",
        action="store_true",
        help="log each request's path and query, never bodies, nor the identifier of what is deleted",
    )
    parser.set_defaults(run=run, failed=1)


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped. Raises CommandError for wrong settings, ReleaseError where the release cannot be opened."""
    import uvicorn  # here, because FastAPI and uvicorn take longer to import than the other commands take to run

    from fhir_cpt.app import create_app

    settings = _settings(arguments)
    options: dict[str, Any] = {
        "host": arguments.host,
        "port": arguments.port,
        "access_log": arguments.access_log,
        "log_config": _logging(),
        "server_header": False,
    }
    app: Any
    if arguments.workers == 1:
        try:
            app = create_app(settings)
        except PacksRefused as refused:
            raise CommandError(f"the packs are refused:\n{refused}", 1) from None
        except StoreRefused as error:
            raise CommandError(str(error), 1) from None
        _announce(app.state.source.get(), arguments)
    else:
        app = "fhir_cpt.app:create_app"
        _try_history(settings)
        _announce(with_packs(Served(open_release(settings.release)), arguments.packs), arguments)
        os.environ.update(_environment(settings))
        # What a client leaves under a cache-id lies in one process; the next request may reach another.
        os.environ["FHIR_CPT_MAX_SESSIONS"] = "0"
        options |= {"factory": True, "workers": arguments.workers}
    try:
        uvicorn.run(app, **options)
    except SystemExit as stop:  # it has logged why it could not start
        return int(bool(stop.code))
    return 0


def _settings(arguments: argparse.Namespace) -> Settings:
    """The environment's settings with the options over them."""
    release = chosen(arguments.release).resolve()
    packs = ",".join(str(path.resolve()) for path in named(arguments.packs))
    try:
        given = {} if arguments.history is None else {"FHIR_CPT_HISTORY": arguments.history}
        settings = from_environment({**os.environ, VARIABLE: str(release), PACKS: packs, **given})
    except ValueError as error:
        raise CommandError(str(error)) from None
    return msgspec.structs.replace(settings, cors=tuple(arguments.cors)) if arguments.cors else settings


def _try_history(settings: Settings) -> None:
    """See that the history can be used, before the workers are started. Raises CommandError."""
    try:
        history = open_history(settings)
    except StoreRefused as error:
        raise CommandError(str(error), 1) from None
    if history is not None:
        history.close()


def _environment(settings: Settings) -> dict[str, str]:
    """What worker processes, which only inherit the environment, are set up with."""
    made = {VARIABLE: str(settings.release), PACKS: ",".join(settings.packs), "FHIR_CPT_CORS": ",".join(settings.cors)}
    return made if settings.history is None else {**made, "FHIR_CPT_HISTORY": settings.history}


def _announce(served: Served, arguments: argparse.Namespace) -> None:
    console, release = out(), served.release
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    marked = " (experimental: not for claims in earnest)" if release.manifest.experimental else ""
    say(console, f"Release {release.id}{marked} holds:")
    for item in describe(release):
        content = f", {item.content}" if item.content != "complete" else ""
        say(console, f"  {item.table} {item.version} ({item.days}): {item.rows:,} rows{content}")
    say(console, f"Packs of payers: {', '.join(served.packs.definitions.by_id)}")
    say(console, f"FHIR R4 at http://{host}:{arguments.port}/r4", "bold")
    say(console, f"FHIR R5 at http://{host}:{arguments.port}/r5", "bold")


def _logging() -> dict[str, Any]:
    """Uvicorn's logging, with our own messages in it."""
    from uvicorn.config import LOGGING_CONFIG

    config = copy.deepcopy(LOGGING_CONFIG)
    config["loggers"]["fhir_cpt"] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    config["filters"] = {"unidentified": {"()": f"{__name__}.{WithoutIdentifiers.__name__}"}}
    config["handlers"]["access"]["filters"] = ["unidentified"]
    return config


class WithoutIdentifiers(logging.Filter):
    """Takes the query of a DELETE off what the access log says of it: there it names somebody's claim."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; none is left out."""
        if isinstance(record.args, tuple) and len(record.args) == 5:
            client, method, path, *rest = record.args
            if method == "DELETE" and isinstance(path, str) and "?" in path:
                record.args = (client, method, f"{path.partition('?')[0]}?…", *rest)
        return True


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 on")
    return int(text)
