// The order of words for people: letters before accents before case, as `localeCompare` tells it.

(() => {
  const { normalize, toLowerCase } = String.prototype;
  const MARKS = /\p{M}/gu, RUNS = /\d+|\D/gu;
  const rank = point => (point >= 48 && point <= 57 ? 1 : /\p{L}/u.test(String.fromCodePoint(point)) ? 2 : 0) * 0x110000 + point;

  function compareBases(a, b, numeric) {
    const ones = a.match(RUNS) ?? [], others = b.match(RUNS) ?? [];
    for (let i = 0; i < ones.length && i < others.length; i++) {
      const by = compareRuns(ones[i], others[i], numeric);
      if (by !== 0) return by;
    }
    return ones.length - others.length;
  }

  function compareRuns(one, other, numeric) {
    if (one === other) return 0;
    const areNumbers = /^\d/.test(one) && /^\d/.test(other);
    if (!areNumbers) return rank(one.codePointAt(0)) - rank(other.codePointAt(0));
    if (numeric) return Number(one) - Number(other);
    return one < other ? -1 : 1;
  }

  const plainly = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

  return (self, other, locales, { numeric = false, sensitivity = "variant" } = {}) => {
    const [a, b] = [`${self}`, `${other}`].map(text => apply(normalize, text, ["NFD"]));
    const [low, lower] = [a, b].map(text => apply(toLowerCase, text, []));
    const by = compareBases(low.replace(MARKS, ""), lower.replace(MARKS, ""), numeric)
      || (sensitivity === "variant" || sensitivity === "accent" ? plainly(low, lower) : 0)
      || (sensitivity === "variant" || sensitivity === "case" ? -plainly(a.replace(MARKS, ""), b.replace(MARKS, "")) : 0);
    return Math.sign(by) || 0;
  };
})()
