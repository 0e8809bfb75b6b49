/*
 * The part of `window.WPP` (wa-js 4.6) that is used, as small as it can be. What WhatsApp hands out are live models
 * of its own: they never leave the page, only strings and numbers made from them do.
 */

export interface Wid {
  readonly user: string;
  readonly server: string;
  toString(): string;
}

export interface MsgKey {
  /** The bare id, such as `3EB0…`. */
  readonly id: string;
  readonly fromMe: boolean;
  readonly remote: Wid;
  toString(): string;
}

export interface MsgModel {
  readonly id: MsgKey;
  readonly ack: number;
  readonly type: string;
  readonly body?: string;
  readonly caption?: string;
  readonly mimetype?: string;
  readonly filename?: string;
  readonly size?: number;
  readonly notifyName?: string;
  /** Unix time in seconds. */
  readonly t: number;
}

export interface Wpp {
  readonly isFullReady: boolean;
  on(event: string, listener: (...args: never[]) => void): void;
  readonly loader: { onInjected(listener: () => void): void };
  readonly conn: {
    isAuthenticated(): boolean;
    getMyUserId(): Wid | undefined;
    isIdle(): boolean;
    getStreamData(): { readonly mode?: string; readonly info?: string };
    getAuthCode(): Promise<{ readonly fullCode: string } | null>;
    refreshQR(): Promise<unknown>;
    startLinkDeviceCodeForPhoneNumber(phone: string): Promise<string>;
    logout(): Promise<boolean>;
  };
  readonly chat: {
    get(chatId: string): { readonly id: Wid } | undefined;
    find(chatId: string): Promise<{ readonly id: Wid }>;
    sendTextMessage(
      chatId: string,
      text: string,
      options: {
        readonly messageId: string;
        readonly waitForAck: boolean;
        readonly linkPreview: boolean;
        readonly markIsRead: boolean;
      },
    ): Promise<{ readonly sendMsgResult: { readonly messageSendResult?: string } | string | null }>;
    sendFileMessage(
      chatId: string,
      dataUrl: string,
      options: {
        readonly messageId: string;
        readonly type: string;
        readonly mimetype: string;
        readonly filename?: string;
        readonly caption?: string;
        readonly waveform: boolean;
        readonly waitForAck: boolean;
        readonly markIsRead: boolean;
      },
    ): Promise<{ readonly sendMsgResult: { readonly messageSendResult?: string } | string | null }>;
    downloadMedia(key: string): Promise<Blob>;
    markIsRead(chatId: string): Promise<unknown>;
    getMessageById(key: string): Promise<MsgModel>;
  };
  readonly contact: {
    getPnLidEntry(chatId: string): Promise<{ readonly lid?: { readonly _serialized: string } }>;
  };
  readonly util: { createWid(id: string): Wid | undefined };
  readonly whatsapp: {
    readonly MsgStore: {
      get(key: string): MsgModel | undefined;
      getModelsArray(): readonly MsgModel[];
      on(event: "change:ack", listener: (message: MsgModel, ack: number) => void): void;
    };
    readonly lidPnCache?: { getPhoneNumber(lid: Wid): Wid | null | undefined };
    readonly functions: { readonly queryWidExists?: (wid: Wid) => Promise<{ readonly wid: Wid } | null> };
  };
}
