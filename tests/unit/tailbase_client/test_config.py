"""Where the command line keeps server and token."""

from pathlib import Path

import pytest

from tailbase_client import config
from tailbase_client.errors import TailbaseApiError


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))


def test_what_is_kept_is_readable_by_its_owner_only_and_comes_back() -> None:
    path = config.save("http://127.0.0.1:8420/", "tb_secret")
    assert path.stat().st_mode & 0o777 == 0o600
    assert config.load() == config.Saved("http://127.0.0.1:8420", "tb_secret")


def test_a_new_sign_in_replaces_the_old_one() -> None:
    config.save("http://a", "tb_1")
    config.save("http://b", "tb_2")
    assert config.load().token == "tb_2"


def test_another_server_does_not_get_the_token() -> None:
    config.save("http://a", "tb_1")
    assert config.load().token_for("http://a/") == "tb_1"
    with pytest.raises(TailbaseApiError, match="not signed in to http://b"):
        config.load().token_for("http://b")


@pytest.mark.parametrize("content", [None, "", "[]", '{"url": "http://a"}'])
def test_without_a_readable_sign_in_it_says_what_to_do(content: str | None) -> None:
    if content is not None:
        config.place().parent.mkdir(parents=True)
        config.place().write_text(content)
    with pytest.raises(TailbaseApiError, match="tailbase remote login"):
        config.load()


def test_forgetting_twice_is_no_error() -> None:
    config.save("http://a", "tb_1")
    config.forget()
    config.forget()
    assert not config.place().exists()
