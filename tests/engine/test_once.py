"""What a process has one of is made once, whoever asks."""

import threading
import time

from pipeline.engine.once import once


def test_threads_that_ask_at_the_same_time_get_the_same() -> None:
    gate = threading.Barrier(8)
    got: list[object] = []

    @once
    def make(name: str) -> object:
        time.sleep(0.01)
        return [name]

    def ask() -> None:
        gate.wait()
        got.append(make("a"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in got}) == 1


def test_other_arguments_get_another() -> None:
    made = once(lambda name: [name])
    assert made("a") is made("a")
    assert made("b") == ["b"]
