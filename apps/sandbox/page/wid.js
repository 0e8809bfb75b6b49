/** WhatsApp's name for an account, a group or a list: `user@server`, for a device `user:3@server`. */
export class Wid {
  constructor(id) {
    const [left = "", server] = String(id).split("@");
    const [user = "", device] = left.split(":");
    this.user = user;
    // Not checked, as in WhatsApp: what is no wid becomes one that ends in "@undefined".
    this.server = server;
    if (device !== undefined) this.device = Number(device);
    this._serialized = `${user}@${server}`;
  }

  static isXWid(server, wid) {
    return String(wid).endsWith(`@${server}`);
  }

  static isWid(wid) {
    return /^[^@]+@(c\.us|g\.us|lid|broadcast|newsletter)$/.test(String(wid));
  }

  static equals(a, b) {
    return String(a) === String(b);
  }

  static isUser(wid) {
    return new Wid(wid).isUser();
  }

  static isGroup(wid) {
    return new Wid(wid).isGroup();
  }

  static isLid(wid) {
    return new Wid(wid).isLid();
  }

  equals(other) {
    return this.toString() === String(other);
  }

  isUser() {
    return this.server === "c.us" || this.server === "lid" || this.server === "bot";
  }

  isLid() {
    return this.server === "lid";
  }

  isGroup() {
    return this.server === "g.us";
  }

  isBroadcast() {
    return this.server === "broadcast" && !this.isStatusV3();
  }

  isStatusV3() {
    return this._serialized === "status@broadcast";
  }

  isStatus() {
    return this.isStatusV3();
  }

  isNewsletter() {
    return this.server === "newsletter";
  }

  isBot() {
    return this.server === "bot";
  }

  isPSA() {
    return this._serialized === "0@c.us";
  }

  isServer() {
    return this._serialized === "server@c.us";
  }

  isCompanion() {
    return this.device !== undefined && this.device !== 0;
  }

  isSameAccount(other) {
    return this.user === other?.user && this.server === other?.server;
  }

  toString() {
    return this._serialized;
  }

  toJid() {
    return this._serialized.replace("@c.us", "@s.whatsapp.net");
  }

  toJSON() {
    return this._serialized;
  }
}

const isWidlike = (value) => value instanceof Wid;

/** The ways in which WhatsApp's code makes wids. */
export const WidFactory = {
  createWid: (id) => new Wid(id),
  createUserWid: (user, server = "c.us") => new Wid(`${String(user).split("@")[0]}@${server}`),
  createUserWidOrThrow: (user, server) => WidFactory.createUserWid(user, server),
  createWidFromWidLike: (id) => (isWidlike(id) ? id : new Wid(id._serialized ?? id)),
  createDeviceWid: (id) => new Wid(id),
  isWidlike,
  toUserWid: (wid) => wid,
  toUserWidOrThrow: (wid) => wid,
  toChatWid: (wid) => wid,
};
