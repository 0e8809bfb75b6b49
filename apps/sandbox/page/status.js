import { EventEmitter } from "./emitter.js";
import { BaseModel } from "./model.js";

class StreamModel extends BaseModel {
  markAvailable() {
    this.set("available", true);
  }

  markUnavailable() {
    this.set("available", false);
  }
}

class NetworkStatusModel extends BaseModel {
  async checkOnline() {
    return this.get("online");
  }
}

export class CmdImpl extends EventEmitter {
  isMainLoaded = false;

  mainLoaded() {
    this.isMainLoaded = true;
    this.trigger("main_loaded");
  }

  /** The user asks for a new QR. */
  refreshQR() {
    this.trigger("refresh_qr");
  }
}

/** The user-visible states of the connection; wa-js reads them and listens to their changes. */
export function createStatus() {
  return {
    Conn: new BaseModel({ ref: undefined, connected: false, platform: "android", pushname: "Sandbox" }),
    Stream: new StreamModel({ mode: "SYNCING", info: "OPENING", needsUpdate: false, available: false }),
    Socket: new BaseModel({ state: "OPENING", stream: "DISCONNECTED" }),
    NetworkStatus: new NetworkStatusModel({ online: false }),
    Cmd: new CmdImpl(),
    BackendEventBus: new EventEmitter(),
  };
}
