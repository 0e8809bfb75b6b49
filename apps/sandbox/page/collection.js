import { EventEmitter } from "./emitter.js";
import { BaseModel } from "./model.js";

/** Models by id, in the order in which they came. What happens to a model is told here too. */
export class BaseCollection extends EventEmitter {
  #models = new Map();

  get length() {
    return this.#models.size;
  }

  /** The model that is in the collection afterwards: the known one when the id is known. */
  add(model) {
    const id = String(model.id);
    const known = this.#models.get(id);
    if (known !== undefined) return known;
    this.#models.set(id, model);
    model.collections.add(this);
    this.trigger("add", model, this);
    return model;
  }

  /** @param {string | { toString(): string } | BaseModel} id the id itself, or a model that has it */
  get(id) {
    return this.#models.get(`${id instanceof BaseModel ? id.id : id}`);
  }

  remove(model) {
    if (!this.#models.delete(String(model.id))) return;
    model.collections.delete(this);
    this.trigger("remove", model, this);
  }

  reset() {
    for (const model of this.#models.values()) model.collections.delete(this);
    this.#models.clear();
    this.trigger("reset", this);
  }

  /** The oldest, or undefined. */
  head() {
    return this.#models.values().next().value;
  }

  toArray() {
    return [...this.#models.values()];
  }

  getModelsArray() {
    return this.toArray();
  }

  map(fn) {
    return this.toArray().map(fn);
  }

  filter(fn) {
    return this.toArray().filter(fn);
  }

  forEach(fn) {
    this.toArray().forEach(fn);
  }

  some(fn) {
    return this.toArray().some(fn);
  }

  /** Resolves with what is known; nothing is asked of the network. */
  async find(id) {
    return this.get(id) ?? null;
  }
}
