"""Who speaks for an agent, and for all that it may hand a conversation to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.home import slug
from llmspell_bridges.agent.memory import Keep, Memory
from llmspell_bridges.agent.script import ScriptSpeaker
from llmspell_bridges.agent.speaker import ModelSpeaker
from llmspell_core.errors import BadArgument

if TYPE_CHECKING:
    from llmspell_bridges.agent.home import Home
    from llmspell_bridges.agent.loop import Speaker, Tell
    from llmspell_bridges.agent.profile import Profile
    from llmspell_bridges.llm.records import Options

__all__ = ["Speakers"]


class Speakers:
    """Makes speakers for one run, each agent's once, so that agents may hand over in circles.

    :param options: what the run says of models, before what each agent says
    :param context: what each model is told beside its system text
    :param tell: is told the text that is written, piece by piece
    """

    def __init__(self, home: Home, options: Options, context: Any, tell: Tell | None) -> None:
        self._home, self._options, self._context, self._tell = home, options, context, tell
        self._made: dict[str, Speaker] = {}

    async def of(self, profile: Profile, memory: Memory) -> Speaker:
        """Return who speaks for an agent.

        :raises ToolNotFound: when it has a tool that is not there
        :raises UnknownAgent: when it may hand over to one that is not there
        :raises BadArgument: when a model could not tell two of those apart
        """
        speaker = self._made[profile.name] = await self._make(profile, memory)
        for given in profile.handoffs:
            other = self._home.agent(given).profile
            if other.name not in self._made:
                await self.of(other, Memory(other.keep or Keep()))
            heir, name = self._made[other.name], slug(other.name, "transfer_to_")
            if speaker.heirs.setdefault(name, heir) is not heir:
                problem = (
                    f"two are called {name!r} for a model, {speaker.heirs[name].name!r} and {other.name!r}; rename one"
                )
                raise BadArgument("agent", None, "handoffs", problem)
        return speaker

    def options(self, profile: Profile) -> Options:
        """Return what holds for an agent's model in this run."""
        return self._options.over(profile.options).over(self._home.defaults())

    async def _make(self, profile: Profile, memory: Memory) -> Speaker:
        if profile.function is not None:
            return ScriptSpeaker(
                self._home, profile.name, profile.description, profile.function, self._context, self._tell
            )
        toolbox = await self._home.toolbox(profile.tools)
        return ModelSpeaker(self._home, profile, self.options(profile), memory, toolbox, self._context, self._tell)
