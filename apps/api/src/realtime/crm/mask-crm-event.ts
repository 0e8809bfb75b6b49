import type { CrmEvent } from "@pregonero/contracts";
import { maskPhone } from "@pregonero/runtime";

/** An event as viewers see it: phone numbers masked, and no QR, with which anybody could link the number. */
export function maskCrmEvent(event: CrmEvent): CrmEvent {
  switch (event.type) {
    case "new_message": {
      const { conversation } = event.data;
      return { ...event, data: { ...event.data, conversation: masked(conversation) } };
    }
    case "conversation_updated":
      return { ...event, data: { conversation: masked(event.data.conversation) } };
    case "whatsapp_status_changed": {
      const { whatsappState: state } = event.data;
      const phone = state.phone === null ? null : maskPhone(state.phone);
      return { ...event, data: { whatsappState: { ...state, phone, qr: null } } };
    }
    case "bulk_message_progress": {
      const { progress } = event.data;
      const { currentConversation: phone } = progress;
      const currentConversation = phone === null ? null : maskPhone(phone);
      return { ...event, data: { ...event.data, progress: { ...progress, currentConversation } } };
    }
    case "message_status_updated":
    case "stats_updated":
    case "bot_status_changed":
    case "bulk_message_completed":
    case "bulk_message_error":
      return event;
  }
}

function masked<T extends { readonly phone: string }>(conversation: T): T {
  return { ...conversation, phone: maskPhone(conversation.phone) };
}
