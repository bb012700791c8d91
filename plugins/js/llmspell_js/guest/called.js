// Names what a spell called that is no function, or read a field of that is nothing: the VM tells only a place in the line.

(() => {
  const sourceOf = Function.prototype.toString;
  const NAME = String.raw`[\p{IDC}$]+`, MEMBERS = String.raw`(?:\??\.${NAME}|\[[^[\]]*\])*`;
  const OWNERS = new RegExp(String.raw`(?:(?:${NAME}|[)\]}'"])\??\.)*$`, "u");
  const CALLED = new RegExp(String.raw`^${NAME}${MEMBERS}(?=\s*(?:\?\.)?[(\x60])`, "u");
  const BEFORE = new RegExp(String.raw`((?:(?:${NAME}|[)\]}'"])\??\.)*)(${NAME}(?:\[[^[\]]*\])*)(?:\?\.)?\s*$`, "u");
  const NAMED = new RegExp(String.raw`(?<!\p{IDC})[\p{IDS}$]`, "u");
  const WORDS = new Set("async await case catch delete do else for function if in instanceof new of return switch throw typeof void while with yield".split(" "));
  const STRINGS = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g;
  const MOST = 4000, LONGEST = 200;   // characters of the source that are looked at, to each side, and of a name

  // Tells what a TypeError means by "not a function".
  function called(error) {
    const [top] = String(apply(nativeStack, error, [])).split("\n"), at = /<input>:(\d+):(\d+)\)?$/.exec(top);
    if (at === null) return `what ${/^\s+at ([\w.]+) \(native\)$/.exec(top)?.[1] ?? "was called"} was given is not a function`;
    const names = namesAt(Number(at[1]), Number(at[2]));
    if (names.length === 0) return "not a function; an `await` may be missing before a call";
    const [one, other] = names.map(([owners, name]) => owners + name);
    return `${other === undefined ? one : `${one}, or ${other},`} is not a function${cureOf(...names[0])}`;
  }

  // What a call of a bridge answers is a promise, which has none of the methods of what it promises.
  function cureOf(owners, name) {
    const [owner] = owners.split(/[.?]/, 1);
    if (owners === "" || hasOwn(globalThis, owner)) return "";
    return `; an \`await\` may be missing${owners.startsWith("(") ? `: (await ...).${name}()` : ` where ${owner} comes from`}`;
  }

  // Returns what may have been called at a place in the program, each as what it is read of and its name. The place is
  // that of the last name in the call: what is called, or in what it is given.
  function namesAt(line, column) {
    const i = starts.findLastIndex(each => line >= each[1]), body = program[i]?.findLast(part => typeof part === "function");
    if (body === undefined) return [];
    const first = line === starts[i][1];
    if (first && program[i][0] !== "plain") return [];
    const lines = String(apply(sourceOf, body, [])).split("\n"), row = line - starts[i][1];
    // A file begins where its function does, after what tells its kind.
    const from = indexOf(lines[row] ?? "", column - 1 - (first ? (i === 0 ? 1 : 0) + '["plain",'.length : 0));
    const left = [...lines.slice(0, row), lines[row]?.slice(0, from)].join("\n").slice(-MOST);
    const right = [lines[row]?.slice(from), ...lines.slice(row + 1)].join("\n").slice(0, MOST);
    const text = left + right, masked = text.replace(STRINGS, string => "'".padEnd(string.length - 1, " ") + "'");
    return found(text, masked, left.length).filter(([owners, name]) => {
      return !name.startsWith("$$") && (owners !== "" || typeof getDescriptor(globalThis, name)?.value !== "function");
    });
  }

  function found(text, masked, at) {
    const called = CALLED.exec(masked.slice(at))?.[0] ?? "", isCalled = called !== "" && !WORDS.has(called);
    const here = [shown(OWNERS.exec(masked.slice(Math.max(0, at - LONGEST), at))[0]), text.slice(at, at + called.length)];
    if (!isCalled) return around(text, masked, at);
    // With no name after it in what another call is given, that one may be meant.
    const after = masked.slice(at + called.length), rest = after.slice(0, closing(after, 0));
    const others = rest.slice((closing(rest, rest.search(/[(\x60]/) + 1) ?? 0) + 1);
    return NAMED.test(others) && !/=>|\bfunction\b/.test(others) ? [here] : [here, ...around(text, masked, at)];
  }

  // Returns the innermost call that the place is in the arguments of.
  function around(text, masked, place) {
    for (let at = place - 1, depth = 0; at >= 0; at--) {
      const character = masked[at];
      if (")]}".includes(character)) depth++;
      else if ("([{".includes(character) && --depth < 0) {
        depth = 0;
        const start = Math.max(0, at - LONGEST), before = masked.slice(start, at), call = character === "(" ? BEFORE.exec(before) : null;
        if (character === "{" && /(?:=>|\))\s*$/.test(before)) return [];
        if (call !== null && !WORDS.has(call[2]) && !call[1].concat(call[2]).startsWith("$$")) {
          const from = start + call.index + call[1].length;
          return [[shown(call[1]), text.slice(from, from + call[2].length)]];
        }
      } else if (character === ";" && depth === 0) return [];
    }
    return [];
  }

  // Returns where what is open at an index is closed.
  function closing(text, from) {
    let depth = 0;
    for (let at = from; at < text.length; at++) {
      if ("([{".includes(text[at])) depth++;
      else if (")]}".includes(text[at]) && depth-- === 0) return at;
    }
    return undefined;
  }

  const shown = owners => owners.replace(/^[)\]}'"]/, "(...)");

  // Returns the index in a text of what follows so many bytes of UTF-8.
  function indexOf(text, bytes) {
    let index = 0;
    for (const character of text) {
      if (bytes <= 0) break;
      const point = character.codePointAt(0);
      bytes -= point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      index += character.length;
    }
    return index;
  }

  // Returns what the field was read of, where its line tells.
  function readOf(error, name) {
    const place = frames(error)[0], i = starts.findIndex(([file]) => file === place?.[1]);
    const body = program[i]?.findLast(part => typeof part === "function");
    if (body === undefined) return undefined;
    const line = String(apply(sourceOf, body, [])).split("\n")[place[2] - 1]?.replace(/^\(?async function[^{]*\{/, "").slice(0, MOST / 10) ?? "";
    const field = RegExp.escape(name), form = String.raw`(${NAME}${MEMBERS})?(?:\.${field}(?!\p{IDC})|\[\s*['"]?${field}['"]?\s*\])`;
    const owners = new Set(Array.from(line.matchAll(new RegExp(form, "gu")), ([, owner]) => owner));
    return owners.size === 1 ? [...owners][0] : undefined;
  }

  return { called, readOf };
})()
