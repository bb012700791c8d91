"""An agent that is written in the spell: a function has the word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_bridges.agent.loop import Course, Speaker, Used
from llmspell_bridges.agent.messages import as_records, as_text, content_of
from llmspell_bridges.llm.models import Reply
from llmspell_bridges.llm.passing import as_conversation

if TYPE_CHECKING:
    from llmspell_bridges.agent.home import Home
    from llmspell_bridges.agent.loop import Tell
    from llmspell_bridges.llm.models import ToolCall
    from llmspell_core.values import Function

__all__ = ["ScriptSpeaker"]


class ScriptSpeaker(Speaker):
    """Calls a function with what was asked and ``{agent, history, context}``.

    What it returns is the answer: a text; ``{text, output}``; or any other value, which is the output.
    """

    def __init__(
        self, home: Home, name: str, description: str, function: Function, context: Any, tell: Tell | None
    ) -> None:
        super().__init__(name, description)
        self._home, self._function, self._context, self._tell = home, function, context, tell

    async def ask(self, course: Course) -> Reply:
        """Return what the function returns."""
        asked = next((i for i in reversed(range(len(course.messages))) if course.messages[i].role == "user"), 0)

        async def do(arguments: dict[str, Any]) -> Any:
            messages = as_conversation(arguments.get("messages"))
            history: Any = as_records(messages[:asked])
            about = {"agent": self.name, "history": history, "context": self._context}
            return await self._function(content_of(messages[asked]) if messages[asked:] else "", about)

        seen = {"messages": list(course.messages), "tools": [], "turn": course.turns}
        text, course.output = _read(await self._home.context.points.act("agent_turn", self.name, seen, do))
        if self._tell is not None and text:
            await self._tell({"type": "text", "text": text})
        return Reply(text, "", cost=0.0)

    async def use(self, call: ToolCall) -> Used:
        """Return that there is no such tool: a function calls its tools by itself."""
        return Used(f"error: there is no tool {call.name!r}", ok=False)

    async def fault(self, course: Course) -> None:
        """Take what the function says."""
        return


def _read(value: Any) -> tuple[str, Any]:
    if isinstance(value, Reply):
        return value.text, None
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return value["text"], value.get("output")
    return as_text(value) if value is not None else "", None if isinstance(value, str) else value
