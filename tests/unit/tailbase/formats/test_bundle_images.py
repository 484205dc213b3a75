import json

from PIL import Image

from tailbase.formats.bundle_images import browser_image


def test_an_image_gets_a_thumbnail_and_its_size(drawn, tmp_path):
    drawn.save(tmp_path / "images/s 1/a.png", drawn.picture(1).repeat(3, axis=1))
    shown = browser_image("s 1/a.png", tmp_path)
    assert shown == {"file": "images/s 1/a.png", "thumbnail": "thumbnails/s 1/a.png.jpg", "width": 480, "height": 120}
    assert json.dumps(shown)
    with Image.open(tmp_path / shown["thumbnail"]) as small:
        assert small.size == (256, 64)


def test_a_format_that_browsers_lack_gets_a_png_beside_it(drawn, tmp_path):
    drawn.save(tmp_path / "images/a.tif", drawn.picture(1))
    shown = browser_image("a.tif", tmp_path)
    assert shown["file"] == "images/a.tif.png"
    with Image.open(tmp_path / shown["file"]) as image:
        assert image.format == "PNG"


def test_a_damaged_image_is_shown_as_nothing(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a.png").write_bytes(b"nothing")
    assert browser_image("a.png", tmp_path) is None
