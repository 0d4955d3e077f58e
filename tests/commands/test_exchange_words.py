"""`minqing exchange` understands what it is told."""

from __future__ import annotations

import pytest

from minqing import cli


@pytest.mark.parametrize(("words", "verb", "path"), [(["exchange", "receive", "in", "--as", "zong"], "receive", "in"), (["exchange", "reply", "--as", "zong", "--system", "platform"], "reply", None)])
def test_words(words, verb, path):
    options = cli.parser().parse_args(words)
    assert (options.verb, str(options.path) if options.path else None) == (verb, path)


def test_a_system_we_do_not_know_is_refused():
    with pytest.raises(SystemExit):
        cli.parser().parse_args(["exchange", "receive", "--as", "zong", "--system", "14345"])
