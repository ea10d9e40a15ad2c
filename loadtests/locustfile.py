"""Load on a running server, with every reply checked.

locust -f loadtests/locustfile.py --host http://127.0.0.1:8080 [--texts FILE] [InteractiveUser BulkUser ...]
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from locust import events
from locust.env import Environment
from locust_users import BulkUser, InteractiveUser, MixUser, ParaphraseUser, Reviewer
from traffic.texts import read_texts

from resay.errors import SettingsError

__all__ = ["BulkUser", "InteractiveUser", "MixUser", "ParaphraseUser"]


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]  # locust leaves it so
def add_options(parser: ArgumentParser) -> None:
    """Add our options to locust's."""
    parser.add_argument("--texts", type=Path, help="file with one text a line, instead of the built-in ones")


@events.init.add_listener  # type: ignore[untyped-decorator]
def prepare(environment: Environment, **_: Any) -> None:  # noqa: ANN401 (locust's own signature)
    """Before the first user starts: read the texts once, and let the mix stand for all if no class was named."""
    options = environment.parsed_options
    if options is None:
        return
    if options.texts is not None:
        try:
            Reviewer.texts = read_texts(options.texts)
        except SettingsError as error:
            raise SystemExit(str(error)) from None
    if not options.user_classes:
        environment.user_classes[:] = [MixUser]
