// Places in values: `users[0].name`, or a list of keys.

(() => {
  const { refuse, expectList, expectText, isPlain, nameOf, define } = lazy("library/shapes"), { pathOf } = lazy("lower");
  const STEP = /\[(\d+)\]|\["([^"]*)"\]|\.?([^.[\]]+)/y;

  function refusePath(path) {
    refuse(`the path ${stringify(path)} is none; write names with dots, positions and odd names in brackets: a.b[0]["c d"]`);
  }

  // Returns the steps of a path: text for names, numbers for what stands in brackets.
  function parsed(path) {
    const steps = [];
    let at = path.startsWith("$") ? 1 : 0;
    while (at < path.length) {
      STEP.lastIndex = at;
      const found = STEP.exec(path);
      if (found === null || found[3] !== undefined && (at !== 0) !== found[0].startsWith(".")) refusePath(path);
      const [text, position, odd, name] = found;
      steps.push(position !== undefined ? Number(position) : odd ?? name);
      at += text.length;
    }
    return steps;
  }

  function stepsOf(path, name) {
    if (typeof path === "string") return parsed(path);
    const steps = [];
    for (const step of expectList(path, name)) {
      if (typeof step === "number" && !(step >= 0 && step % 1 === 0)) refuse(`${name}: a position in a list of keys is a whole number from 0 on, not ${step}`);
      steps.push(typeof step === "number" ? step : expectText(step, name));
    }
    return steps;
  }

  // Returns the key of a step in a container, or nothing where it has no such place.
  function keyIn(container, step) {
    if (!isArray(container)) return String(step);
    return typeof step === "number" ? step : /^\d+$/.test(step) ? Number(step) : undefined;
  }

  // Returns what a container has at a step, or nothing where it has nothing or is none.
  function stepInto(container, step) {
    const key = isPlain(container) ? keyIn(container, step) : undefined;
    return key !== undefined && hasOwn(container, key) ? container[key] : undefined;
  }

  // Returns what is at a place, or the default where nothing is.
  function get(value, path, otherwise) {
    for (const step of stepsOf(path, "getPath")) value = stepInto(value, step);
    return value ?? otherwise;
  }

  function shown(path, key) {
    return typeof key === "number" ? `${path}[${key}]` : pathOf(path, key);
  }

  function checkPlace(container, key, path) {
    if (key === undefined) refuse(`${path} is a list: its places are numbers`);
    if (typeof key === "number" && !(key >= 0 && key <= container.length)) refuse(`${path} has ${container.length} items: nothing can be put at [${key}]`);
    return key;
  }

  const containerFor = step => (typeof step === "number" ? [] : {});

  // Puts something at a place of a value, with the lists and maps that lead there, and returns the value.
  function set(value, path, made) {
    const steps = stepsOf(path, "setPath");
    if (steps.length === 0) return made;
    const root = value ?? containerFor(steps[0]);
    let container = root, at = "$";
    steps.forEach((step, i) => {
      if (!isPlain(container)) refuse(`${at} is ${nameOf(container)}, in which nothing can be put`);
      const key = checkPlace(container, keyIn(container, step), at), isLast = i === steps.length - 1;
      if (isLast) define(container, key, made ?? null);
      else if (!hasOwn(container, key) || container[key] == null) define(container, key, containerFor(steps[i + 1]));
      container = container[key];
      at = shown(at, key);
    });
    return root;
  }

  return { get, set, shown, stepInto };
})()
