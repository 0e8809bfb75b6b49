import { Wid } from "./wid.js";

/** Which LID stands for which number, as far as this page has been told. */
export class Lids {
  #toPhone = new Map();
  #toLid = new Map();

  learn(phone, lid) {
    this.#toPhone.set(`${lid}@lid`, new Wid(`${phone}@c.us`));
    this.#toLid.set(`${phone}@c.us`, new Wid(`${lid}@lid`));
  }

  phoneOf(lidWid) {
    return this.#toPhone.get(String(lidWid));
  }

  lidOf(phoneWid) {
    return this.#toLid.get(String(phoneWid));
  }

  /** The other name of the same account, or undefined. */
  other(wid) {
    return this.phoneOf(wid) ?? this.lidOf(wid);
  }

  all() {
    return [...this.#toLid.values()];
  }
}
