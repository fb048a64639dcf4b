"""Implements the interface python of wit/chain.wit."""

import wit_world.exports
from wit_world.imports import js


class Python(wit_world.exports.Python):
    def say(self, text: str) -> str:
        return js.say(f"{text} Python")
