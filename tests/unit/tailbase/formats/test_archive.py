import io
import stat
import struct
import subprocess
import sys
import tarfile
import textwrap
import zipfile

import pytest

from tailbase.errors import PoseError
from tailbase.formats.archive import Limits, extract_zip

CSV = "p/CollectedData.csv"


def zip_of(path, entries, compression=zipfile.ZIP_DEFLATED):
    """A zip file; an entry is a name or a prepared ZipInfo with its content."""
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def info(name, mode=stat.S_IFREG | 0o644):
    made = zipfile.ZipInfo("placeholder")
    made.filename, made.create_system, made.external_attr = name, 3, mode << 16
    return made


def refusal(path, tmp_path, limits=None):
    """The code, after a look that nothing was left on disk."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(PoseError) as caught:
        extract_zip(path, tmp_path / "out", limits)
    assert sorted(tmp_path.rglob("*")) == before
    return caught.value.code


def test_a_project_is_unpacked_with_its_folders(tmp_path):
    path = zip_of(tmp_path / "a.zip", [("p/", b""), (CSV, b"scorer"), ("p/labeled-data/s 1/img é.png", b"\x89PNG")])
    done = []
    assert extract_zip(path, tmp_path / "out", progress=lambda n, total: done.append((n, total))).files == 2
    assert (tmp_path / "out/p/labeled-data/s 1/img é.png").read_bytes() == b"\x89PNG"
    assert done[-1] == (10, 10)


def test_files_that_no_project_needs_stay_packed(tmp_path):
    path = zip_of(tmp_path / "a.zip", [(CSV, b"x"), ("p/model.pkl", b"x"), ("p/inner.zip", b"x"), ("p/run.sh", b"x")])
    unpacked = extract_zip(path, tmp_path / "out")
    assert unpacked.ignored == ("p/model.pkl", "p/inner.zip", "p/run.sh")
    assert [p.name for p in (tmp_path / "out").rglob("*") if p.is_file()] == ["CollectedData.csv"]


@pytest.mark.parametrize(
    "name",
    ["../a.csv", "p/../../a.csv", "/etc/a.csv", "C:/a.csv", "..\\a.csv", "p\\a.csv", "p//a.csv", "p/./a.csv",
     "p/a\n.csv", "p/con. /a.csv", "a" * 300 + ".csv"],
)  # fmt: skip
def test_names_that_leave_the_folder_are_refused(tmp_path, name):
    assert refusal(zip_of(tmp_path / "a.zip", [(CSV, b"x"), (info(name), b"x")]), tmp_path) == "archive.unsafe_path"


def test_a_name_with_a_zero_byte_is_refused(tmp_path):
    path = zip_of(tmp_path / "a.zip", [("p/a.csvX.png", b"x")])
    path.write_bytes(path.read_bytes().replace(b"a.csvX.png", b"a.csv\x00.png"))
    assert refusal(path, tmp_path) == "archive.unsafe_path"


@pytest.mark.parametrize(
    ("mode", "code"),
    [(stat.S_IFLNK, "archive.symlink"), (stat.S_IFCHR, "archive.device"), (stat.S_IFIFO, "archive.device")],
)
def test_links_and_devices_are_refused(tmp_path, mode, code):
    assert refusal(zip_of(tmp_path / "a.zip", [(CSV, b"x"), (info("p/x.csv", mode), b"/etc/passwd")]), tmp_path) == code


@pytest.mark.parametrize(
    "names",
    [("p/a.csv", "p/A.csv"), ("p/é.csv", "p/e\u0301.csv"), ("p/a.csv", "p/a.csv/b.csv"), ("p/a.csv/b.csv", "p/a.csv")],
)
def test_names_that_fall_on_each_other_are_refused(tmp_path, names):
    path = zip_of(tmp_path / "a.zip", [(info(name), b"x") for name in names])
    assert refusal(path, tmp_path) == "archive.duplicate"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = zip_of(tmp_path / "a.zip", [(CSV, bytes(64 * 1024**2))])
    assert refusal(path, tmp_path) == "archive.too_large"


def test_many_small_bombs_are_refused_for_their_sum(tmp_path):
    path = zip_of(tmp_path / "a.zip", [(f"p/{i}.csv", bytes(1024**2)) for i in range(40)])
    assert refusal(path, tmp_path) == "archive.too_large"


def test_too_many_entries_are_refused(tmp_path):
    path = zip_of(tmp_path / "a.zip", [(f"p/{i}.csv", b"x") for i in range(20)])
    assert refusal(path, tmp_path, Limits(entries=10)) == "archive.too_large"


def test_a_million_entries_are_refused_in_little_memory(tmp_path):
    name = b"p/%07d.csv"
    directory = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0) + name % i
        for i in range(1_000_000)
    )
    start = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 13, 0) + name % 0
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 16960, 16960, len(directory), len(start), 0)
    (tmp_path / "a.zip").write_bytes(start + directory + end)
    code = """
        import resource, sys
        from pathlib import Path
        from tailbase.errors import PoseError
        from tailbase.formats.archive import extract_zip
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        try:
            extract_zip(Path(sys.argv[1]), Path(sys.argv[1]).with_name("out"))
        except PoseError as error:
            print(error.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    run = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "a.zip")]
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == "archive.too_large"
    assert int(said[1]) < 100 * 1024


