import { BaseCollection } from "../collection.js";
import { EventEmitter } from "../emitter.js";
import { define } from "../loader.js";
import { BaseModel } from "../model.js";
import { MsgKey } from "../msg-key.js";
import { Wid, WidFactory } from "../wid.js";

/** The classes that everything else is made of, and the clock. */
export function defineFoundation(version) {
  define("WAWebEventEmitter", { default: EventEmitter });
  define("WAWebBaseModel", { BaseModel, defineModel: (model) => model });
  define("WAWebBaseCollection", { BaseCollection });
  define("WAWebWid", { default: Wid });
  define("WAWebWidFactory", WidFactory);
  define("WAWebMsgKey", { default: MsgKey });
  define("WATimeUtils", { unixTime: () => Math.floor(Date.now() / 1000), unixTimeMs: () => Date.now() });
  define("WAWebBuildConstants", { SANITIZED_VERSION_STR: version, VERSION_STR: version });
}
