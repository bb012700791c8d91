// The console: its lines go to the host, each with a level.

(() => {
  let indent = "";
  const counts = new Map(), times = new Map();
  const write = (level, args) => {
    const text = showAll(args);
    say(`${indent === "" ? text : indent + text.replaceAll("\n", `\n${indent}`)}\n`, level);
  };
  const at = level => (...args) => write(level, args);
  const log = at("info"), error = at("error"), warn = at("warn");
  const group = (...args) => {
    if (args.length !== 0) log(...args);
    indent += "  ";
  };
  const tellTime = (label, ...rest) => log(`${label}: ${((now - (times.get(label) ?? now)) * 1000).toFixed(3)}ms`, ...rest);
  return {
    console: {
      group, groupCollapsed: group, log, info: at("info"), warn, error, debug: at("debug"), table: log, dirxml: log,
      dir: value => log(value),
      write: text => say(`${text}`, "info"),
      trace: (...args) => {
        const trace = traceOf(frames(new NativeError()));
        write("error", [`Trace: ${formatAll(args)}\n${trace}`]);
      },
      assert: (truth, ...args) => {
        if (!truth) error(args.length === 0 ? "Assertion failed" : `Assertion failed: ${formatAll(args)}`);
      },
      groupEnd: () => { indent = indent.slice(2); },
      count: (label = "default") => {
        const count = (counts.get(label) ?? 0) + 1;
        counts.set(label, count);
        log(`${label}: ${count}`);
      },
      countReset: (label = "default") => { counts.delete(label); },
      time: (label = "default") => { times.set(label, now); },
      timeLog: (label = "default", ...rest) => tellTime(label, ...rest),
      timeEnd: (label = "default") => {
        tellTime(label);
        times.delete(label);
      },
    },
  };
})()
