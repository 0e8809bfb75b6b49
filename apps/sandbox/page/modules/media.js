import { define } from "../loader.js";

/** A file in memory, as WhatsApp hands it around. */
class OpaqueData {
  constructor(blob, type) {
    this.blob = blob;
    this.mimetype = type;
  }

  static async createFromData(blob, type = blob.type) {
    return new OpaqueData(blob, type);
  }

  type() {
    return this.mimetype;
  }

  size() {
    return this.blob.size;
  }

  forceToBlob() {
    return this.blob;
  }
}

const typeOf = (mimetype) => (/^(image|video|audio)\//.exec(mimetype) ?? [])[1] ?? "document";

/** A file on its way to a chat: uploaded first, then sent by the id that it got. */
class MediaPrep {
  constructor(type, data, outbox) {
    this.type = type;
    this.data = data;
    this.mediaData = { type, mimetype: data.type(), size: data.size() };
    this.outbox = outbox;
  }

  async waitForPrep() {
    return this.mediaData;
  }

  async sendToChat({ chat, options }) {
    const { productMsgOptions, caption } = options;
    const { mimetype, size } = this.mediaData;
    const filename = encodeURIComponent(productMsgOptions.filename ?? "");
    const upload = await fetch(`/files?filename=${filename}`, {
      method: "POST",
      headers: { "content-type": mimetype },
      body: this.data.forceToBlob(),
    });
    const { id: fileId } = await upload.json();
    const [accepted, result] = this.outbox.add(chat, {
      ...productMsgOptions,
      type: this.type,
      mimetype,
      size,
      fileId,
      caption,
    });
    await accepted;
    return result;
  }
}

/** Images and documents. */
export function defineMedia({ outbox }) {
  define("WAWebMediaOpaqueData", { default: OpaqueData });
  define("WAWebMediaPrep", {
    MediaPrep,
    uploadProductImage: async () => undefined,
    prepRawMedia: (data, { asDocument }) =>
      new MediaPrep(asDocument ? "document" : typeOf(data.type()), data, outbox),
  });
}
