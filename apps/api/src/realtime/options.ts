export interface RealtimeOptions {
  /** Origins of browsers that may connect, besides the server's own. Requests without an Origin are not browsers. */
  readonly allowedOrigins: readonly string[];
  /** Each watched job is read again so often, ms. */
  readonly pollMs: number;
  /** How long an event may be late before it counts as lost, ms. */
  readonly lateMs: number;
  /** What was counted and of which no event comes for so long is told as lost, ms. */
  readonly lostAfterMs: number;
  /** A connection without credentials must authenticate within so many ms. */
  readonly authMs: number;
  readonly heartbeatMs: number;
  /** Credentials of an open connection are checked again about so often, ms: they may have expired or been revoked. */
  readonly recheckMs: number;
  /** Largest frame that a client may send, bytes. */
  readonly maxFrameBytes: number;
  /** Frames that a client may send: so many a second in the long run, `inboundBurst` at once. */
  readonly inboundPerSecond: number;
  readonly inboundBurst: number;
  readonly maxSubscriptions: number;
  /** Of this process. */
  readonly maxConnections: number;
  readonly maxConnectionsPerTenant: number;
  /** With so many bytes waiting for the client, progress is conflated … */
  readonly conflateAboveBytes: number;
  /** … and with so many it is sent away to connect again. */
  readonly closeAboveBytes: number;
  /** Frames of at least so many bytes are compressed for clients that offer it; 0 compresses none. */
  readonly compressAboveBytes: number;
  /** How long clients get to say goodbye when the server stops, ms. */
  readonly byeMs: number;
}

export const defaultRealtimeOptions: RealtimeOptions = {
  allowedOrigins: [],
  pollMs: 2_000,
  lateMs: 1_000,
  lostAfterMs: 5_000,
  authMs: 10_000,
  heartbeatMs: 30_000,
  recheckMs: 5 * 60_000,
  maxFrameBytes: 64 * 1024,
  inboundPerSecond: 50,
  inboundBurst: 100,
  maxSubscriptions: 1_000,
  maxConnections: 20_000,
  maxConnectionsPerTenant: 5_000,
  conflateAboveBytes: 1024 * 1024,
  closeAboveBytes: 4 * 1024 * 1024,
  compressAboveBytes: 0,
  byeMs: 2_000,
};
