import os
import pickle
import socket

import h5py
import numpy as np
import pytest

from tailbase.errors import PoseError
from tailbase.formats.deeplabcut_h5 import read_deeplabcut_h5

NAMES = [("Ann", part, c) for part in ("nose", "tail") for c in ("x", "y")]
VALUES = np.array([[1, 2, 3, np.nan], [5, 6, 7, 8]])


class Evil:
    """Makes a file when it is un-pickled."""

    def __init__(self, canary):
        self.canary = canary

    def __reduce__(self):
        return os.system, (f"touch '{self.canary}'",)


def write_table(path, names=None, key="df_with_missing", axes=None, values=VALUES):
    """A file as pandas writes it with format="table"."""
    kind = np.dtype([("index", "S20"), ("values_block_0", "<f8", (values.shape[1],))])
    table = np.zeros(len(values), kind)
    table["index"] = [f"labeled-data/s/{i}.png".encode() for i in range(len(values))]
    table["values_block_0"] = values
    with h5py.File(path, "w") as file:
        group = file.create_group(key)
        group.attrs["non_index_axes"] = np.bytes_(axes or pickle.dumps([(1, names or NAMES)], protocol=0))
        data = group.create_dataset("table", data=table, chunks=True)
        data.attrs["values_block_0_kind"] = np.bytes_(
            names if isinstance(names, bytes) else pickle.dumps(names or NAMES, protocol=0)
        )
    return path


def test_numbers_and_names_are_read_without_pandas(tmp_path):
    table = read_deeplabcut_h5(write_table(tmp_path / "a.h5"))
    assert table.rows == ("labeled-data/s/0.png", "labeled-data/s/1.png")
    assert [(c.keypoint, c.coordinate) for c in table.columns] == [(part, c) for _, part, c in NAMES]
    np.testing.assert_array_equal(table.values, VALUES)


@pytest.mark.parametrize("where", ["columns", "axes"])
def test_a_pickle_that_runs_code_is_refused_and_not_run(tmp_path, where):
    canary = tmp_path / "canary"
    evil = pickle.dumps([Evil(canary)], protocol=0)
    path = write_table(tmp_path / "a.h5", **({"names": evil, "axes": pickle.dumps([(1, NAMES)], protocol=0)}
                                             if where == "columns" else {"axes": evil}))  # fmt: skip
    with pytest.raises(PoseError) as caught:
        read_deeplabcut_h5(path)
    assert caught.value.code == "labels.unreadable_h5"
    assert not canary.exists()


@pytest.mark.parametrize(
    "names",
    [b"", b".", b"cposix\nsystem\n.", b"(lp0\n", b"P1\n.", b"I" + b"9" * 10_000 + b"\n.", b"\x80\x05\x93.", b"N."],
)
def test_damaged_pickles_are_refused(tmp_path, names):
    with pytest.raises(PoseError) as caught:
        read_deeplabcut_h5(write_table(tmp_path / "a.h5", names=names, axes=pickle.dumps([(1, NAMES)], protocol=0)))
    assert caught.value.code == "labels.unreadable_h5"


