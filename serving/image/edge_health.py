"""Exit with 0 if the edge of this container says that it lives: what an engine asks. Whether workers do, /readyz says.

python serving/image/edge_health.py [--port 8443] [--no-tls]
"""

from __future__ import annotations

import argparse
import http.client
import ssl
import sys

LOOPBACK = "127.0.0.1"


def main() -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description="Exit with 0 if the edge of this container answers.")
    parser.add_argument("--port", type=int, default=8443, help="the port that the edge was given")
    parser.add_argument("--no-tls", action="store_true", help="if the edge was started with --no-tls")
    options = parser.parse_args()
    connection = http.client.HTTPConnection(LOOPBACK, options.port, timeout=3)
    if not options.no_tls:
        # It is the container's own loopback, and no certificate names that.
        unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        unverified.check_hostname = False
        unverified.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(LOOPBACK, options.port, timeout=3, context=unverified)
    try:
        connection.request("GET", "/livez")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        print(f"no answer from {LOOPBACK}:{options.port}: {error}", file=sys.stderr)
        return 1
    print(f"/livez: {status}")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
