"""Whatever bytes come as a photo, they are drawn anew or refused with a sentence: never a fault, which a phone would send again for ever."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from minqing.service.actions import enclosures
from minqing.service.refusals import Missing


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow says what it skips
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photo_whose_words_of_its_camera_are_damaged_is_drawn_anew_or_refused(form):
    out, exif, chance, drawn = io.BytesIO(), Image.Exif(), random.Random(form), 0
    exif[0x0112], exif[0x010F] = 6, "Maker"
    exif.get_ifd(0x8825)[1] = "N"
    Image.effect_noise((40, 30), 60).convert("RGB").save(out, form, exif=exif)
    whole = out.getvalue()
    at = max(whole.find(b"MM\x00*"), whole.find(b"II*\x00"))
    assert at > 0
    for n in range(600):
        damaged = bytearray(whole)
        for _ in range(1 + n % 3):
            damaged[chance.randrange(at, at + 60) if n % 4 else chance.randrange(8, len(whole))] = chance.randrange(256)
        try:
            kept = enclosures.check("photo", "照片", bytes(damaged))
        except Missing:
            continue
        drawn += 1
        with Image.open(io.BytesIO(kept.content)) as picture:
            assert picture.format == "JPEG" and not picture.getexif()
    assert drawn > 100
