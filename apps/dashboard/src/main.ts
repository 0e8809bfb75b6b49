import { bootstrapApplication } from "@angular/platform-browser";
import { App } from "./app/app.ts";
import { appConfig } from "./app/app.config.ts";

// A failure to start is all that can be said without the app.
bootstrapApplication(App, appConfig).catch((error: unknown) => {
  document.body.textContent = `Pregonero: ${String(error)}`;
});
