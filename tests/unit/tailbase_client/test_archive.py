"""A folder as a zip."""

import zipfile
from pathlib import Path

import pytest

from tailbase_client.archive import zip_folder
from tailbase_client.errors import TailbaseApiError
from tailbase_client.transfers import silent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "my project"
    for name in ("config.yaml", "labeled-data/a/img01.png", ".git/config", "dlc-models/big.pt"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(name)
    (made / "link").symlink_to(tmp_path)
    return made


def test_everything_is_packed_but_hidden_files_links_and_trained_networks(folder: Path, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    zip_folder(folder, target := tmp_path / "out.zip", lambda *step: told.append(step))
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        assert archive.read("my project/labeled-data/a/img01.png") == b"labeled-data/a/img01.png"
    assert names == ["my project/config.yaml", "my project/labeled-data/a/img01.png"]
    assert told[-1] == ("packing", 35, 35)


def test_a_folder_beyond_the_bound_is_refused_before_anything_is_written(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TailbaseApiError, match="in place"):
        zip_folder(folder, target := tmp_path / "out.zip", silent, most_bytes=20)
    assert not target.exists()
