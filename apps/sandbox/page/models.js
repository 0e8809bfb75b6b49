import { BaseCollection } from "./collection.js";
import { BaseModel } from "./model.js";

/** ack of a message: below 0 it failed, 0 it is still here, 1 WhatsApp has it, 2 the phone has it, 3 it was read. */
export const ACK = { FAILED: -1, CLOCK: 0, SENT: 1, RECEIVED: 2, READ: 3, PLAYED: 4 };

export class MsgModel extends BaseModel {
  /** An ack only goes up, except to say that a message that is still here has failed. */
  updateAck(ack) {
    const present = this.attributes.ack ?? ACK.CLOCK;
    if (ack > present || (ack < 0 && present === ACK.CLOCK)) this.set("ack", ack);
  }

  /** What WhatsApp knows of the file; its bytes once they were fetched. */
  get mediaData() {
    if (this.attributes?.fileId === undefined) return undefined;
    this.media ??= { mimetype: this.attributes.mimetype, size: this.attributes.size, mediaBlob: undefined };
    return this.media;
  }

  async downloadMedia() {
    const answer = await fetch(`/files/${this.attributes.fileId}`);
    if (!answer.ok) return;
    const blob = await answer.blob();
    this.mediaData.mediaBlob = { forceToBlob: () => blob };
  }

  msgContextInfo() {
    return {};
  }
}
MsgModel.prototype.proxyName = "msg";

export class ChatModel extends BaseModel {
  msgs = new ChatMsgsCollection();
  presence = { subscribe: async () => undefined };

  get isNewsletter() {
    return this.attributes?.id.isNewsletter();
  }
}
ChatModel.prototype.proxyName = "chat";

export class ContactModel extends BaseModel {}
ContactModel.prototype.proxyName = "contact";

export class MsgCollection extends BaseCollection {
  modelClass = MsgModel;

  async processMultipleMessages(_chatId, messages) {
    return messages.map((message) => this.add(new MsgModel(message)));
  }
}

export class ChatMsgsCollection extends BaseCollection {
  modelClass = MsgModel;
  /** Set while messages are being read from disk. */
  loadAroundPromise = undefined;
}

export class ChatCollection extends BaseCollection {
  modelClass = ChatModel;
}

export class ContactCollection extends BaseCollection {
  modelClass = ContactModel;
}

export class MsgInfoCollection extends BaseCollection {}

export class GroupMetadataCollection extends BaseCollection {}
