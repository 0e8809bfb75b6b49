import { InjectionToken, makeEnvironmentProviders, type EnvironmentProviders } from "@angular/core";
import { PregoneroClient, type TokenSource } from "@pregonero/client";

export interface PregoneroConfig {
  /** Where the API is. */
  readonly baseUrl: string;
  /** An API key or JWT, or a function that gives the present one: it is asked again before each call and connection. */
  readonly token?: TokenSource;
  /** How often what happens is asked for while no WebSocket can be had, ms. 2,000 by default. */
  readonly pollMs?: number;
}

/** The client behind the services, for what they do not cover. */
export const PREGONERO_CLIENT = new InjectionToken<PregoneroClient>("PREGONERO_CLIENT");

/** For `bootstrapApplication` or the providers of a route. */
export function providePregonero(config: PregoneroConfig): EnvironmentProviders {
  return makeEnvironmentProviders([
    { provide: PREGONERO_CLIENT, useFactory: () => new PregoneroClient(config) },
  ]);
}
