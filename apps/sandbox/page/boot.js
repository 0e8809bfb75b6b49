import { Database } from "./database.js";
import { Inbox } from "./inbox.js";
import { createKeys } from "./keys.js";
import { Lids } from "./lids.js";
import { Line } from "./line.js";
import { install } from "./loader.js";
import { defineAccount } from "./modules/account.js";
import { defineChats } from "./modules/chats.js";
import { defineConnection } from "./modules/connection.js";
import { defineFoundation } from "./modules/foundation.js";
import { defineMedia } from "./modules/media.js";
import { defineMessages } from "./modules/messages.js";
import { MsgKey } from "./msg-key.js";
import { Outbox } from "./outbox.js";
import { showStatus } from "./screen.js";
import { Session } from "./session.js";
import { createStatus } from "./status.js";
import { Stores } from "./stores.js";
import { Wid } from "./wid.js";

/** wa-js asks for it and calls some functions in the way of this version. */
const version = "2.3000.1044500000";

/** Keeps the only thread busy: the page answers nobody. */
function hang(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function frameHandlers({ status, session, outbox, inbox }) {
  return {
    qr: ({ ref }) => session.showRef(ref),
    linked: (frame) => session.linked(frame),
    accepted: (frame) => session.accepted(frame),
    settings: ({ lidChats }) => {
      session.lidChats = lidChats;
    },
    sent: (frame) => {
      const key = new MsgKey({ fromMe: true, remote: new Wid(frame.to), id: frame.id });
      return outbox.answered(frame, key);
    },
    receipt: (frame) => inbox.receipt(frame),
    message: (frame) => inbox.message(frame),
    event: ({ name, args }) => status.BackendEventBus.trigger(name, ...args),
    logged_out: ({ reason }) => session.loggedOut(reason),
    conflict: () => session.conflict(),
    hang: ({ ms }) => hang(ms),
  };
}

async function boot() {
  const status = createStatus();
  const keys = createKeys();
  showStatus(status, keys);
  const database = await Database.open();
  const stores = new Stores(database);
  const lids = new Lids();
  const line = new Line(`${location.origin.replace("http", "ws")}/network`, {
    opened: () => session.opened(),
    frame: (frame) => handlers[frame.t](frame),
    lost: () => session.lost(),
  });
  const outbox = new Outbox(database, stores, line);
  const session = new Session({ status, database, stores, outbox, lids, keys, line });
  const inbox = new Inbox({ database, stores, outbox, lids, session, line });
  const handlers = frameHandlers({ status, session, outbox, inbox });

  defineFoundation(version);
  defineAccount({ session, keys, line });
  defineConnection({ status, session, line });
  defineChats({ stores, lids, line, session });
  defineMessages({ outbox, inbox, line });
  defineMedia({ outbox });
  await session.restore();
  install(version);
  line.connect();
}

await boot();
