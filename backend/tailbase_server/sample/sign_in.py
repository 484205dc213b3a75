"""Signs in as the person who started Tailbase, by a one-time link, for as long as the sample is made."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tailbase_client import Tailbase
from tailbase_client.errors import error_of
from tailbase_server.embedded import private
from tailbase_server.local import Local

EMAIL = "you@tailbase.example"


@contextmanager
def signed_in(local: Local) -> Iterator[Tailbase]:
    """The client, with an API token that ends with the block."""
    token = _new_token(local)
    with Tailbase(local.url, token["token"]) as tailbase:
        try:
            yield tailbase
        finally:
            tailbase.delete_token(token["id"])


def _new_token(local: Local) -> dict[str, str]:
    """Use up a link. On a fresh installation it makes the owner's account, with a password that is kept in a file."""
    token, purpose = local.new_link()
    body = {"token": token}
    if purpose == "owner":
        password = private.kept_secret(local.settings.data_dir / "secrets" / "owner")
        body |= {"email": EMAIL, "name": "You", "password": password}
    # A cookie signs in only what comes from Tailbase's own pages, so we name its address as the origin.
    with httpx.Client(base_url=f"{local.url}/api/v1/", headers={"Origin": local.url}, timeout=30) as http:
        _accepted(http.post("auth/link", json=body))
        made: dict[str, str] = _accepted(http.post("me/tokens", json={"name": "demo", "expires_in_days": 1})).json()
    return made


def _accepted(reply: httpx.Response) -> httpx.Response:
    if not reply.is_success:
        raise error_of(reply)
    return reply
