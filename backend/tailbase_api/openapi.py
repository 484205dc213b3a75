"""`python -m tailbase_api.openapi`: the OpenAPI document on stdout, from which the page's client is generated."""

import json
import sys
from typing import Any

from tailbase_api.main import create_app
from tailbase_core.settings import Settings


def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n")
