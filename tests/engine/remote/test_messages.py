"""The classes of messages, which threads use at the same time."""

import gc
import weakref

import pytest

from pipeline.engine.cache.remote.messages import message


@pytest.mark.parametrize("name", ["UpdateBlob", "ReadBlob", "WriteRequest"])
def test_a_class_is_made_once_and_stays(name: str) -> None:
    """If the last reference to one goes while another thread makes it, protobuf may crash."""
    first = weakref.ref(message(name))
    gc.collect()
    assert first() is message(name)
