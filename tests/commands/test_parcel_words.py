"""`minqing parcels` understands what it is told, and does it as the person named."""

from __future__ import annotations

import contextlib

import pytest
from django.utils import timezone

from minqing import cli
from minqing.commands import parcelling
from minqing.gateways import parcels as gateway
from minqing.gateways.parcels.fake import County
from minqing.service.actions import parcels
from minqing.service.models import Parcel
from tests.service.test_parcels import CODE, THEIR_ERRAND, THEIRS, door, errand, packed, partner, scan

__all__ = ["door"]


@pytest.mark.parametrize(("words", "verb"), [(["send", "--as", "min"], "send"), (["send", "--folder", "out", "--as", "min"], "send"), (["receive", "in", "--as", "zong"], "receive"), (["card"], "card"), (["partner", "refuse"], "partner")])
def test_words(words, verb):
    assert cli.parser().parse_args(["parcels", *words]).verb == verb


@pytest.mark.parametrize("words", [["send"], ["receive"], ["partner", "shout"], ["post"]])
def test_what_it_does_not_know_is_refused(words):
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["parcels", *words])


def test_send_and_receive_go_through_the_same_actions(world, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(parcelling, "acting_as", contextlib.contextmanager(lambda name, purpose: (yield from _as(world, name))))
    with County(THEIRS, CODE, parcels.own_card()) as county:
        partner(world, county.url)
        first, second = (packed(world, errand(world), at=timezone.now()) for _n in range(2))
        county.settle = "done"

        def run(*words: str) -> int:
            return parcelling.parcels(cli.parser().parse_args(["parcels", *words]))

        assert run("send", "--folder", str(tmp_path / "out"), "--as", "敏") == 0
        assert len(list((tmp_path / "out").glob("*.zip"))) == 2
        with world.acting("敏"):
            Parcel.objects.filter(pk=first.pk).update(state="packed")
        assert run("send", "--as", "敏") == 0, "one is packed, the other waits for its receipt"
        assert list(county.letters) == [first.pk] and "编号 MN2600001" in capsys.readouterr().out
        county.broken = True
        with world.acting("敏"):
            Parcel.objects.filter(pk=second.pk).update(state="packed")
        assert run("send", "--as", "敏") == 3
        county.broken = False
        assert run("receive", "--as", "敏") == 0
        with world.acting("敏"):
            assert Parcel.objects.get(pk=first.pk).state == "done", "collected from the other county"
        (tmp_path / "in.zip").write_bytes(county.hand_over(THEIR_ERRAND, (scan(),)))
        assert run("receive", str(tmp_path / "in.zip"), "--as", "总") == 0
        assert run("receive", str(tmp_path / "in.zip"), "--as", "总") == 0, "the same again is known"
        assert [x.content["state"] for x in county.letters.values() if x.kind == gateway.STATUS] == ["received"]


def _as(world, name):
    with world.acting(name) as me:
        yield me
