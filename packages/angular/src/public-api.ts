export { PREGONERO_CLIENT, providePregonero, type PregoneroConfig } from "./provide-pregonero";
export { PregoneroService } from "./pregonero.service";
export type { Observed } from "./observed";
export {
  WhatsAppRealtimeService,
  type OutgoingMessage,
  type WebSocketConnectionState,
} from "./whatsapp-realtime.service";
