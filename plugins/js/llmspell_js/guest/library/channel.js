// The module `channel`: values handed from task to task, waiting where nobody takes or gives them yet.

(() => {
  const { refuse, expect, expectNumber, nameOf } = lazy("library/shapes"), { checkSeconds, optionsOf } = lazy("promise");
  const refuseClosed = () => {
    throw new SpellError("the channel is closed: nothing can be sent to it", { kind: "closed" });
  };

  class Queue {
    #items = [];
    #first = 0;

    get size() { return this.#items.length - this.#first; }
    get front() { return this.#items[this.#first]; }
    push(item) { this.#items.push(item); }
    pop() {
      if (this.size === 0) return undefined;
      const item = this.#items[this.#first];
      this.#items[this.#first++] = undefined;
      if (this.#first > 32 && this.#first * 2 > this.#items.length) this.#items = this.#items.slice(this.#first), this.#first = 0;
      return item;
    }
  }

  // A turn is what a task waits for; one that selects has a place in several queues.
  function newTurn() {
    const turn = withResolvers();
    turn.scope = scope;
    turn.over = false;
    if (waits !== null) lazy("waits").note(turn.promise);
    return turn;
  }

  const isGone = ({ turn }) => turn.over || stopOf(turn.scope) !== null;

  function nextWaiter(queue) {
    let place = queue.pop();
    while (place !== undefined && isGone(place)) place = queue.pop();
    return place;
  }

  function takePlace(queue, place) {
    while (queue.size !== 0 && isGone(queue.front)) queue.pop();
    queue.push(place);
  }

  function endTurn(place, fields) {
    place.turn.over = true;
    place.turn.resolve({ __proto__: null, place, ...fields });
  }

  function endAll(queue, fields) {
    for (let place = nextWaiter(queue); place !== undefined; place = nextWaiter(queue)) endTurn(place, fields);
  }

  // Gives a value to whoever waits for one, or keeps it where there is room; false where it has to wait.
  function trySend(state, value) {
    if (state.closed) refuseClosed();
    const taker = nextWaiter(state.takers);
    if (taker !== undefined) endTurn(taker, { value, open: true });
    else if (state.buffer.size < state.capacity) state.buffer.push(value);
    else return false;
    return true;
  }

  // Returns a value; nothing where the channel is closed and empty, or no value is there yet.
  function tryReceive(state) {
    let value = state.buffer.pop();
    const giver = nextWaiter(state.givers);
    if (giver !== undefined) {
      endTurn(giver, {});
      if (value === undefined) value = giver.value;
      else state.buffer.push(giver.value);
    }
    return value;
  }

  const states = new WeakMap();
  const stateOf = (channel, name) => states.get(channel) ?? refuse(`${name} takes a channel, not ${nameOf(channel)}`);

  function checkValue(value) {
    if (value === undefined) refuse("a channel carries no undefined; send null");
  }

  async function send(channel, value) {
    const state = stateOf(channel, "send");
    checkValue(value);
    if (trySend(state, value)) return;
    const turn = newTurn();
    takePlace(state.givers, { turn, value });
    if ((await turn.promise).closed) refuseClosed();
  }

  async function receive(channel) {
    const state = stateOf(channel, "receive"), value = tryReceive(state);
    if (value !== undefined || state.closed) return value;
    const turn = newTurn();
    takePlace(state.takers, { turn });
    return (await turn.promise).value;
  }

  class Channel {
    send(value) { return track(send(this, value)); }
    receive() { return track(receive(this)); }
    len() { return stateOf(this, "len").buffer.size; }
    closed() { return stateOf(this, "closed").closed; }

    close() {
      const state = stateOf(this, "close");
      state.closed = true;
      endAll(state.takers, {});
      endAll(state.givers, { closed: true });
    }

    [Symbol.asyncIterator]() {
      return {
        next: async () => {
          const value = await receive(this);
          return { value, done: value === undefined };
        },
        [Symbol.asyncIterator]() { return this; },
      };
    }
  }
  freeze(Channel.prototype);

  function make(capacity = 0) {
    expectNumber(capacity, "channel.new", 0);
    const made = freeze(new Channel());
    guestObjects.set(made, "channel");
    states.set(made, { capacity, closed: false, buffer: new Queue(), takers: new Queue(), givers: new Queue() });
    return made;
  }

  function casesOf(list) {
    expect(isArray(list), "select", "a list of channels", list);
    if (list.length === 0) refuse("select takes a list of channels, or [channel, value] to send; there is none");
    return list.map((each, index) => {
      const isSend = isArray(each), channel = isSend ? each[0] : each;
      if (isSend) checkValue(each[1]);
      return { index, channel, state: stateOf(channel, "select"), send: isSend, value: isSend ? each[1] : undefined };
    });
  }

  const outcome = ({ index, channel, send: isSend }, value, isOpen) => ({ index, channel, value, closed: !isSend && !isOpen });

  function tryCase(each) {
    if (each.send) return trySend(each.state, each.value) ? outcome(each) : undefined;
    const value = tryReceive(each.state);
    return value !== undefined || each.state.closed ? outcome(each, value, value !== undefined) : undefined;
  }

  const lateAfter = seconds => new SpellError(`no channel was ready within ${seconds} seconds`, { kind: "timeout", data: { seconds } });

  // Waits for the first channel that is ready, the first in the list where several are.
  async function select(list, options) {
    const cases = casesOf(list), seconds = optionsOf(options, "select", ["timeout"]).timeout;
    if (seconds != null) checkSeconds(seconds, "select");
    for (const each of cases) {
      const found = tryCase(each);
      if (found !== undefined) return found;
    }
    const late = seconds == null ? undefined : lateAfter(seconds);   // made at the line that waits
    if (seconds === 0) throw late;
    const turn = newTurn();
    for (const each of cases) takePlace(each.send ? each.state.givers : each.state.takers, { turn, value: each.value, each });
    const timer = seconds == null ? undefined : setTimeout(() => {
      turn.over = true;
      turn.reject(late);
    }, seconds * 1000);
    const { place, value, open: isOpen, closed } = await turn.promise;
    if (timer !== undefined) clearTimer(timer);
    if (closed) refuseClosed();
    return outcome(place.each, value, isOpen);
  }

  return { channel: { new: make, select: (list, options) => track(select(list, options)) } };
})()
