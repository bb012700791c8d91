// The order of words for people: letters before accents before case, as `localeCompare` tells it.

(() => {
  const { normalize, toLowerCase } = String.prototype;
  const MARKS = /\p{M}/gu, RUNS = /\d+|\D/gu, LETTER = /\p{L}/u, DIGIT = /^\d/;
  const MOST = 10_000;                // texts that are kept as they are compared
  const kept = new Map();

  const rank = point => (point >= 48 && point <= 57 ? 1 : LETTER.test(String.fromCodePoint(point)) ? 2 : 0) * 0x110000 + point;

  // Returns what a text is compared by: its letters, each as a number, runs of digits as text; then its accents; then its case.
  function keyOf(text) {
    const known = kept.get(text);
    if (known !== undefined) return known;
    if (kept.size >= MOST) kept.clear();
    const apart = apply(normalize, text, ["NFD"]), accents = apply(toLowerCase, apart, []);
    const letters = (accents.replace(MARKS, "").match(RUNS) ?? []).map(run => (DIGIT.test(run) ? run : rank(run.codePointAt(0))));
    const key = { letters, accents, letterCase: apart.replace(MARKS, "") };
    kept.set(text, key);
    return key;
  }

  function compareLetters(ones, others, numeric) {
    for (let i = 0; i < ones.length && i < others.length; i++) {
      const by = ones[i] === others[i] ? 0 : compareRuns(ones[i], others[i], numeric);
      if (by !== 0) return by;
    }
    return ones.length - others.length;
  }

  function compareRuns(one, other, numeric) {
    if (typeof one === "string" && typeof other === "string") return numeric ? Number(one) - Number(other) : plainly(one, other);
    return rankOf(one) - rankOf(other);
  }

  const rankOf = run => (typeof run === "string" ? rank(run.codePointAt(0)) : run);
  const plainly = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  return (self, other, locales, { numeric = false, sensitivity = "variant" } = {}) => {
    const a = keyOf(`${self}`), b = keyOf(`${other}`);
    const by = compareLetters(a.letters, b.letters, numeric)
      || (sensitivity === "variant" || sensitivity === "accent" ? plainly(a.accents, b.accents) : 0)
      || (sensitivity === "variant" || sensitivity === "case" ? plainly(b.letterCase, a.letterCase) : 0);
    return Math.sign(by);
  };
})()
