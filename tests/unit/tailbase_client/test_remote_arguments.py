"""The arguments of `tailbase remote`."""

import argparse

import pytest

from tailbase_client.commands import remote
from tailbase_client.commands.remote_actions import setting

ACTIONS = (
    "login", "logout", "projects", "videos", "upload", "register", "import", "select-frames", "train", "models",
    "predict", "jobs", "export",
)  # fmt: skip


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tailbase remote")
    remote.configure(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_explains_itself(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(action, "--help")
    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 4


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("epochs=50", (["epochs"], 50)),
        ("backbone=resnet50", (["backbone"], "resnet50")),
        ("split.test=0.1", (["split", "test"], 0.1)),
        ("weights=a=b", (["weights"], "a=b")),
    ],
)
def test_a_setting_is_a_name_and_a_value(text: str, meant: tuple[list[str], object]) -> None:
    assert setting(text) == meant


def test_a_setting_without_a_value_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse("train", "Reaching", "--set", "epochs")
    assert "NAME=VALUE" in capsys.readouterr().err
