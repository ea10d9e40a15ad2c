"""The generated `nginx.conf`: two templates of the project, filled in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from resay.edge.keys import ApiKey
from resay.edge.program import Nginx
from resay.edge.rates import Rate
from resay.edge.routes import Route, known_routes_pattern, routes_of
from resay.edge.run_folder import EdgeFolder
from resay.edge.settings import EdgeSettings, bracketed, parse_backend
from resay.errors import ServerError, SettingsError

ANYONE = "anyone"
"""Stands for a key's name where no keys are asked for."""
# nginx takes a dollar sign for a variable wherever it stands, and knows no escape for it.
_UNQUOTABLE = re.compile(r'["\\$\x00-\x1f]')


class _NginxTemplate(Template):
    """`@{name}`: the dollar sign is nginx's own."""

    delimiter = "@"


@dataclass(frozen=True, slots=True)
class Inside:
    """What the configuration of a running edge is made of, besides its settings.

    Attributes:
        templates: Folder of `nginx.conf`, `route.conf` and `edge.js`.
        access_log: Where to write one line a request.
        user: Whom nginx's workers run as; empty to stay who we are.
    """

    nginx: Nginx
    templates: Path
    run: EdgeFolder
    access_log: Path
    user: str = ""


def edge_configuration(settings: EdgeSettings, inside: Inside, backend: str, keys: Mapping[str, ApiKey] | None) -> str:
    """Return the configuration for this backend and these keys; ``None`` for no keys at all.

    Raises:
        ServerError: A template cannot be read, or names a value that is not known.
        SettingsError: A path holds a character that nginx's language cannot quote.
    """
    rates = {name: key.rate or settings.rate for name, key in (keys or {}).items()}
    routes = routes_of(settings.endpoints)
    values = {
        "js_module": inside.nginx.js_module,
        "run": inside.run.root,
        "scripts": inside.templates,
        "access_log": inside.access_log,
        "num_processes": settings.num_processes,
        "drain_timeout_s": settings.drain_timeout_s,
        "client_timeout_s": settings.client_timeout_s,
        "upstream_timeout_s": settings.upstream_timeout_s,
        "probe_timeout_s": settings.probe_timeout_s,
        "connections": settings.connections,
        "known_routes": known_routes_pattern(routes),
        "endpoints": " ".join(settings.endpoints),
        "backend": parse_backend(backend),
        "address": f"{bracketed(settings.host)}:{settings.port}",
    }
    lines = {
        "user": [f"user {inside.user};"] if inside.user else [],
        "key_source": ["$key_digest" if keys is not None else ""],
        "stranger": ["" if keys is not None else ANYONE],
        "keys": [f'"{key.sha256}" "{name}";' for name, key in (keys or {}).items()],
        "retry_after": [f'"{name}" {rate.retry_after_s};' for name, rate in rates.items() if rate.retry_after_s > 1],
        "rates": _rate_lines(settings.rate, rates, keyed=keys is not None),
        "listen_options": _listen_options(settings, inside.nginx),
        "tls": _tls_lines(settings, inside.nginx),
    }
    used = {settings.rate, *rates.values()}
    filled = {name: _quotable(str(value)) for name, value in values.items()}
    filled |= {name: "\n    ".join(block) for name, block in lines.items()}
    filled["routes"] = "\n".join(_route(inside.templates, route, settings, used) for route in routes)
    return _fill(inside.templates / "nginx.conf", filled)


def _route(templates: Path, route: Route, settings: EdgeSettings, rates: Iterable[Rate]) -> str:
    limits = (f"limit_req zone={rate.name} burst={settings.burst or rate.burst} nodelay;" for rate in sorted(rates))
    values = {
        "path": route.path,
        "lanes": _lanes(route, settings.bulk_bytes),
        "target": "$target_by_length" if route.bulk_target else route.target,
        "allowed": ", ".join(route.methods),
        "methods": route.methods_pattern,
        "describe": "$http_describe" if route.describes else "",
        "max_body_bytes": str(settings.most_bytes(route.endpoint)),
        "limits": " ".join(limits),
    }
    return _fill(templates / "route.conf", values)


def _lanes(route: Route, bulk_bytes: int) -> str:
    if not route.bulk_target:
        return ""
    values = {"bulk_bytes": bulk_bytes, "short_target": route.target, "long_target": route.bulk_target}
    return " ".join(f'set ${name} "{value}";' for name, value in values.items())


def _rate_lines(standard: Rate, rates: Mapping[str, Rate], *, keyed: bool) -> list[str]:
    """Return a zone for each rate; a key's name is empty, and so not counted, in the zones of other rates."""
    if not keyed:
        return [f"limit_req_zone $binary_remote_addr zone={standard.name}:8m rate={standard.nginx};"]
    blocks = []
    for rate in sorted({standard, *rates.values()}):
        names = " ".join(f'"{name}" "{name}";' for name, own in rates.items() if own == rate)
        blocks += [
            f'map $key_name $of_{rate.name} {{ default ""; {names} }}',
            f"limit_req_zone $of_{rate.name} zone={rate.name}:1m rate={rate.nginx};",
        ]
    return blocks


def _listen_options(settings: EdgeSettings, nginx: Nginx) -> list[str]:
    if settings.certificate is None:
        return [""]
    return ["ssl" if nginx.has_http2_directive else "ssl http2"]


def _tls_lines(settings: EdgeSettings, nginx: Nginx) -> list[str]:
    if settings.certificate is None or settings.private_key is None:
        return []
    return [
        *(["http2 on;"] if nginx.has_http2_directive else []),
        f'ssl_certificate "{_quotable(os.fspath(settings.certificate.resolve()))}";',
        f'ssl_certificate_key "{_quotable(os.fspath(settings.private_key.resolve()))}";',
        "ssl_protocols TLSv1.2 TLSv1.3;",
        "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;",  # of TLS 1.2; those of 1.3 are all as good
        "ssl_session_cache shared:tls:2m;",
    ]


def _quotable(value: str) -> str:
    if _UNQUOTABLE.search(value):
        raise SettingsError(f"nginx cannot take a quote, backslash, dollar sign or line break in {value!r}; rename it")
    return value


def _fill(template: Path, values: Mapping[str, str]) -> str:
    try:
        return _NginxTemplate(template.read_text(encoding="utf-8")).substitute(values)
    except OSError as error:
        raise ServerError(f"{template} cannot be read: {error.strerror}") from error
    except KeyError as error:
        raise ServerError(
            f"{template} asks for the value {error.args[0]!r}; known are: {', '.join(sorted(values))}"
        ) from error
    except ValueError as error:
        raise ServerError(f"{template} is no template: {error}; write a plain @ as @@") from error