def test_overlapping_entries_are_refused(tmp_path):
    path = zip_of(tmp_path / "a.zip", [("p/a.csv", b"x" * 100), ("p/b.csv", b"x" * 100)])
    data = bytearray(path.read_bytes())
    second = data.rfind(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)
    path.write_bytes(data)
    assert refusal(path, tmp_path) == "archive.damaged"


def test_a_file_larger_than_it_says_is_refused(tmp_path):
    path = zip_of(tmp_path / "a.zip", [(CSV, b"x" * 1000)], zipfile.ZIP_STORED)
    data = path.read_bytes().replace(struct.pack("<LL", 1000, 1000), struct.pack("<LL", 1000, 10))
    path.write_bytes(data)
    assert refusal(path, tmp_path) == "archive.damaged"


def tar_bytes():
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        file.addfile(tarfile.TarInfo("a.csv"))
    return made.getvalue()


def test_other_archives_and_other_files_are_refused(tmp_path):
    for number, content in enumerate([tar_bytes(), b"", b"\x1f\x8b" + bytes(100), b"Rar!\x1a\x07", b"GIF89a"]):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content)
        assert refusal(path, tmp_path) == "archive.type"


def test_a_zip_hidden_in_or_around_another_file_is_refused(tmp_path):
    good = zip_of(tmp_path / "good.zip", [(CSV, b"x")]).read_bytes()
    for number, content in enumerate([tar_bytes() + good, b"GIF89a" + good, good + tar_bytes(), good + good]):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content)
        assert refusal(path, tmp_path) == "archive.type"


def test_a_zip_that_is_cut_off_is_refused(tmp_path):
    path = zip_of(tmp_path / "a.zip", [(CSV, b"x" * 1000)])
    path.write_bytes(path.read_bytes()[:-30])
    assert refusal(path, tmp_path) == "archive.damaged"


def test_flipped_bytes_are_noticed_and_nothing_is_left(tmp_path):
    path = zip_of(tmp_path / "a.zip", [("p/a.csv", b"x"), (CSV, bytes(range(256)) * 40)], zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[5000] ^= 0xFF
    path.write_bytes(data)
    assert refusal(path, tmp_path) == "archive.damaged"


def test_an_encrypted_file_is_refused(tmp_path):
    path = zip_of(tmp_path / "a.zip", [(CSV, b"x" * 100)])
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refusal(path, tmp_path) == "archive.encrypted"


def test_an_archive_without_a_project_is_refused(tmp_path):
    assert refusal(zip_of(tmp_path / "a.zip", [("inner.zip", b"x"), ("README", b"x")]), tmp_path) == "archive.empty"


def test_more_than_65535_entries_are_read(tmp_path):
    path = zip_of(tmp_path / "a.zip", [*((f"p/{i}.txt", b"") for i in range(66_000)), (CSV, b"x")], zipfile.ZIP_STORED)
    assert extract_zip(path, tmp_path / "out").files == 1
