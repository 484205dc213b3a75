import io

from rich.console import Console

from tailbase.outline import show


def _shown(**values: object) -> list[str]:
    console = Console(file=io.StringIO(), width=60)
    show(console, values)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def test_single_values_and_lists_of_them_are_lines() -> None:
    assert _shown(model="mouse [1]", error_px=4.12345, frames=[1, 5], missing=None, notes=[]) == [
        "model: mouse [1]",
        "error_px: 4.123",
        "frames: 1 5",
        "missing: none",
        "notes: none",
    ]


def test_things_that_are_alike_are_a_table() -> None:
    lines = _shown(per_keypoint={"nose": {"points": 3, "mean_px": 1.5}, "tail": {"points": 12, "mean_px": None}})
    assert [line.split() for line in lines] == [
        ["per_keypoint:"],
        ["points", "mean_px"],
        ["nose", "3", "1.5"],
        ["tail", "12", "none"],
    ]


def test_what_holds_other_things_is_indented() -> None:
    assert _shown(predictions=[{"video": "a", "summary": {"frames": 7}}]) == [
        "predictions:",
        "  1:",
        "    video: a",
        "    summary:",
        "      frames: 7",
    ]


def test_a_long_line_is_not_broken() -> None:
    path = "/".join(["folder"] * 30)
    assert _shown(file=path, inside={"file": path}) == [f"file: {path}", "inside:", f"  file: {path}"]
