import { Wid } from "./wid.js";

const randomHex = (bytes) =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

/** Names one message: `true_34600123456@c.us_3EB0…` is one's own in that chat, `false_…` is somebody else's. */
export class MsgKey {
  constructor(parts) {
    // wa-js finds this class by the text of this error.
    if (!parts) throw new Error("MsgKey error: obj is null/undefined");
    this.fromMe = parts.fromMe ?? parts.selfDir === "out";
    this.remote = parts.remote ?? (this.fromMe ? parts.to : parts.from);
    this.id = parts.id;
    if (parts.participant) this.participant = parts.participant;
    const tail = this.participant ? `_${this.participant}` : "";
    this._serialized = `${this.fromMe}_${this.remote}_${this.id}${tail}`;
  }

  /** @throws Error when the text is no message key */
  static fromString(text) {
    const [fromMe, remote, id, participant] = String(text).split("_");
    if (id === undefined || (fromMe !== "true" && fromMe !== "false")) {
      throw new Error(`MsgKey error: not a message key: ${text}`);
    }
    const parts = { fromMe: fromMe === "true", remote: new Wid(remote), id };
    return new MsgKey(participant === undefined ? parts : { ...parts, participant: new Wid(participant) });
  }

  static async newId() {
    return `3EB0${randomHex(9).toUpperCase()}`;
  }

  equals(other) {
    return this.toString() === String(other);
  }

  clone() {
    return new MsgKey(this);
  }

  toString() {
    return this._serialized;
  }
}
