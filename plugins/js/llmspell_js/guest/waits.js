// Where promises are waited for: kept only in a run that is told again, to find out where it waits for ever.

(() => {
  // Notes where a promise is waited for, until it is settled.
  function note(promise) {
    const wait = { site: new NativeError() }, forget = () => { waits.delete(wait); };
    waits.add(wait);
    apply(nativeThen, promise, [forget, forget]);
  }

  // Returns the places where something is waited for that nobody can bring about, as the end of a sentence.
  function text() {
    const places = new Set();
    for (const { site } of waits) {
      const place = firstOf(frames(site));
      if (place !== undefined && places.size < 10) places.add(`${place[1]}:${place[2]}`);
    }
    return places.size === 0 ? "" : `; it waits at ${[...places].join(", ")}`;
  }

  return { note, text };
})()
