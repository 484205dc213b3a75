"""`python -m tailbase_api`: serve the API with uvicorn."""

import argparse

import uvicorn

from tailbase_api.main import create_app
from tailbase_api.telemetry import configure_logging
from tailbase_core.settings import settings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tailbase_api", description="Serve Tailbase's REST API and page.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8420)
    args = parser.parse_args()
    configure_logging()
    uvicorn.run(
        create_app(settings()),
        forwarded_allow_ips=settings().trusted_proxies,
        host=args.host,
        port=args.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
