// Which lines of the program's files run: each is told once. A file's bytes are 0 by line, 1 once that has run, and 3 once it was told.

(table, names) => {
  const { stringify, parse } = JSON;
  const files = parse(names).map((name, index) => [name, table[index][table[index].length - 1]]).filter(([, ran]) => ran instanceof Uint8Array);

  function newLines(ran) {
    const lines = [];
    for (let line = ran.indexOf(1); line !== -1; line = ran.indexOf(1, line + 1)) {
      ran[line] = 3;
      lines.push(line);
    }
    return lines;
  }

  return () => {
    const told = [];
    for (const [name, ran] of files) {
      const lines = newLines(ran);
      if (lines.length !== 0) told.push(stringify(["ran", name, lines]));
    }
    return told.join(",");
  };
};