def test_links_to_other_files_are_refused(tmp_path):
    write_table(tmp_path / "secret.h5")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["df_with_missing"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/df_with_missing")
    with pytest.raises(PoseError) as caught:
        read_deeplabcut_h5(tmp_path / "a.h5")
    assert caught.value.code == "labels.unreadable_h5"


def test_a_table_whose_numbers_lie_in_another_file_is_refused(tmp_path):
    (tmp_path / "passwd").write_bytes(bytes(1000))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("df_with_missing")
        group.create_dataset("table", shape=(100,), dtype="f8", external=[(str(tmp_path / "passwd"), 0, 800)])
    with pytest.raises(PoseError) as caught:
        read_deeplabcut_h5(tmp_path / "a.h5")
    assert "another file" in caught.value.message


def test_a_table_that_claims_terabytes_is_refused(tmp_path):
    kind = np.dtype([("index", "S20"), ("values_block_0", "<f8", (4,))])
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("df_with_missing")
        group.create_dataset("table", shape=(10**11,), dtype=kind, chunks=(1000,))
    with pytest.raises(PoseError) as caught:
        read_deeplabcut_h5(tmp_path / "a.h5")
    assert "larger than" in caught.value.message


@pytest.mark.parametrize("key", ["labels", "keypoints"])
def test_other_keys_are_refused(tmp_path, key):
    with pytest.raises(PoseError, match="instead of") as caught:
        read_deeplabcut_h5(write_table(tmp_path / "a.h5", key=key))
    assert caught.value.code == "labels.unreadable_h5"


def test_stitched_predictions_under_the_key_tracks_are_read(tmp_path):
    assert read_deeplabcut_h5(write_table(tmp_path / "a.h5", key="tracks")).keypoints == ("nose", "tail")


@pytest.mark.parametrize("content", [b"", b"scorer,A\n", b"\x89HDF\r\n\x1a\n" + bytes(200)])
def test_what_is_no_hdf5_is_refused(tmp_path, content):
    (tmp_path / "a.h5").write_bytes(content)
    with pytest.raises(PoseError) as caught:
        read_deeplabcut_h5(tmp_path / "a.h5")
    assert caught.value.code == "labels.unreadable_h5"


def test_infinite_numbers_are_refused(tmp_path):
    with pytest.raises(PoseError) as caught:
        read_deeplabcut_h5(write_table(tmp_path / "a.h5", values=VALUES * np.inf))
    assert caught.value.code == "labels.not_finite"


def test_a_pickle_cannot_reach_for_sockets_by_any_opcode(tmp_path):
    evil = pickle.dumps(socket.socket, protocol=4)
    with pytest.raises(PoseError, match="run code"):
        read_deeplabcut_h5(write_table(tmp_path / "a.h5", names=evil, axes=pickle.dumps([(1, NAMES)], protocol=0)))


def write_fixed(path, change=len, transposed=1):
    """A file as pandas writes it by default, with images in three levels."""
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["nblocks"] = 1
        levels = {
            "axis1": (["labeled-data"], ["s"], ["0.png", "1.png"]),
            "block0_items": (["Ann"], ["nose", "tail"], ["x", "y"]),
        }
        codes = {"axis1": ([0, 0], [0, 0], [0, 1]), "block0_items": ([0] * 4, [0, 0, 1, 1], [0, 1, 0, 1])}
        for axis, names in levels.items():
            group.attrs[f"{axis}_nlevels"] = len(names)
            for i, texts in enumerate(names):
                group[f"{axis}_level{i}"] = np.array(texts, dtype="S20")
                group[f"{axis}_label{i}"] = np.array(codes[axis][i], dtype=np.int8)
        group["block0_values"] = VALUES if transposed else VALUES.T
        group["block0_values"].attrs["transposed"] = transposed
        change(group)
    return path


@pytest.mark.parametrize("transposed", [0, 1])
def test_the_fixed_layout_is_read_either_way_round(tmp_path, transposed):
    table = read_deeplabcut_h5(write_fixed(tmp_path / "a.h5", transposed=transposed))
    assert table.rows == ("labeled-data/s/0.png", "labeled-data/s/1.png")
    assert [(c.scorer, c.keypoint, c.coordinate) for c in table.columns] == NAMES
    np.testing.assert_array_equal(table.values, VALUES)


def put(name, value):
    def change(group):
        del group[name]
        group[name] = value

    return change


def set_attribute(name, value):
    def change(group):
        group.attrs[name] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        put("axis1_label2", np.array([0, 9], dtype=np.int8)), put("axis1_label2", np.array([0, -1], dtype=np.int8)),
        put("block0_values", np.zeros((3, 4))), put("axis1_level2", np.array([0.5, 1.5])),
        set_attribute("axis1_nlevels", 99), set_attribute("nblocks", 0), set_attribute("nblocks", "x"),
    ],
)  # fmt: skip
def test_a_damaged_fixed_layout_is_refused(tmp_path, change):
    with pytest.raises(PoseError) as caught:
        read_deeplabcut_h5(write_fixed(tmp_path / "a.h5", change))
    assert caught.value.code == "labels.unreadable_h5"


def test_flipped_bytes_never_crash_the_reader(tmp_path):
    data = write_table(tmp_path / "a.h5").read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        broken = bytearray(data)
        for place in rng.integers(0, len(data), 8):
            broken[place] = rng.integers(256)
        (tmp_path / "b.h5").write_bytes(broken)
        try:
            read_deeplabcut_h5(tmp_path / "b.h5")
        except PoseError:
            refused += 1
    assert refused > 0


def test_a_table_in_huge_pieces_is_refused(tmp_path):
    kind = np.dtype([("index", "S20"), ("values_block_0", "<f8", (4,))])
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("df_with_missing")
        group.create_dataset("table", shape=(10,), maxshape=(None,), dtype=kind, chunks=(50_000_000,))
    with pytest.raises(PoseError, match="huge pieces"):
        read_deeplabcut_h5(tmp_path / "a.h5")
