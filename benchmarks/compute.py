"""CPU-bound spells beside the same source in the bare VM."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks.timing import Figure
from llmspell_core.runner import Runner

LUA = {
    "fib": """
        local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
        return fib(27)""",
    "sieve": """
        local n, c, p = 1000000, 0, {}
        for i = 2, n do p[i] = true end
        for i = 2, n do
          if p[i] then c = c + 1 for j = i * i, n, i do p[j] = false end end
        end
        return c""",
    "string building": """
        local t = {}
        for i = 1, 200000 do t[#t + 1] = string.format('%d:%s', i, 'x') .. tostring(i) end
        return #table.concat(t)""",
    "table sort": """
        local t, x = {}, 42
        for i = 1, 100000 do x = (x * 1103515245 + 12345) % 2147483648 t[i] = x end
        table.sort(t)
        return t[1]""",
}
JS = {
    "fib": """
        function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }
        return fib(24)""",
    "sieve": """
        const n = 300000, p = new Array(n + 1).fill(true); let c = 0;
        for (let i = 2; i <= n; i++) if (p[i]) { c++; for (let j = i * i; j <= n; j += i) p[j] = false }
        return c""",
    "string building": """
        const t = [];
        for (let i = 0; i < 100000; i++) t.push(`${i}:x` + String(i));
        return t.join('').length""",
    "table sort": """
        const t = []; let x = 42;
        for (let i = 0; i < 50000; i++) { x = (x * 1103515245 + 12345) % 2147483648; t.push(x) }
        t.sort((a, b) => a - b);
        return t[0]""",
}


def figures() -> Iterator[Figure]:
    yield from _compare("lua", LUA, bare_lua)
    yield from _compare("js", JS, bare_js)


def bare_lua(source: str) -> float:
    from lupa.lua54 import LuaRuntime

    run = LuaRuntime().eval(f"function() {source} end")
    began = time.perf_counter()
    run()
    del run  # and the VM with it: a cast's duration includes closing its own
    return time.perf_counter() - began


def bare_js(source: str) -> float:
    import quickjs

    run = quickjs.Context().eval(f'(() => {{ "use strict"; {source} }})')
    began = time.perf_counter()
    run()
    del run
    return time.perf_counter() - began


def _compare(engine: str, sources: dict[str, str], bare: Callable[[str], float]) -> Iterator[Figure]:
    with Runner(bridges={}, isolation="inline") as runner:
        empty = min(runner.cast("return 1", engine=engine).duration for _ in range(9))
        for name, source in sources.items():
            times = [(runner.cast(source, engine=engine).duration - empty, bare(source)) for _ in range(11)]
            ours, peer = min(time for time, _ in times), min(time for _, time in times)
            yield Figure(f"{engine}: {name}", ours * 1e3, "ms", "within 5 %", peer * 1e3)
