"""One run of the engine over each sample, shared by the tests of this folder."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from minqing.gather.engine import exporting, pipeline, store
from minqing.gather.engine.__main__ import gazetteer

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
TODAY = datetime.date(2026, 11, 21)
AS_OF = datetime.date(2026, 10, 31)

Gather = Callable[..., store.Workspace]


def files_of(sample: str, target: Path) -> Path:
    """The departments' files of a sample, without its truth."""
    shutil.copytree(SAMPLES / sample, target, ignore=shutil.ignore_patterns("truth", "README*"))
    return target


@pytest.fixture(scope="session")
def gather() -> Gather:
    """Run the engine: `gather(folder_of_files, work_folder, within=…)`."""
    names = gazetteer

    def run(files: Path, work: Path, *, within: str = "330881", today: datetime.date = TODAY, as_of: datetime.date = AS_OF, **more: object) -> store.Workspace:
        prepare = more.pop("prepare", None)
        progress = more.pop("progress", lambda step, detail: None)
        batch = pipeline.Batch(roots=(files,), folder=work, within=within, today=today, as_of=as_of, gazetteer=names(), **more)
        return pipeline.run(batch, prepare=prepare, progress=progress)

    return run


def _sample(name: str, within: str, gather: Gather, folder: Path) -> Iterator[tuple[store.Workspace, Path]]:
    work = gather(files_of(name, folder / "files"), folder / "work", within=within)
    out = folder / "out"
    exporting.run(work, out)
    yield work, out
    work.close()


@pytest.fixture(scope="session")
def pengli(gather: Gather, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[store.Workspace, Path]]:
    """彭里村: (workspace, folder of the exported result)."""
    yield from _sample("penglicun", "330881", gather, tmp_path_factory.mktemp("pengli"))


@pytest.fixture(scope="session")
def nasty(gather: Gather, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[store.Workspace, Path]]:
    """龙游, the nastier county."""
    yield from _sample("nastycounty", "330825", gather, tmp_path_factory.mktemp("nasty"))


@pytest.fixture(scope="session")
def wild(gather: Gather, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[store.Workspace, Path]]:
    """常山, drawn by chance."""
    yield from _sample("wildcounty", "330822", gather, tmp_path_factory.mktemp("wild"))
