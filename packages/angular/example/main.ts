import { Component, inject, provideZonelessChangeDetection, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import {
  PregoneroService,
  providePregonero,
  WhatsAppRealtimeService,
  type WebSocketConnectionState,
} from "@pregonero/angular";

/** What an app would have in its environment: `#{"baseUrl": "https://…", "token": "…"}` in the address. */
const config = JSON.parse(decodeURIComponent(location.hash.slice(1))) as { baseUrl: string; token: string };

@Component({
  selector: "crm-root",
  template: `
    <p>
      Connection: <output id="state">{{ state() }}</output>
    </p>
    <ul id="conversations">
      @for (conversation of conversations(); track conversation.id) {
        <li>{{ conversation.phone }}</li>
      }
    </ul>
    <ol id="events">
      @for (event of events(); track $index) {
        <li>{{ event }}</li>
      }
    </ol>
  `,
})
class CrmComponent {
  readonly #realtime = inject(WhatsAppRealtimeService);
  readonly #pregonero = inject(PregoneroService);
  readonly state = signal<WebSocketConnectionState>("disconnected");
  readonly conversations = signal<readonly { id: string; phone: string }[]>([]);
  readonly events = signal<readonly string[]>([]);

  constructor() {
    this.#realtime.connect().subscribe((state) => this.state.set(state));
    this.#realtime.onMessage("bot_status_changed").subscribe(({ botStatus }) => {
      const said = `bot of ${botStatus.device_id} ${botStatus.enabled ? "on" : "off"}`;
      this.events.update((before) => [...before, said]);
    });
    this.#realtime.onMessage("conversation_updated").subscribe(() => this.#read());
    this.#realtime.onGap().subscribe(() => this.#read());
    this.#read();
  }

  #read(): void {
    this.#pregonero.conversations.list().subscribe((page) => this.conversations.set(page.items));
  }
}

bootstrapApplication(CrmComponent, {
  providers: [provideZonelessChangeDetection(), providePregonero({ ...config, pollMs: 500 })],
}).catch((error: unknown) => {
  document.body.append(String(error));
});
