import { EventEmitter } from "./emitter.js";

/** Makes `model.name` read and write the attribute. Made when an attribute is first seen, once for each class. */
function ensureAccessor(prototype, name) {
  if (name in prototype) return;
  Object.defineProperty(prototype, name, {
    configurable: true,
    get() {
      return this.attributes?.[name];
    },
    set(value) {
      this.set(name, value);
    },
  });
}

/** A bag of attributes that tells of each change: `change:name` with the model and the new value. */
export class BaseModel extends EventEmitter {
  attributes = {};
  /** Collections that hold this model; they pass its events on. */
  collections = new Set();

  constructor(attributes = {}) {
    super();
    this.set(attributes, undefined, { silent: true });
  }

  set(nameOrAttributes, value, options = {}) {
    const changes = typeof nameOrAttributes === "string" ? { [nameOrAttributes]: value } : nameOrAttributes;
    for (const [name, next] of Object.entries(changes)) this.#setOne(name, next, options.silent === true);
    return this;
  }

  get(name) {
    return this.attributes[name];
  }

  unset(name) {
    return this.set(name, undefined);
  }

  trigger(name, ...args) {
    super.trigger(name, ...args);
    for (const collection of this.collections) collection.trigger(name, ...args);
    return this;
  }

  toJSON() {
    return { ...this.attributes };
  }

  #setOne(name, next, silent) {
    ensureAccessor(Object.getPrototypeOf(this), name);
    const previous = this.attributes[name];
    if (previous === next) return;
    this.attributes[name] = next;
    if (!silent) this.trigger(`change:${name}`, this, next, previous);
  }
}
