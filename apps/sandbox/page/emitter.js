/** Events as WhatsApp Web's own emitter does them: several names at once, a context, `all` for every event. */
export class EventEmitter {
  #listeners = new Map();

  on(names, listener, context) {
    if (typeof listener !== "function") throw new TypeError("Callback parameter passed is not a function");
    for (const name of names.split(" ")) {
      const listeners = this.#listeners.get(name) ?? [];
      this.#listeners.set(name, [...listeners, { listener, context }]);
    }
    return this;
  }

  once(names, listener, context) {
    const once = (...args) => {
      this.off(names, once);
      listener.apply(context ?? this, args);
    };
    return this.on(names, once, context);
  }

  off(names, listener) {
    if (names === undefined) this.#listeners.clear();
    else {
      for (const name of names.split(" ")) {
        const kept = (this.#listeners.get(name) ?? []).filter(
          (entry) => listener && entry.listener !== listener,
        );
        this.#listeners.set(name, kept);
      }
    }
    return this;
  }

  trigger(name, ...args) {
    for (const { listener, context } of this.#listeners.get(name) ?? [])
      listener.apply(context ?? this, args);
    for (const { listener, context } of this.#listeners.get("all") ?? []) {
      listener.apply(context ?? this, [name, ...args]);
    }
    return this;
  }

  emit(name, ...args) {
    return this.trigger(name, ...args);
  }

  listenTo(other, names, listener) {
    other.on(names, listener, this);
    return this;
  }

  removeListener(names, listener) {
    return this.off(names, listener);
  }
}
